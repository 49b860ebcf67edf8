"""Columns of a raw table: their types and the meaning of their cells.

`columns`: decides whether a column has numbers or categories, or is not used; `number_reading`: how a column's numbers
are written; `spellings`: texts that mean the same value, missing values included.
"""

"""Columns of a raw table: what they are, and what their cells say.

`columns`: numbers, categories, or nothing to learn from; `number_reading`: how a column's numbers are written;
`spellings`: texts that mean the same value, a missing one included.
"""

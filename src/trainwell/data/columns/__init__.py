"""Columns of a raw table: what they are, and what their cells say.

columns.py: numbers, categories, or nothing to learn from; number_reading.py: how a column's numbers are written;
spellings.py: texts that mean the same value, a missing one included.
"""

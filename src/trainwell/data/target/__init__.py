"""The target.

target.py: which task it sets, its labels or units, and the way back; column.py: the target among a table's columns.
"""

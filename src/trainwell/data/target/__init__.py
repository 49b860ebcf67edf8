"""The target.

`target`: which task it sets, its labels or units, and the way back; `column`: the target among a table's columns.
"""

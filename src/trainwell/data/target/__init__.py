"""The target.

`target`: infers the task, encodes targets and decodes predictions; `column`: reads the target column of a table.
"""

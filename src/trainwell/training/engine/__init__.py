"""The engine: groups of members through one compiled program each.

`population` has members, when they are observed, and groups, `problem` what is minimised, `order` the order of the
data, `program` the compiled chunk with the update rules in it, `compiled` its compilation, inputs and width, `engine`
blocks of members and the threads that train them, `checkpoint` states in files.
"""

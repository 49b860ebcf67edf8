"""The engine: groups of members through one compiled program each.

`population` has members, groups and their compiled programs, `order` the order of the data and when members are
observed, `problem` what is minimised, `program` the compiled chunk with the update rules in it, `engine` blocks of
members and the threads that train them, `checkpoint` states in files.
"""

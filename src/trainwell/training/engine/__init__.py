"""The engine: groups of members through one compiled program each.

`population` has members and groups, `problem` what is minimised, `points` when members are observed, `order` the order
of the data, `program` the compiled chunk, `updates` its rules, `compiled` its compilation and inputs, `block` members
in one call, `engine` the threads, `rungs` who stops early, `layout` how many at once, `checkpoint` states in files.
"""

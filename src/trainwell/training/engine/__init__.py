"""The engine: trains each group of members with one compiled program.

`problem` defines what is minimised, `program` the compiled function, `packing` how it keeps small parameter arrays in
one vector, `population` members and groups, `order` the batches and when members are observed, `engine` the threads
that train, `checkpoint` the files to resume from.
"""

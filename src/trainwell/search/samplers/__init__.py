"""Samplers: `registry` lists the ways to search, by name.

Those of `stateless` draw at random, quasi-randomly or from a grid, each trial on its own.
"""

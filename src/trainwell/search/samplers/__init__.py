"""Samplers: `registry` lists the ways to search, by name.

Those of `stateless` draw at random or quasi-randomly, each trial on its own; `grid` goes through evenly spaced values.
"""

"""Samplers: `registry` lists the ways to search by name; `stateless` draws at random, `grid` and `quasi_random` evenly.

`scale` maps a number's range to the unit interval, on its own scale, and back.
"""

"""Surfaces: a formula, and a factory of the surface from its numbers.

* `surface`: what a surface is, its critical points, and one made of a user's function;
* `bowls_and_saddles`, `valleys`, `many_minima`: the listed ones; `losses`: a random function, a small network's loss;
* `registry`: the listed ones by name; `checks`: of the numbers that surfaces, descents and searches are given.
"""

"""Surfaces: test functions on which optimizers descend.

* `surface`: the class of surfaces, and surfaces made of a user's function;
* `bowls_and_saddles`, `valleys`, `many_minima`: the built-in surfaces, found by name in `registry`;
* `losses`: random functions, and the loss of a small network;
* `checks`: checks of numbers that users give.
"""

"""Samplers: `registry` has all of them by name; `stateless` has random, quasi-random and grid search."""

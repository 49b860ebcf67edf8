"""Surfaces, one per file: a formula, and a factory of the surface from its numbers."""

"""Descents of many optimizers from many starts, and what became of each."""

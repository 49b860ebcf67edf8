"""Slices of a loss: lines, planes and the path of training in them."""

"""Figures of batch normalization, one per file."""

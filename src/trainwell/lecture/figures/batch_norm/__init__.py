"""Figures of batch normalization."""

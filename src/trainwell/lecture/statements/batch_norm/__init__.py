"""Statements on batch normalization: one per file."""

"""Statements about the preparation of inputs: one per file."""

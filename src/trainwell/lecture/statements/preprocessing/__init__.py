"""Statements on the preparation of inputs: one per file."""

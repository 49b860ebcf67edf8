"""Statements on initial weights: one per file."""

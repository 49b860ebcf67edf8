"""Statements about initial weights: one per file."""

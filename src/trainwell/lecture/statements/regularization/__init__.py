"""Statements on overfitting and what restrains it: one per file."""

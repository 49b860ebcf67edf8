"""Statements on overfitting and what restrains it."""

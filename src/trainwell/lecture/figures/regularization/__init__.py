"""Figures of overfitting, weight decay and dropout, one per file."""

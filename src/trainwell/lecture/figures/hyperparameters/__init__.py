"""Figures of the choice of hyperparameters, one per file."""

"""Figures of the choice of hyperparameters."""

"""Figures of initial weights and activation functions, one per file."""

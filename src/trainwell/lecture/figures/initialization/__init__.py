"""Figures of initial weights and activation functions."""

"""Figures of preprocessing."""

"""Figures of curves to read."""

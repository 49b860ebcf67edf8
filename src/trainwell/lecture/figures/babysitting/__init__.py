"""Figures of curves to read, one per file."""

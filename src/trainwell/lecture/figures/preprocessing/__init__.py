"""Figures of preprocessing, one per file."""

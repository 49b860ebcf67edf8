"""Statements on optimizers and on the shape of losses: one per file."""

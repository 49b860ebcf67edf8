"""Statements on choosing hyperparameters; `response` is the trained and the made-up responses that are searched."""

"""Statements on choosing hyperparameters: one per file; `response` has the responses that are searched."""

"""Statements on initial weights: one per file; `shares` has what two of them measure of every layer."""

"""Races: optimizers on one surface, with tuned learning rates on request."""

"""Figures of overfitting, weight decay and dropout."""

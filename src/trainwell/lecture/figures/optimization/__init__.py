"""Figures of optimizers, schedules and second-order steps, one per file."""

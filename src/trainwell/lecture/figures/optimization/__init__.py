"""Figures of optimizers, schedules and second-order steps."""

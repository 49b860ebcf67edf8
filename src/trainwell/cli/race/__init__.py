"""`trainwell race`: optimizers on a surface."""

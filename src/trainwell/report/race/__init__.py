"""The page of a race on a surface: the paths to be played, curves, ends, tuned rates, the optimizers at a glance."""

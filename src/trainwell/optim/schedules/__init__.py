"""Learning-rate schedules: `shapes` has the built-in ones, `schedule` warm-up and steps, `registry` all by name."""

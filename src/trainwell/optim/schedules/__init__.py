"""Learning-rate schedules: `shapes` has the built-in ones, `schedule` warm-up, `registry` all of them by name."""

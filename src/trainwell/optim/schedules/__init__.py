"""Learning-rate schedules: `shapes` the lecture's, `schedule` what they are, warm-up and steps, `registry` by name."""

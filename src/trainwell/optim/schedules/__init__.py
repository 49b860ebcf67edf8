"""Learning-rate schedules: factors over time in epochs, evaluated on the host in float64."""

"""Populations to sum up and to draw."""

from reference.populations import population as population, two as two

"""Critical points of surfaces: found, classified, counted, and their share of minima against dimension and size."""

"""The page of a network's curvature: numbers, spectrum, the loss along directions and in a plane."""

"""Loss, curvature and eigenvalues of trained networks."""

"""Curvature of any loss: Hessian products, spectra, traces, kinds of critical points, Taylor models."""

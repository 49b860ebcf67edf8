"""Curvatures that were never measured: their eigenvalues are given."""

import numpy as np

from trainwell.landscape import LossAlong, NetworkCurvature, Slice, Spectrum
from trainwell.landscape.networks.curvature import HessianTrace
from trainwell.landscape.networks.eigenvalues import eigenvalue_density
from trainwell.nn import Network


def along(curvature, slope=-0.1):
    t = np.linspace(-1, 1, 5)
    first = 2 + slope * t
    return LossAlong(
        t, first + curvature * t**2 / 2 + t**4, first, first + curvature * t**2 / 2, slope, curvature, None
    )


def curvature(values=None, activation="relu"):
    """By hand: 5 eigenvalues that are known, or a quadrature of 1,000 with two probes."""
    if values is None:
        nodes, weights = np.array([[-0.5, 0.0, 4.0]] * 2), np.array([[0.1, 0.8, 0.1], [0.2, 0.7, 0.1]])
        spectrum = Spectrum(1000, None, nodes, weights, -0.5, 4.0, 1e-9, 0.01, None, None, 1e-4, 1e-3)
        trace = HessianTrace(10.0, 9.0, 11.0)
    else:
        values = np.array(values)
        nodes, weights = values[None], np.full((1, len(values)), 1 / len(values))
        spectrum = Spectrum(
            len(values), values, nodes, weights, values[0], values[-1], 0.0, 0.0, None, None, abs(values).min(), 1e-3
        )
        trace = HessianTrace(*[values.sum()] * 3)
    axis = np.linspace(-1, 1, 3)
    plane = Slice((axis, axis), np.arange(9.0).reshape(3, 3), 4.0, np.ones(2), np.zeros((0, 2)), np.zeros(0))
    density = eigenvalue_density(nodes, weights)
    ends = along(spectrum.largest), along(spectrum.smallest)
    return NetworkCurvature(Network((2, 3, 1), activation), 300, 2.0, 1.5, 0.25, spectrum, trace, density, *ends, plane)

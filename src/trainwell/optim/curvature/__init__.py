"""Curvature of any loss: Hessian products, spectra, traces, kinds of critical points, Taylor models."""

from trainwell.optim.curvature.classification import KINDS, Kind, KindName, Kinds, classify, classify_all
from trainwell.optim.curvature.condition import condition_number
from trainwell.optim.curvature.density import Density, spectral_density
from trainwell.optim.curvature.extremes import Extremes, extreme_eigenvalues
from trainwell.optim.curvature.flat import Flat, flatten
from trainwell.optim.curvature.hessian import hessian
from trainwell.optim.curvature.hessian_trace import TraceEstimate, hessian_trace
from trainwell.optim.curvature.lanczos import Lanczos, lanczos
from trainwell.optim.curvature.mean_over import mean_over
from trainwell.optim.curvature.product import Loss, hessian_product
from trainwell.optim.curvature.quadrature import Quadrature, spectral_quadrature
from trainwell.optim.curvature.taylor import Taylor, taylor

__all__ = [
    "KINDS",
    "Density",
    "Extremes",
    "Flat",
    "Kind",
    "KindName",
    "Kinds",
    "Lanczos",
    "Loss",
    "Quadrature",
    "Taylor",
    "TraceEstimate",
    "classify",
    "classify_all",
    "condition_number",
    "extreme_eigenvalues",
    "flatten",
    "hessian",
    "hessian_product",
    "hessian_trace",
    "lanczos",
    "mean_over",
    "spectral_density",
    "spectral_quadrature",
    "taylor",
]

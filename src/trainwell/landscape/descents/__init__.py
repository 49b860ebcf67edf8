"""Descents: paths of optimizers on surfaces.

* `problem`: a surface as the engine's problem, and what is measured during a descent;
* `run`: `descend`, which runs descents of many optimizers from many starts;
* `result`: `Descents`, and how each ended: converged, stuck, still running, escaped or diverged.
"""

"""Descents of many optimizers from many starts.

* `problem`: a surface as the engine's problem, and what is measured on the way;
* `run`: `descend`, its contenders and its starts;
* `result`: `Descents`, and how each ended: converged, stuck, still running, escaped or diverged.
"""

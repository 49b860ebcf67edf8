"""Second-order methods: Newton's in three forms, BFGS and L-BFGS. They want the loss as a function: `value_fn`."""

from trainwell.optim.second_order.bfgs import bfgs
from trainwell.optim.second_order.lbfgs import lbfgs
from trainwell.optim.second_order.line_search import Searched
from trainwell.optim.second_order.newton import newton
from trainwell.optim.second_order.newton_damped import newton_damped
from trainwell.optim.second_order.newton_saddle_free import newton_saddle_free

__all__ = ["Searched", "bfgs", "lbfgs", "newton", "newton_damped", "newton_saddle_free"]

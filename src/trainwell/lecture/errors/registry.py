"""The ten errors of the documents, by number."""

from collections.abc import Mapping

from trainwell.lecture.errors.curvature import condition_below_one, rank_of_bfgs, saddles
from trainwell.lecture.errors.error import DocumentError
from trainwell.lecture.errors.networks import dropped_ratio, words_that_mislead
from trainwell.lecture.errors.rules import (
    adding_average,
    adding_step,
    no_rate_at_zero,
    uncorrected_moments,
    where_eps_stands,
)

_ALL = (
    DocumentError(
        1,
        "RMSProp that adds",
        "One RMSProp listing adds the moving average of squares to the old value (+=).",
        "The new average must replace the old one.",
        adding_average,
    ),
    DocumentError(
        2, "AdaGrad that climbs", "One AdaGrad formula adds the step.", "It must be subtracted.", adding_step
    ),
    DocumentError(
        3,
        "Adam without its correction",
        "One Adam listing computes the corrected moments, then updates with the uncorrected ones, and never counts "
        "steps.",
        "The corrected moments are used, and t grows by one with every update.",
        uncorrected_moments,
    ),
    DocumentError(
        4,
        "Dropout in testing",
        "In testing, dropout multiplies by the dropped ratio.",
        "It must be the kept ratio.",
        dropped_ratio,
    ),
    DocumentError(
        5,
        "The condition number",
        "The condition number is given as smallest over largest singular value.",
        "It is largest over smallest.",
        condition_below_one,
    ),
    DocumentError(6, "The rank of BFGS's update", "BFGS is called a rank-1 update.", "It is of rank 2.", rank_of_bfgs),
    DocumentError(
        7,
        "Misleading words",
        "Gradient descent on batches is called statistical; batch normalization has one parameter, scale (shift), and "
        "outputs between 0 and 1; Adam corrects the bias of hyperparameters.",
        "It is stochastic; scale and shift are two parameters, and the output has mean 0 and variance 1; Adam corrects "
        "the bias of moments.",
        words_that_mislead,
    ),
    DocumentError(
        8,
        "Saddles",
        "One text calls saddles both no problem and the real problem in high dimension, and says that not all "
        "directions have zero gradient at a saddle.",
        "All directions have, and the curvature has both signs. Saddles are common only among critical points.",
        saddles,
    ),
    DocumentError(
        9,
        "The position of ε",
        "The documents add ε in different positions.",
        "Here it is outside the square root and, in the book's Adam, outside the bias correction that is folded into "
        "the rate.",
        where_eps_stands,
    ),
    DocumentError(
        10,
        "A schedule without a beginning",
        "The schedule η₀/√t has no value at t = 0.",
        "Count t from 1.",
        no_rate_at_zero,
    ),
)
DOCUMENT_ERRORS: Mapping[int, DocumentError] = {one.number: one for one in _ALL}
"""Number -> error."""

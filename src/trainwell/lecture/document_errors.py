"""What the documents get wrong, and the right form that is built here."""

from collections.abc import Mapping

DOCUMENT_ERRORS: Mapping[int, str] = {
    1: "One RMSProp listing adds to the moving average of squares (`+=`) where the new average must replace the "
    "old one.",
    2: "One AdaGrad formula adds the step; it must be subtracted.",
    3: "One Adam listing computes the corrected moments, then updates with the uncorrected ones, and never "
    "counts steps.",
    4: "Dropout is said to multiply by the dropped ratio in testing; it must be the kept ratio.",
    5: "The condition number is given as smallest over largest singular value; it is largest over smallest.",
    6: "BFGS is called a rank-1 update; it is of rank 2.",
    7: "Gradient descent on batches is called statistical, and is stochastic; batch normalization's scale and "
    "shift are two parameters, and its output has mean 0 and variance 1 and is not between 0 and 1; Adam "
    "corrects the bias of moments, not of hyperparameters.",
    8: "One text calls saddles both no problem and the real problem in high dimension, and says that not all "
    "directions have zero gradient at a saddle: all have, and the signs of the curvature differ. Saddles are "
    "almost everywhere only among critical points.",
    9: "Where ε stands is not said alike: here it is outside the square root and, in the book's Adam, outside "
    "the bias correction that is folded into the rate.",
    10: "The schedule η₀/√t has no value at t = 0; it is counted from t = 1.",
}
"""Number -> what is wrong, and what is right."""

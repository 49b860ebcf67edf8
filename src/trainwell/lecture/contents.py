"""All figures and statements of the lecture by ID, in its order, one line each."""

from collections.abc import Mapping

CONTENTS: Mapping[str, str] = {
    "F-6-1": "the surface x²/20 + y² and its contours",
    "F-6-2": "the field of negative gradients of x²/20 + y²",
    "F-6-3": "the path of SGD on x²/20 + y²",
    "F-6-4": "momentum as a ball that rolls down the bowl",
    "F-6-5": "the path of momentum on x²/20 + y²",
    "F-6-6": "the path of AdaGrad on x²/20 + y²",
    "F-6-7": "the path of Adam on x²/20 + y²",
    "F-6-8": "paths of SGD, momentum, AdaGrad and Adam side by side",
    "F-6-9": "training loss of SGD, momentum, AdaGrad and Adam on MNIST",
    "F-6-10": "activations of five sigmoid layers, initial standard deviation 1",
    "F-6-11": "activations of five sigmoid layers, initial standard deviation 0.01",
    "F-6-12": "the n of Xavier's initialization: the inputs of a unit",
    "F-6-13": "activations of five sigmoid layers, Xavier's initialization",
    "F-6-14": "activations of five ReLU layers: standard deviation 0.01, Xavier, He",
    "F-6-15": "training loss on MNIST by initialization",
    "F-6-16": "a network with batch normalization",
    "F-6-17": "the computational graph of batch normalization",
    "F-6-18": "training accuracy with and without batch normalization",
    "F-6-19": "training accuracy with and without batch normalization, for 16 initial standard deviations",
    "F-6-20": "overfitting: training and test accuracy of networks trained on 300 images",
    "F-6-21": "weight decay against overfitting: training and test accuracy of networks trained on 300 images",
    "F-6-22": "what dropout does to a network",
    "F-6-23": "overfitting without and with dropout",
    "F-6-24": "the best 20 of 100 random trials",
    "F-C-1": "a race of six optimizers, and the optimizers at a glance",
    "F-C-2": "loss curves of learning rates that are too low, good, high and far too high",
    "F-C-3": "the schedules, and a loss that drops at each step",
    "F-C-4": "Taylor models of first and second order, and where each steps to",
    "F-C-5": "a linear classifier on centred and on shifted data",
    "F-C-6": "grid and random search where one of two hyperparameters matters",
    "F-C-7": "a local minimum and a flat saddle: where SGD stops and momentum goes on",
    "F-C-8": "momentum's and Nesterov's step as vectors",
    "F-C-9": "noisy gradients: the paths of SGD and of momentum",
    "F-C-10": "six activation functions and their derivatives",
    "F-C-11": "training and validation curves: healthy, overfitting, not learning",
    "C-01": "sigmoid networks suffer vanishing gradients, ReLU networks far less; it grows with depth",
    "C-02": "with zero or constant initial weights all units of a layer stay identical and the network cannot "
    "learn more than one unit per layer could; with zeros the output is the bias alone",
    "C-03": "with std 1, sigmoid activations pile up at 0 and 1 and gradients vanish",
    "C-04": "with std 0.01, activations concentrate on one value: expressiveness is lost",
    "C-05": "Xavier keeps sigmoid/tanh activations spread through the layers (it presumes a linear activation)",
    "C-06": "with ReLU, Xavier's activations shrink with depth and He's do not: ReLU zeroes half, hence the factor 2",
    "C-07": "on MNIST, std 0.01 does not learn, Xavier and He do, He learns faster; He's lead fades with long "
    "training; initialization also affects the best accuracy reached",
    "C-08": "the deeper the network, the more the initialization matters",
    "C-09": "too small and too large initial weights both make the gradient vanish",
    "C-10": "without zero-mean, unit-variance inputs the loss is far more sensitive to small changes of the "
    "weights, and optimization harder",
    "C-11": "batch norm makes learning faster",
    "C-12": "batch norm makes learning depend little on the initial weights",
    "C-13": "batch norm restrains overfitting",
    "C-14": "on an ill-conditioned loss, SGD zigzags across the steep direction and crawls along the flat one, "
    "worse as the condition number grows; ill-conditioning gets commoner in higher dimension",
    "C-15": "SGD stops in a local minimum or on a plateau that momentum rolls through",
    "C-16": "near a saddle the gradient is small and SGD is very slow; momentum passes faster",
    "C-17": "in high dimension, critical points are almost always saddles, hardly ever local minima",
    "C-18": "mini-batch gradients are noisy estimates of the full one: far cheaper per step, but the path "
    "meanders and takes longer to the minimum; momentum averages the noise out",
    "C-19": "the two forms of momentum are the same method while η is constant",
    "C-20": "Nesterov corrects the velocity earlier than momentum and has better guarantees on convex problems, "
    "which fail for non-convex ones",
    "C-21": "AdaGrad's steps shrink for ever, so it can stall (at saddles of non-convex losses, too); RMSProp "
    "repairs that",
    "C-22": "Adam without bias correction takes wrong-sized first steps; the correction repairs that",
    "C-23": "on the bowl x²/20 + y² and on MNIST, momentum, AdaGrad and Adam learn faster than SGD",
    "C-24": "Adam is the best default in most cases; momentum or RMSProp suffice for large image tasks; full "
    "batch: L-BFGS",
    "C-25": "a learning rate can be too low, good, too high, or diverge; lowering it in time helps, step decay "
    "makes the loss drop at once",
    "C-26": "Newton's step solves a quadratic at once; near a minimum second-order methods converge fast; L-BFGS "
    "is good in full batch and does not transfer to mini-batches",
    "C-27": "a network with many parameters and little data overfits: training accuracy near 100%, test far below",
    "C-28": "overfitting goes with large weights; weight decay narrows the gap",
    "C-29": "dropout, in either form, narrows that gap",
    "C-30": "averaging an ensemble beats its average member; dropout imitates an ensemble",
    "C-31": "random search beats grid search when only some hyperparameters matter",
    "C-32": "coarse to fine finds better values than the same budget spread over the wide range; starting too "
    "narrow can miss the optimum",
    "C-33": "choosing hyperparameters on the test set overstates quality; a validation split does not",
    "C-34": "training accuracy rising while validation stalls means overfitting, and more regularization then helps",
    "C-35": "with few examples, transfer from a related task beats training from scratch",
    "C-36": "momentum cancels the zigzags across the steep axis and accelerates along the flat one",
    "C-37": "AdaGrad makes large first steps on the steep axis and shrinks them in proportion; Adam's path "
    "swings less than momentum's",
    "C-38": "batch norm keeps gradients from vanishing; without scale and shift it would cost expressiveness",
}
"""ID -> what the figure shows, or what the statement says."""

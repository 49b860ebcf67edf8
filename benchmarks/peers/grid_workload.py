"""The MNIST grid of FOB, the Fast Optimizer Benchmark: the same work for trainwell and its peer.

784-128-10 with sigmoid, weights from N(0, 1/fan_in), biases 0, pixels in [0, 1], cross-entropy; the first 50,000
training images train, the last 10,000 validate, after every epoch. AdamW on all parameters, cosine decay to 0 by the
update. FOB itself warms up for 1% of the updates, decays to 1% of η and standardizes the pixels; its three seeds are
these.
"""

HIDDEN, BATCH_SIZE, EPOCHS, VALIDATION = 128, 512, 30, 10_000
RATES, DECAYS, SEEDS = (1e-1, 1e-2, 1e-3), (1.0, 1e-1, 1e-2, 1e-3), (1, 2, 3)
DEFAULT_RATE, DEFAULT_DECAY = 1e-2, 1e-1  # of FOB's task
EPS = 1e-8
TARGET = 0.97  # validation accuracy

"""DeepOBS's test problem quadratic_deep: eigenvalues as those of a deep network's Hessian, 90 small and 10 large.

Source: Schneider, Balles & Hennig 2019, "DeepOBS: A deep learning optimizer benchmark suite"; eigenvalues after
Chaudhari et al. 2017. All draws are NumPy's legacy generator's, in DeepOBS's order: its Q and its points to the bit
of a float32.
"""

import numpy as np
from jaxtyping import Float

SMALL, LARGE = 90, 10  # eigenvalues in (0, 1) and in (30, 60)
POINTS, DEVIATION = 1000, 0.6
TRAINING_SEED, TEST_SEED, HESSIAN_SEED = 42, 43, 42
BATCH_SIZE, EPOCHS = 128, 100
TEST_POINTS = POINTS - POINTS % BATCH_SIZE  # DeepOBS evaluates whole batches, the test points in their order


def hessian(seed: int = HESSIAN_SEED) -> Float[np.ndarray, "P P"]:
    """Q = RᵀDR: first the eigenvalues D, then the rotation R, from one generator."""
    random = np.random.RandomState(seed)
    eigenvalues = np.concatenate([random.uniform(0, 1, SMALL), random.uniform(30, 60, LARGE)])
    R = rotation(SMALL + LARGE, random)
    return R.T @ (eigenvalues[:, None] * R)


def rotation(dimensions: int, random: np.random.RandomState) -> Float[np.ndarray, "P P"]:
    """A rotation uniform by Haar's measure, grown from the plane by one reflection per dimension.

    A uniform rotation of all axes but the first, followed by a reflection that takes the first axis to a uniform
    direction, is uniform in one dimension more.

    Args:
        dimensions: P, at least 2.
        random: where the angle of the plane and the directions come from, in this order.

    Returns:
        R with RRᵀ = 1 and determinant 1: the P − 2 reflections and the last minus turn its sign 2P − 2 times.

    Source: Diaconis & Shahshahani 1987, "The subgroup algorithm for generating uniform random variables".
    """
    angle = 2 * np.pi * random.uniform()
    R = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    for d in range(3, dimensions + 1):
        grown = np.eye(d)
        grown[1:, 1:] = R
        direction = random.normal(size=d)
        normal = np.eye(d)[0] - direction / np.linalg.norm(direction)
        normal /= np.linalg.norm(normal)
        R = grown - 2 * np.outer(normal, normal @ grown)
    return -R


def points(seed: int) -> Float[np.ndarray, "N P"]:
    """Points from N(0, 0.6²) in every dimension, rounded to float32 as DeepOBS's are."""
    random = np.random.RandomState(seed)
    return random.normal(0, DEVIATION, (POINTS, SMALL + LARGE)).astype(np.float32)

"""Dropout in two forms. Masks are a hash of (seed, step, layer, element), so they need no state and little time.

JAX's random generators would take half of a training step on a CPU. A mask needs less statistical quality: each
element's bits are an integer hash of its position with a key of 64 bits.
"""

from typing import Literal

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Int, UInt32

from trainwell.core import stream

Noise = UInt32[Array, "2"]


def noise_seed(seed: int) -> UInt32[np.ndarray, "2"]:
    """The 64 random bits that determine all dropout masks of a member, as a NumPy array."""
    return stream(seed, "dropout").integers(0, 2**32, 2, np.uint32)


def noise_at(noise: Noise, index: Int[Array, ""] | int) -> Noise:
    """The random words of one step of a member, or of one layer of a step: a hash of 64 bits and an index.

    Args:
        noise: two words of the member (`noise_seed`), or of the step.
        index: step or layer, from 0, below 2³². Different indices give different words.

    Returns:
        Two words of 32 bits.

    Example:
        >>> words = noise_at(noise_at(noise_seed(0), 1000), 3)  # of layer 3 at step 1000
        >>> words.shape, str(words.dtype)
        ((2,), 'uint32')
    """
    words = jnp.asarray(noise, jnp.uint32)
    position = jnp.asarray(index).astype(jnp.uint32)
    first = _mix(words[0] + position * jnp.uint32(0x9E3779B9))
    second = _mix(words[1] ^ _mix(position + jnp.uint32(0x7F4A7C15)))
    return jnp.stack([first, second])


def random_bits(noise: Noise, shape: tuple[int, ...]) -> UInt32[Array, "..."]:
    """32 random bits for each element of `shape`: a hash of its row-major position, with `noise` as the key.

    Two rounds of a low-bias integer hash, each with one word of the key. The upper bits are more random.
    """
    x = jnp.zeros(shape, jnp.uint32) + noise[0]
    stride = 1
    for axis in reversed(range(len(shape))):
        x = x + jnp.arange(shape[axis], dtype=jnp.uint32).reshape([-1] + [1] * (len(shape) - 1 - axis)) * jnp.uint32(
            stride
        )
        stride *= shape[axis]
    x = (x ^ (x >> 16)) * jnp.uint32(0x21F0AAAD)  # constants: Wellons, "Prospecting for hash functions"
    x = (x ^ (x >> 15) ^ noise[1]) * jnp.uint32(0x735A2D97)
    bits: UInt32[Array, "..."] = x ^ (x >> 15)
    return bits


def dropout(
    hidden: Float[Array, "B H"],
    rate: Float[Array, ""],
    noise: Noise | None,
    *,
    form: Literal["inverted", "lecture"],
    training: bool,
) -> Float[Array, "B H"]:
    """Zero each element with probability `rate` in training; the expected output in training equals that at inference.

    `inverted`: training h·mask/(1−rate), inference h, as in PyTorch and Keras. `lecture`: training h·mask, inference
    h·(1−rate), as in *Deep Learning from Scratch*, ch. 6. With rate 0 both return `hidden` unchanged.

    Args:
        hidden: activations.
        rate: probability of being zeroed, in [0, 1).
        noise: two random words, different for each member, step and layer; only needed in training.
        form: `inverted` or `lecture`.
        training: whether to apply a mask.

    Returns:
        Activations of the same shape.

    Source: T-REG-2b (`inverted`), T-REG-2a (`lecture`).
    """
    kept = 1 - rate
    if not training:
        return hidden * kept if form == "lecture" else hidden
    if noise is None:
        raise ValueError("dropout in training needs noise: pass noise_at(noise_seed(seed), step)")
    factor = 1 / kept if form == "inverted" else jnp.ones((), hidden.dtype)
    return jnp.where(kept_mask(noise, hidden.shape, rate), hidden * factor, jnp.zeros((), hidden.dtype))


def kept_mask(noise: Noise, shape: tuple[int, ...], rate: Float[Array, ""]) -> Bool[Array, "..."]:
    """The mask of elements that dropout keeps, each with probability 1 − `rate`.

    Args:
        noise: two random words of a member's step and layer, see `noise_at`.
        shape: shape of the activations.
        rate: probability of being zeroed, in [0, 1).

    Example:
        >>> kept_mask(noise_at(noise_at(noise_seed(0), 0), 0), (1, 4), jnp.float32(0.5)).shape
        (1, 4)
    """
    threshold = (rate * 2.0**24).astype(jnp.uint32)
    return (random_bits(noise, shape) >> 8) >= threshold


def _mix(x: UInt32[Array, ""]) -> UInt32[Array, ""]:
    """A bijective hash of 32-bit words: flipping an input bit flips each output bit with probability near 1/2."""
    x = (x ^ (x >> 17)) * jnp.uint32(0xED5AD4BB)  # triple32: Wellons, "Prospecting for hash functions"
    x = (x ^ (x >> 11)) * jnp.uint32(0xAC4C1B51)
    x = (x ^ (x >> 15)) * jnp.uint32(0x31848BAB)
    return x ^ (x >> 14)

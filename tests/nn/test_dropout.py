"""The masks are sound: rates, independence in every direction, and the bits behind them."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy import stats

from trainwell.nn import noise_at, noise_seed, random_bits
from trainwell.nn.dropout import dropout

B, H = 100, 96
SEEDS = np.stack([noise_seed(seed) for seed in range(20)])


@jax.jit
def noise_of(words, step, layer):
    return noise_at(noise_at(words, step), layer)


@partial(jax.jit, static_argnames="shape")
def bits(words, steps, layers, shape=(B, H)):
    """Bits [n, *shape] for n triples of (words, step, layer)."""
    return jax.vmap(lambda w, s, n: random_bits(noise_at(noise_at(w, s), n), shape))(words, steps, layers)


def masks(words, steps, layers, rate=0.3):
    """Masks as numbers of mean 0 and variance 1 under the hypothesis."""
    drop = jax.jit(
        jax.vmap(
            lambda w, s, n: dropout(
                jnp.ones((B, H)), jnp.float32(rate), noise_at(noise_at(w, s), n), form="lecture", training=True
            )
        )
    )
    kept = np.asarray(drop(words, jnp.asarray(steps), jnp.asarray(layers)), np.float64)
    return (kept - (1 - rate)) / np.sqrt(rate * (1 - rate))


@pytest.fixture(scope="module")
def population():
    """400 masks: 20 seeds × 20 consecutive steps, [seed, step, B, H]."""
    words = np.repeat(SEEDS, 20, 0)
    steps = np.tile(np.arange(1000, 1020), 20)
    return masks(words, steps, np.zeros(400, int)).reshape(20, 20, B, H)


def assert_standard_normal(z):
    """No outlier, and neither more nor less spread than chance gives."""
    z = np.ravel(z)
    assert np.abs(z).max() < stats.norm.isf(1e-4 / (2 * z.size))
    assert 1e-4 < stats.chi2.sf((z**2).sum(), z.size) < 1 - 1e-4


def correlations(rows):
    """z-scores of all pairwise correlations between rows of standardised numbers."""
    products = rows @ rows.T / np.sqrt(rows.shape[1])
    return products[np.triu_indices(len(rows), 1)]


@pytest.mark.parametrize("rate", [0.05, 0.15, 0.5, 0.9])
def test_rate_of_single_masks_is_binomial(rate):
    words, steps = np.repeat(SEEDS, 10, 0), np.tile(np.arange(10), 20)
    standard = masks(words, steps, np.ones(200, int), rate)
    assert_standard_normal(standard.sum((1, 2)) / np.sqrt(B * H))


def test_a_rate_off_by_half_a_percent_would_be_noticed():
    z = (masks(SEEDS, np.zeros(20, int), np.zeros(20, int), 0.305).sum((1, 2))) / np.sqrt(B * H)
    z += np.sqrt(B * H) * 0.005 / np.sqrt(0.3 * 0.7)
    with pytest.raises(AssertionError):
        assert_standard_normal(z * np.sqrt(20))


def test_rate_of_every_unit_and_every_example(population):
    assert_standard_normal(population.sum((0, 1, 2)) / np.sqrt(400 * B))
    assert_standard_normal(population.sum((0, 1, 3)) / np.sqrt(400 * H))
    assert_standard_normal(population.sum((0, 1)) / np.sqrt(400))


def test_units_and_examples_are_uncorrelated(population):
    assert_standard_normal(correlations(np.moveaxis(population, 3, 0).reshape(H, -1)))
    assert_standard_normal(correlations(np.moveaxis(population, 2, 0).reshape(B, -1)))


def test_steps_and_seeds_are_uncorrelated(population):
    assert_standard_normal(correlations(population.reshape(400, -1)))  # all pairs of (seed, step)


def test_steps_and_seeds_are_uncorrelated_at_every_shift(population):
    """A stream that ran through another one, displaced, would show here and not position by position."""
    one, after, other = (mask.reshape(-1) for mask in (population[0, 0], population[0, 1], population[1, 0]))
    for second in (after, other):
        spectrum = np.fft.fft(one) * np.conj(np.fft.fft(second))
        assert_standard_normal(np.fft.ifft(spectrum).real / np.sqrt(one.size))


def test_layers_are_uncorrelated():
    words, layers = np.repeat(SEEDS, 12, 0), np.tile(np.arange(12), 20)
    assert_standard_normal(correlations(masks(words, np.full(240, 7), layers).reshape(240, -1)))


def test_seed_words_that_differ_in_one_bit_give_unrelated_masks():
    base = np.array([0x12345678, 0x9ABCDEF0], np.uint32)
    flips = np.zeros((65, 2), np.uint32)
    flips[1:33, 0] = flips[33:, 1] = np.uint32(1) << np.arange(32, dtype=np.uint32)
    rows = masks(base ^ flips, np.zeros(65, int), np.zeros(65, int)).reshape(65, -1)
    assert_standard_normal(correlations(rows))


def test_bytes_are_uniform_and_neighbours_independent():
    drawn = np.asarray(bits(np.repeat(SEEDS, 5, 0), np.tile(np.arange(5), 20), np.zeros(100, int)))
    for shift in (8, 16, 24):
        counts = np.bincount(((drawn >> shift) & 255).ravel(), minlength=256)
        assert 1e-4 < stats.chisquare(counts).pvalue < 1 - 1e-4
    top = (drawn >> 27).reshape(100, -1).astype(np.int64)
    for lag in (1, 2, H, H + 1, 128):
        pairs = np.bincount((32 * top[:, lag:] + top[:, :-lag]).ravel(), minlength=1024)
        assert 1e-4 < stats.chisquare(pairs).pvalue < 1 - 1e-4


def test_noise_of_200_000_steps_and_of_many_seeds_never_repeats():
    steps = jnp.arange(200_000)
    words = np.asarray(jax.jit(jax.vmap(noise_at, (None, 0)))(SEEDS[0], steps)).astype(np.uint64)
    assert len(np.unique(words[:, 0] << 32 | words[:, 1])) == 200_000
    grid = jax.jit(jax.vmap(jax.vmap(noise_at, (None, 0)), (0, None)))(SEEDS, jnp.arange(5000))
    words = np.asarray(grid).reshape(-1, 2).astype(np.uint64)
    assert len(np.unique(words[:, 0] << 32 | words[:, 1])) == 100_000


@pytest.mark.parametrize("form", ["inverted", "lecture"])
class TestForms:
    def test_expectation_is_the_inference_output(self, form, x64):
        hidden = jnp.linspace(1, 2, B * H).reshape(B, H)
        rate = jnp.float64(0.3)
        drop = partial(dropout, form=form)
        training = jax.vmap(lambda step: drop(hidden, rate, noise_at(SEEDS[0], step), training=True))
        mean = float(training(jnp.arange(100)).mean())
        expected = float(drop(hidden, rate, None, training=False).mean())
        assert mean == pytest.approx(expected, abs=5 * expected * np.sqrt(0.3 / 0.7 / (100 * B * H)))

    def test_elements_are_zero_or_scaled_by_the_stated_factor(self, form):
        hidden = jnp.linspace(1, 2, B * H).reshape(B, H)
        out = dropout(hidden, jnp.float32(0.2), noise_of(SEEDS[0], 0, 0), form=form, training=True)
        kept = out != 0
        factor = {"inverted": 1 / 0.8, "lecture": 1.0}[form]
        np.testing.assert_allclose(out[kept], factor * hidden[kept], rtol=1e-6)
        assert 0.75 < kept.mean() < 0.85
        inference = dropout(hidden, jnp.float32(0.2), None, form=form, training=False)
        np.testing.assert_allclose(inference, {"inverted": 1.0, "lecture": 0.8}[form] * hidden, rtol=1e-6)

    def test_rate_0_changes_no_bit(self, form):
        hidden = jnp.asarray(np.random.default_rng(0).normal(size=(B, H)), jnp.float32)
        for training in (True, False):
            out = dropout(hidden, jnp.float32(0), noise_of(SEEDS[0], 0, 0), form=form, training=training)
            assert (out == hidden).all()

    def test_gradient_passes_the_kept_elements_only(self, form):
        run = partial(dropout, noise=noise_of(SEEDS[0], 1, 2), form=form, training=True)
        hidden = jnp.ones((B, H))
        grad = jax.grad(lambda hidden: run(hidden, jnp.float32(0.4)).sum())(hidden)
        assert (grad == run(hidden, jnp.float32(0.4))).all()

    def test_training_without_noise_is_refused(self, form):
        with pytest.raises(ValueError, match="needs noise"):
            dropout(jnp.ones((2, 2)), jnp.float32(0.5), None, form=form, training=True)


def test_a_mapped_member_has_the_mask_it_has_alone():
    words = jnp.asarray(SEEDS[:3])
    together = bits(words, jnp.arange(3), jnp.arange(3), (7, 5))
    for index in range(3):
        assert (together[index] == random_bits(noise_of(words[index], index, index), (7, 5))).all()


def test_padding_rows_do_not_change_the_mask_of_the_others():
    noise = noise_of(SEEDS[0], 4, 1)
    assert (random_bits(noise, (64, 5)) == random_bits(noise, (100, 5))[:64]).all()


def test_the_noise_is_the_same_for_a_numpy_seed_and_in_float64(x64):
    words = noise_of(SEEDS[0], 1000, 3)
    assert words.dtype == jnp.uint32
    assert random_bits(words, (2, 2)).dtype == jnp.uint32
    with jax.enable_x64(False):
        assert (np.asarray(words) == np.asarray(noise_of(SEEDS[0], 1000, 3))).all()

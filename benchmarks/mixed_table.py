"""A table as people have them: numbers of very different scales, categories, missing values, noise; three classes."""

from pathlib import Path

import numpy as np

REGIONS = ("north", "south", "east", "west", "island")
PLANS = ("free", "basic", "plus", "business")
MISSING = 0.08  # of every column but the target
OUTCOMES = ("leaves", "stays", "upgrades")
NOISE = 0.5


def write_mixed_table(path: Path, rows: int = 3000, seed: int = 0) -> None:
    """Write a CSV with the target `outcome`.

    The outcome is the largest of three scores, each a smooth function of several columns and their products, plus
    noise: a linear model tells about 60% of the rows, boosted trees about 70%.
    """
    random = np.random.default_rng(seed)
    age, usage = random.uniform(18, 80, rows), random.gamma(2, 300, rows)
    balance, calls = random.lognormal(6, 1, rows), random.poisson(3, rows)
    region, plan = random.integers(len(REGIONS), size=rows), random.integers(len(PLANS), size=rows)
    a, u, b = (age - 49) / 18, (usage - 600) / 420, np.log(balance) - 6
    by_region, by_plan = random.normal(0, 0.6, (len(REGIONS), 3)), random.normal(0, 0.6, (len(PLANS), 3))
    scores = np.stack([0.8 * a * u + 0.3 * calls - 0.9, 1.0 - b**2, 0.9 * u + 0.8 * np.sin(2 * a) * b], axis=1)
    scores += by_region[region] + by_plan[plan] * np.sign(u)[:, None] + random.normal(0, NOISE, scores.shape)
    columns = {
        "age": np.round(age).astype(int).astype(str),
        "usage": np.round(usage, 1).astype(str),
        "balance": np.round(balance, 2).astype(str),
        "calls": calls.astype(str),
        "region": np.array(REGIONS)[region],
        "plan": np.array(PLANS)[plan],
    }
    shown = [np.where(random.random(rows) < MISSING, "", column) for column in columns.values()]
    lines = [",".join([*columns, "outcome"])]
    lines += [",".join(cells) for cells in zip(*shown, np.array(OUTCOMES)[scores.argmax(1)], strict=True)]
    path.write_text("\n".join(lines) + "\n")

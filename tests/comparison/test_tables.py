"""A comparison's numbers as tables, against SciPy and against each other."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from scipy import stats

from reference.comparisons import comparison, comparisons, normal
from trainwell.comparison import ACROSS, TABLES, Comparisons, Terms, export
from trainwell.comparison.tables import (
    contenders_table,
    improvement_table,
    pairs_table,
    ranks_table,
    runs_table,
    tuning_table,
)
from trainwell.training import Choices, Range

LABELS = ("sgd", "adam", "none")
VALUES = [normal(1, 0.90, 0.01, 12), normal(2, 0.93, 0.01, 12), [0.5] * 12]


@pytest.fixture(scope="module")
def two() -> Comparisons:
    """Three contenders on two data sets, one of them diverged wholly on the second."""
    lost = [(2, place) for place in range(12)]
    return comparisons(comparison(LABELS, VALUES), comparison(LABELS, VALUES[::-1], diverged=lost))


@pytest.fixture(scope="module")
def as_given() -> Comparisons:
    return comparisons(comparison(LABELS[:2], [[0.9], [0.8]], terms=Terms(tune={}, seeds=(0,))))


def test_contenders_are_summaries_of_the_runs(two: Comparisons) -> None:
    table, runs = contenders_table(two), runs_table(two)
    assert table["data"].to_list() == ["iris-1"] * 3 + ["iris-2"] * 3
    assert table.filter(data="iris-1")["contender"].to_list() == ["adam", "sgd", "none"]
    assert table["rank"].to_list() == [1, 2, 3] * 2
    for row in table.iter_rows(named=True):
        scores = runs.filter(data=row["data"], contender=row["contender"])["score"].to_numpy()
        assert row["n"] == len(scores) == 12
        assert row["mean"] == pytest.approx(scores.mean())
        assert row["sd"] == pytest.approx(scores.std(ddof=1))
        assert row["iqm"] == pytest.approx(stats.trim_mean(scores, 0.25))
        if row["sd"] > 0:
            low, high = stats.t.interval(0.95, 11, scores.mean(), stats.sem(scores))
            assert (row["mean_low"], row["mean_high"]) == (pytest.approx(low), pytest.approx(high))
    assert table["diverged"].to_list() == [0, 0, 0, 0, 0, 12]
    assert table.filter(data="iris-1")["unbeaten"].to_list() == [True, False, False]


def test_pairs_are_differences_of_runs_with_common_seeds(two: Comparisons) -> None:
    runs = runs_table(two).filter(data="iris-1").pivot("contender", index="seed", values="score")
    pairs = pairs_table(two).filter(data="iris-1")
    assert pairs.select("first", "second").rows() == [("sgd", "adam"), ("sgd", "none"), ("adam", "none")]
    for row in pairs.iter_rows(named=True):
        difference = (runs[row["first"]] - runs[row["second"]]).to_numpy()[: row["n"]]
        assert row["difference"] == pytest.approx(difference.mean())
        sums = np.array([[1, -1]] * row["n"], object)
        signs = np.array(np.meshgrid(*sums.tolist())).reshape(row["n"], -1)
        exact = np.mean(np.abs(difference @ signs) >= abs(difference.sum()) - 1e-12)
        assert row["p"] == pytest.approx(exact)
        assert row["p_adjusted"] >= row["p"]
        assert row["improvement"] == pytest.approx(np.mean((difference > 0) + (difference == 0) / 2))
        assert row["outcome"] == "differs"
    assert pairs["better"].to_list() == ["adam", "sgd", "adam"]
    assert pairs["words"][0].startswith("adam reaches a higher validation accuracy than sgd")


def test_a_diverged_run_has_the_score_of_guessing_and_no_other_number(two: Comparisons) -> None:
    lost = runs_table(two).filter(data="iris-2", contender="none")
    assert lost["status"].to_list() == ["diverged"] * 12
    assert lost["score"].to_list() == [two.parts[1].guessing_score] * 12
    assert lost["accuracy/validation"].null_count() == 12


def test_each_contender_has_one_chosen_trial_whose_values_it_was_compared_with(two: Comparisons) -> None:
    table, contenders = tuning_table(two), contenders_table(two)
    assert len(table) == 2 * 3 * Terms().trials
    chosen = table.filter(pl.col("chosen"))
    assert len(chosen) == 6
    for row in chosen.iter_rows(named=True):
        tuned = contenders.filter(data=row["data"], contender=row["contender"])["tuned_learning_rate"].item()
        part = next(part for part in two.parts if part.dataset.name == row["data"])
        assert row["learning_rate"] == tuned == part.recipes[part.labels.index(row["contender"])].learning_rate
        assert row["retrained"] is not None
    assert table.filter(state="diverged")["value"].null_count() == len(table.filter(state="diverged")) > 0
    assert table["retrained"].null_count() == len(table) - 6 * Terms().candidates


def test_choices_beside_numbers_and_a_contender_that_was_not_tuned() -> None:
    tune = {"learning_rate": Range(1e-3, 1.0, log=True), "batch_size": Choices((32, "full"))}
    part = comparison(("sgd", "momentum"), VALUES[:2], terms=Terms(tune=tune))
    found = comparisons(replace(part, tunings=(None, part.tunings[1])))
    rows = contenders_table(found).select("contender", "tuned_learning_rate", "tuned_batch_size").rows()
    assert ("sgd", None, None) in rows
    assert ("momentum", part.recipes[1].learning_rate, str(part.recipes[1].batch_size)) in rows
    assert set(tuning_table(found)["batch_size"].to_list()) == {"32", "full"}
    assert set(tuning_table(found)["contender"].to_list()) == {"momentum"}


def test_over_data_sets_ranks_are_means_and_improvement_counts_runs(two: Comparisons) -> None:
    ranks = ranks_table(two)
    contenders = contenders_table(two)
    expected = {label: contenders.filter(contender=label)["rank"].mean() for label in LABELS}
    assert dict(ranks.select("contender", "mean_rank").rows()) == pytest.approx(expected)
    assert ranks["mean_rank"].is_sorted()
    runs = runs_table(two)
    for part in two.parts:
        best = runs.filter(data=part.dataset.name).group_by("contender").agg(pl.col("score").mean())["score"].max()
        scaled = (pl.col("score") - part.guessing_score) / (best - part.guessing_score)
        runs = runs.with_columns(score=pl.when(data=part.dataset.name).then(scaled).otherwise("score"))
    for row in ranks.iter_rows(named=True):
        scores = runs.filter(contender=row["contender"])["score"].to_numpy()
        assert row["normalised"] == pytest.approx(stats.trim_mean(scores, 0.25))
        assert row["normalised_low"] <= row["normalised"] <= row["normalised_high"]
    improvement = improvement_table(two)
    assert improvement.select("first", "second").rows() == [("sgd", "adam"), ("sgd", "none"), ("adam", "none")]
    for row in improvement.iter_rows(named=True):
        chances = []
        for part in two.parts:
            one, other = (
                runs.filter(data=part.dataset.name, contender=row[name])["score"].to_numpy()
                for name in ("first", "second")
            )
            chances.append(stats.mannwhitneyu(one, other).statistic / (len(one) * len(other)))
        assert row["improvement"] == pytest.approx(np.mean(chances))
        assert row["improvement_low"] <= row["improvement"] <= row["improvement_high"]


def test_a_single_data_set_has_no_table_over_data_sets(as_given: Comparisons) -> None:
    assert ranks_table(as_given).rows() == improvement_table(as_given).rows() == []


def test_nothing_tuned_and_one_seed(as_given: Comparisons) -> None:
    assert tuning_table(as_given).rows() == []
    table = contenders_table(as_given)
    assert (table["mean"].to_list(), table["mean_low"].to_list(), table["sd"].to_list()) == (
        [0.9, 0.8],
        [None, None],
        [None, None],
    )
    assert pairs_table(as_given)["better"].to_list() == [None]


def test_files_hold_the_tables(two: Comparisons, as_given: Comparisons, tmp_path) -> None:
    paths = export(two, tmp_path / "new" / "folder")
    assert sorted(path.name for path in paths) == sorted(
        f"{name}.{form}" for name in (*TABLES, *ACROSS) for form in ("csv", "parquet")
    )
    assert sorted(paths) == sorted((tmp_path / "new" / "folder").iterdir())
    for name, table_of in {**TABLES, **ACROSS}.items():
        table = table_of(two)
        assert pl.read_parquet(tmp_path / f"new/folder/{name}.parquet").equals(table)
        read = pl.read_csv(tmp_path / f"new/folder/{name}.csv", infer_schema_length=None)
        assert read.columns == table.columns
        assert len(read) == len(table)
    assert [path.name for path in export(as_given, tmp_path, ["csv"])] == [f"{name}.csv" for name in TABLES]
    assert (tmp_path / "tuning.csv").read_text() == "data,contender,trial\n"
    with pytest.raises(ValueError, match="xlsx"):
        export(two, tmp_path / "other", ["xlsx"])
    assert not (tmp_path / "other").exists()

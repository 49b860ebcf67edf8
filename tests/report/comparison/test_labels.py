"""Names on charts: short, and never alike."""

from reference.comparisons import comparison
from trainwell.report.comparison.labels import chart_labels
from trainwell.training import Contender


def gridded(labels, fields):
    part = comparison(labels, [[0.9, 0.91]] * len(labels), data="digits")
    return [Contender(one.label, one.recipe, dict.fromkeys(fields, 0)) for one in part.contenders]


def test_charts_leave_out_the_names_of_fields():
    labels = [f"optimizer={name} batch_norm={on}" for name in ("adam", "sgd") for on in ("false", "true")]
    fields = ("optimizer", "batch_norm")
    assert chart_labels(gridded(labels, fields), 20) == ("adam, false", "adam, true", "sgd, false", "sgd, true")
    with_commas = [label.replace(" ", ", ") for label in labels]
    assert chart_labels(gridded(with_commas, fields), 20) == ("adam, false", "adam, true", "sgd, false", "sgd, true")
    assert chart_labels(gridded(labels, fields), 40) == tuple(labels)  # there is room


def test_labels_of_ones_own_stay_apart():
    labels = [f"the method of my own paper, variant {k} of those that were tried" for k in range(12)]
    short = chart_labels(gridded(labels, ("optimizer",)), 20)
    assert len(set(short)) == 12
    assert max(map(len, short)) <= 20
    alike = ["x" * 30 + "a" + "y" * 29, "x" * 30 + "b" + "y" * 29]
    assert len(set(chart_labels(gridded(alike, ()), 6))) == 2

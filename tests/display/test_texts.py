"""Names on charts: short, and never alike."""

from trainwell.display import chart_labels


def short_labels(labels, fields, most):
    return chart_labels(labels, [fields] * len(labels), most)


def test_charts_leave_out_the_names_of_fields():
    labels = [f"optimizer={name} batch_norm={on}" for name in ("adam", "sgd") for on in ("false", "true")]
    fields = ("optimizer", "batch_norm")
    assert short_labels(labels, fields, 20) == ("adam, false", "adam, true", "sgd, false", "sgd, true")
    with_commas = [label.replace(" ", ", ") for label in labels]
    assert short_labels(with_commas, fields, 20) == ("adam, false", "adam, true", "sgd, false", "sgd, true")
    assert short_labels(labels, fields, 40) == tuple(labels)  # there is room


def test_labels_of_ones_own_stay_apart():
    labels = [f"the method of my own paper, variant {k} of those that were tried" for k in range(12)]
    short = short_labels(labels, ("optimizer",), 20)
    assert len(set(short)) == 12
    assert max(map(len, short)) <= 20
    alike = ["x" * 30 + "a" + "y" * 29, "x" * 30 + "b" + "y" * 29]
    assert len(set(short_labels(alike, (), 6))) == 2

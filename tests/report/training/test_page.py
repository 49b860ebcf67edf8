"""The page: self-contained, safe with any text, complete."""

import runpy
from base64 import b64decode

import numpy as np
import plotly.graph_objects as go
import pytest

from reference.page_text import Page, figures
from trainwell.data import load_data
from trainwell.models import Model, Quality, save_model
from trainwell.report import SavedModel, write_page
from trainwell.report.frame.page import Chart
from trainwell.report.training.page import render_page
from trainwell.training import Recipe, train

NASTY = "</script><script>alert(1)</script>", '<img src=x onerror="alert(1)"> %{x}'


def test_page_loads_nothing(two):
    text = render_page(two, "Title", model=SavedModel("runs/a/model", "digits"))
    page = Page(text)
    assert not page.open
    for tag, attrs in page.elements:
        assert "src" not in attrs, tag
        assert attrs.get("href", "data:,").startswith("data:"), tag
    styles = "".join(page.texts("style"))
    assert "@import" not in styles
    assert "url(" not in styles
    (policy,) = [m["content"] for m in page.named("meta") if m.get("http-equiv") == "Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "http" not in policy


def test_page_says_what_happened(two):
    text = render_page(
        two,
        "Two optimizers",
        "trainwell compare iris --vary optimizer=sgd,adam",
        model=SavedModel("runs/a/model", "iris", "The best network."),
        test=Quality(200, {"accuracy": 0.8, "loss": 0.5}),
        seconds=12.34,
    )
    seen = Page(text).visible
    for part in (
        *("Two optimizers", "adam had the highest mean", "0.960", "[0.833, 1.000]", "1 stopped early"),
        *("seed 2 (by update 10)", "0.800 (95% interval [0.739, 0.850], n = 200)", "The best network."),
        *("trainwell predict runs/a/model iris", "setosa", "12.3 s for 6 networks", "trainwell compare iris", "jax "),
    ):
        assert part in seen, part


def test_the_lead_has_the_test_split_last(two):
    quality = Quality(200, {"accuracy": 0.8, "loss": 0.5})
    text = Page(render_page(two, "T", model=SavedModel("m", "iris", "seed 1"), test=quality)).texts("p")
    (lead,) = [one for one in text if one.startswith("adam had the highest mean")]
    said = "The model (seed 1) has a test accuracy of 0.800 (95% interval [0.739, 0.850], n = 200), read once."
    assert lead.endswith(said)


def test_regression_test_scores_have_n(population):
    trained = population([Recipe()], 2, [[0.4], [0.5]], data="diabetes")
    seen = Page(render_page(trained, "T", test=Quality(67, {"r2": 0.44, "rmse": 54.321, "mae": 43.2}))).visible
    assert "0.440 (n = 67)" in seen
    assert "54.3 (n = 67)" in seen


def test_text_of_users_is_never_markup(two):
    text = render_page(two, NASTY[1], NASTY[0], labels=NASTY, model=SavedModel(NASTY[0], NASTY[1], NASTY[1]))
    page, plain = Page(text), Page(render_page(two, "T", "c", labels=("a", "b"), model=SavedModel("m", "d", "x")))
    assert [tag for tag, _ in page.elements] == [tag for tag, _ in plain.elements]
    assert NASTY[0] in page.visible
    assert NASTY[1] in page.visible


def test_charts_are_json_with_escaped_labels(two):
    found = figures(render_page(two, "T", labels=NASTY))
    assert list(found) == ["accuracy", "loss", "final"]
    for figure in found.values():
        labels = {trace["meta"][0] for trace in figure["data"]}
        assert all("<" not in label for label in labels)  # Plotly reads some markup in texts
        assert len(labels) == 2


def test_every_switch_has_a_chart_element_and_back(two):
    text = render_page(two, "T")
    chips = {(c["data-group"], c["data-key"]) for c in Page(text).named("button") if "data-key" in c}
    metas = [trace["meta"] for figure in figures(text).values() for trace in figure["data"]]
    assert {("recipe", meta[2]) for meta in metas} == {chip for chip in chips if chip[0] == "recipe"}
    assert {("kind", meta[1]) for meta in metas} - {("kind", "final")} == {chip for chip in chips if chip[0] == "kind"}


def test_tables_are_marked_up_for_readers(two):
    page = Page(render_page(two, "T"))
    scopes = [attrs.get("scope") for attrs in page.named("th")]
    assert set(scopes) == {"col", "row"}
    regions = [attrs for attrs in page.named("div") if attrs.get("role") == "region"]
    ids = {attrs["id"] for _, attrs in page.elements if "id" in attrs}
    assert regions
    assert all(region["aria-labelledby"] in ids and region["tabindex"] == "0" for region in regions)
    assert page.named("html") == [{"lang": "en"}]


@pytest.mark.parametrize("kind", ["one seed", "all diverged", "regression", "forty"])
def test_other_populations(population, kind):
    trained = {
        "one seed": lambda: population([Recipe()], 1, [[0.5, 0.6]]),
        "all diverged": lambda: population([Recipe()], 2, [[np.nan], [np.nan]], ["diverged"] * 2),
        "regression": lambda: population([Recipe()], 2, [[-3.0, 0.4], [0.2, 0.5]], data="diabetes"),
        "forty": lambda: population(
            [Recipe(learning_rate=0.01 * (i + 1)) for i in range(40)], 2, [[i / 80] for i in range(80)]
        ),
    }[kind]()
    page = Page(render_page(trained, kind))
    assert not page.open
    rows = len(trained.by_recipe()) * (2 if kind == "forty" else 1)  # a second table tells recipes apart
    assert sum(attrs.get("scope") == "row" for attrs in page.named("th")) == rows
    if kind == "forty":
        assert "the other 30 recipes" in page.visible


@pytest.mark.slow
def test_real_page_and_the_code_on_it_run(tmp_path, capsys):
    trained = train(load_data("iris"), Recipe(hidden=(8,), epochs=2), seeds=(0, 1))
    save_model(Model.of(trained, [0, 1]), tmp_path / "model")
    saved = SavedModel(str(tmp_path / "model"), "iris")
    path = write_page(trained, tmp_path / "page.html", title="Iris", model=saved)
    assert "Iris" in Page(path.read_text(encoding="utf-8")).visible
    code = tmp_path / "code.py"
    code.write_text(saved.python)
    runpy.run_path(str(code))
    assert "setosa" in capsys.readouterr().out


def test_folders_with_spaces_are_quoted():
    assert SavedModel("my runs/model", "a b.csv").shell == "trainwell predict 'my runs/model' 'a b.csv'"
    read = {"data_dir": "images", "header": False}
    assert "model.predict('mnist', data_dir='images', header=False)" in SavedModel("m", "mnist", reading=read).python


def test_charts_carry_single_precision_where_it_holds_every_value():
    """Losses of networks that diverge, and eigenvalues near zero, may be beyond its range."""
    columns = {
        "f4": np.array([1 / 3, 0.0, -2.5e-37, 3e38, np.nan]),
        "f8": np.array([1 / 3, 1e-39, 4e38]),
    }
    figure = go.Figure([go.Scatter(x=values, y=values) for values in columns.values()])
    page = f'<script type="text/plain" id="figure-one">{Chart("one", "", figure).packed}</script>'
    for trace, (dtype, values) in zip(figures(page)["one"]["data"], columns.items(), strict=True):
        assert trace["x"]["dtype"] == dtype
        found = np.frombuffer(b64decode(trace["x"]["bdata"]), dtype)
        np.testing.assert_allclose(found, values, rtol=6e-8 if dtype == "f4" else 0)

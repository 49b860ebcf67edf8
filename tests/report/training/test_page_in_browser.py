"""The page in a real browser: the charts are drawn, from the file alone."""

from pathlib import Path

from reference.browser import drawn
from trainwell.data import load_data
from trainwell.report import write_page
from trainwell.training import Recipe, train


def test_the_charts_are_drawn(browser: str, tmp_path: Path) -> None:
    recipes = [Recipe(hidden=(8,), epochs=4, optimizer=name) for name in ("sgd", "adam")]
    trained = train(recipes, load_data("iris"), seeds=(0, 1))
    page = write_page(trained, tmp_path / "report.html", title="Compare: iris")
    dom = drawn(browser, page)
    # Three charts (accuracy, loss, final scores), each with its lines: drawn by the page's own script.
    assert dom.count('class="main-svg"') >= 3
    assert dom.count("scatterlayer") >= 3
    assert "js-line" in dom

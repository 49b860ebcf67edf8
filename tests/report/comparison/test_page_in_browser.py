"""The page of a comparison in a real browser: charts are drawn, and switches are one."""

import pytest

from reference.browser import Facts, Look, facts
from reference.comparisons import comparison, comparisons, normal
from trainwell.report import write_comparison_page

PROBE = """
<script>
addEventListener("load", () => setTimeout(() => {
  const by = (name) => document.querySelector(`[data-figure=figure-${name}]`);
  const wide = () => [...document.querySelectorAll(".chart")].filter(
    (chart) => chart.layout && chart.layout.width > chart.clientWidth).length;
  const facts = document.body.dataset;
  document.querySelectorAll("details").forEach((one) => { one.open = true; });
  document.querySelector('.chip[data-key="1"]').click();
  setTimeout(() => {
    const drawn = [...document.querySelectorAll(".chart")];
    facts.undrawn = drawn.filter((chart) => !chart.data?.length).length;
    const hidden = (name) => by(name).data.filter((trace) => trace.visible === false).length;
    facts.hidden = ["ranking", "profiles"].filter(by).map(hidden).join(" ");
    facts.pressed = new Set([...document.querySelectorAll('.chip[data-key="1"]')].map(
      (chip) => chip.getAttribute("aria-pressed"))).size;
    facts.toowide = wide();
    const boxes = [...document.querySelectorAll(".scroll")].filter((box) => box.clientWidth);
    const hides = (box) => box.scrollWidth > box.clientWidth + 2 || box.scrollHeight > box.clientHeight + 2;
    const says = (box) => box.nextElementSibling.textContent.startsWith("scrolls: ");
    facts.scrolling = boxes.filter(hides).length > 0 ? "some" : "none";
    facts.unsaid = boxes.filter((box) => hides(box) !== says(box)).length;
    facts.page = document.documentElement.scrollWidth - document.documentElement.clientWidth;
    document.querySelector('.chip[data-key="2"]').dispatchEvent(new MouseEvent("dblclick"));
    facts.alone = [...document.querySelectorAll('.chip[data-group="recipe"][aria-pressed="true"]')].every(
      (chip) => chip.dataset.key === "2");
  }, 2500);
}, 1500));
</script>
"""


FACTS = {
    "undrawn": "0",
    "hidden": "2",
    "pressed": "1",
    "toowide": "0",
    "page": "0",
    "alone": "true",
    "unsaid": "0",
}


@pytest.fixture(scope="module")
def seen(browser: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Facts]:
    parts = [
        comparison(("sgd", "momentum", "adam"), [normal(9 * i + k, 0.9 + 0.02 * k, 0.004, 12) for k in range(3)])
        for i in range(2)
    ]
    folder = tmp_path_factory.mktemp("page")
    page = write_comparison_page(comparisons(*parts), folder / "report.html", title="Compare")
    pages = {"all": page, "one": folder / "pages" / "iris-1.html"}
    looks = {f"{name} {width}": Look(pages[name], PROBE, width) for name in pages for width in (1400, 420)}
    return facts(browser, folder, looks)


@pytest.mark.parametrize("name", ["all", "one"])
@pytest.mark.parametrize("width", [1400, 420])
def test_the_charts_are_drawn(seen: dict[str, Facts], name: str, width: int) -> None:
    found = seen[f"{name} {width}"]
    assert FACTS.items() <= found.items(), found
    assert width > 420 or found["scrolling"] == "some"

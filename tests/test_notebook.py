"""The notebook among the examples runs, and what its cells show needs no script and is small."""

from pathlib import Path

import pytest

from optional import require

NOTEBOOK = Path(__file__).parents[1] / "examples" / "in_a_notebook.ipynb"
RESULTS = ("trained", "tuned", "found", "raced")


@pytest.mark.slow
def test_the_notebook_runs_and_shows_its_results() -> None:
    formats, client = require("nbformat"), require("nbclient")
    require("ipykernel")
    notebook = formats.read(NOTEBOOK, as_version=4)
    formats.validate(notebook)
    assert not any(cell.get("outputs") for cell in notebook.cells)  # what a machine showed is not kept
    client.NotebookClient(notebook, timeout=300, kernel_name="python3").execute()
    outputs = {cell.source.splitlines()[-1]: cell.outputs for cell in notebook.cells if cell.cell_type == "code"}
    for name in RESULTS:
        (html,) = [one.data["text/html"] for one in outputs[name] if one.output_type == "execute_result"]
        assert "<script" not in html
        assert "<table" in html
        assert "data:image/svg+xml" in html
        assert len(html) < 60_000
        (text,) = [one.data["text/plain"] for one in outputs[name] if one.output_type == "execute_result"]
        assert len(text) < 350
    (bars,) = [one.data["text/plain"] for one in outputs["trained"] if one.output_type == "display_data"]
    assert "trained 6/6 networks" in bars
    (bars,) = [one.data["text/plain"] for one in outputs["tuned"] if one.output_type == "display_data"]
    assert "the best again" in bars
    said = "".join(
        one.text for cell in notebook.cells for one in cell.get("outputs", ()) if one.output_type == "stream"
    )
    assert "column 'kind': 50 missing cells" in said

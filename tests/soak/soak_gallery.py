"""The gallery's pages at the width of a desk, all statements' among them: `make test` looks at those of a phone."""

from pathlib import Path

import pytest

from reference.browser import chromium
from report.gallery.test_gallery_in_browser import look_at_every_page, make_gallery
from trainwell.lecture import STATEMENTS, BookData, examine


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    data = BookData.load("digits")
    findings = [examine(name, size="small", data=data) for name in STATEMENTS]
    return make_gallery(tmp_path_factory.mktemp("gallery"), findings)


@pytest.mark.parametrize("width", [1400, 420])
def test_every_page_draws_its_charts_in_every_way(whole: Path, width: int) -> None:
    look_at_every_page(chromium(), whole, width)

"""All pages of the gallery, at the width of a desk and of a phone: `make test` looks at one of each kind."""

from pathlib import Path

import pytest

from lecture.test_statements import check
from reference.browser import chromium
from report.gallery.test_gallery_in_browser import look_at_pages, make_gallery
from trainwell.lecture import FIGURES, STATEMENTS, BookData, examine
from trainwell.report import CARDS, ERRORS, INDEX, LIBRARY, PAGES


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    data = BookData.load("digits")
    findings = [examine(name, size="small", data=data) for name in STATEMENTS]
    for one in findings:
        check(one)
    return make_gallery(tmp_path_factory.mktemp("gallery"), findings, FIGURES)


@pytest.mark.parametrize("width", [1400, 420])
def test_every_page_draws_its_charts_in_every_way(whole: Path, width: int) -> None:
    look_at_pages(chromium(), whole, width, [*FIGURES, *STATEMENTS])


def test_the_whole_is_small(whole: Path) -> None:
    files = [whole / INDEX, whole / ERRORS, whole / LIBRARY, *(whole / PAGES).glob("F-*"), *(whole / CARDS).glob("C-*")]
    assert len(files) == 3 + len(FIGURES) + len(STATEMENTS)
    assert sum(path.stat().st_size for path in files) <= 12e6

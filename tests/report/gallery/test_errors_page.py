"""The gallery's page of the documents' errors."""

import re

import pytest

from trainwell.lecture import DOCUMENT_ERRORS
from trainwell.report import ERRORS, write_gallery


@pytest.mark.slow
def test_all_ten_errors_stand_on_a_page_of_their_own(tmp_path) -> None:
    write_gallery([], tmp_path)
    page = (tmp_path / ERRORS).read_text()
    ids = re.findall(r'id="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    for number, error in DOCUMENT_ERRORS.items():
        assert f'<section id="error-{number}"' in page
        assert page.count(f'data-figure="figure-error-{number}-drawn-') == len(error.content.drawings)
    assert len(page) < 250_000
    assert f'href="{ERRORS}"' in (tmp_path / "index.html").read_text()

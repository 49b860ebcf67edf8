"""The gallery's pages at the width of a desk: `make soak` looks at them, `make test` at those of a phone."""

from pathlib import Path

from reference.browser import chromium
from report.gallery.test_gallery_in_browser import look_at_every_page, make_gallery


def test_every_page_draws_its_charts_in_every_way_on_a_wide_screen(tmp_path: Path) -> None:
    look_at_every_page(chromium(), make_gallery(tmp_path), 1400)

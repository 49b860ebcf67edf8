"""The library on pages: the scripts that were made of the version in the Python package, and their licences."""

import gzip
from hashlib import sha256
from importlib.resources import files

import pytest
from plotly.offline import get_plotlyjs_version

from trainwell.report.library.bundles import SHA256, SPACE, VERSION, compressed


@pytest.mark.parametrize("bundle", SHA256)
def test_a_bundle_is_as_it_was_made(bundle):
    script = gzip.decompress(compressed(bundle))
    assert sha256(script).hexdigest() == SHA256[bundle]
    text = script.decode()
    assert text.startswith(f"/* plotly.js v{VERSION} (scatter, bar, contour")
    assert f'.version="{VERSION}"' in text
    assert [f'name="{trace}"' in text or f'name:"{trace}"' in text for trace in SPACE] == [bundle == "solid"] * 2


def test_figures_are_made_for_the_same_major_version():
    """Figures of a later minor version are drawn, too: CI installs the newest."""
    assert get_plotlyjs_version().split(".")[0] == VERSION.split(".")[0]


def test_licences_of_all_parts_are_there():
    text = files("trainwell.report").joinpath("library", "LICENSES.txt").read_text()
    for one in (f"plotly.js {VERSION}", "@plotly/d3 ", "culori ", "Redistribution and use in source and binary forms"):
        assert one in text

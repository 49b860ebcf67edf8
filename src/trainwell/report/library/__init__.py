"""The library that draws the charts on pages: plotly.js with the traces that occur here, compressed.

`bundles` says which version it is and puts it into pages; `build.mjs` made the bundles `plane.min.js.gz` (charts in the
plane) and `solid.min.js.gz` (also in space), and `LICENSES.txt` of what is in them.
"""

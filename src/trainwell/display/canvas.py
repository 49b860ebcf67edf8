"""The empty chart that all charts start from: readable on light and on dark ground."""

import plotly.graph_objects as go

INK, GRID = "#767676", "rgba(128,128,128,0.22)"


def frame(x_title: str, y_title: str = "") -> go.Figure:
    """A chart without traces, transparent, with titled axes and room for long tick labels."""
    axis = {"gridcolor": GRID, "linecolor": GRID, "zeroline": False, "automargin": True, "ticks": ""}
    return go.Figure(
        layout={
            "template": "none",
            "paper_bgcolor": "rgba(0,0,0,0)",
            "plot_bgcolor": "rgba(0,0,0,0)",
            "font": {"color": INK, "size": 13, "family": "system-ui, sans-serif"},
            "margin": {"l": 8, "r": 8, "t": 30, "b": 8},
            "modebar": {"bgcolor": "rgba(0,0,0,0)", "color": INK, "activecolor": INK},
            "hovermode": "closest",
            "hoverlabel": {"align": "left"},
            "xaxis": {**axis, "title": {"text": x_title}},
            "yaxis": {**axis, "title": {"text": y_title}},
        }
    )

"""Colours that anybody can see."""

import numpy as np

from trainwell.display import COLORS


def test_colors_can_be_seen_on_light_and_dark_ground():
    for color in COLORS:
        assert contrast(color, "#ffffff") > 2, color
        assert contrast(color, "#171c22") > 4, color


def contrast(one, other):
    """Contrast ratio of the Web Content Accessibility Guidelines 2.2."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(color):
    parts = np.array([int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])

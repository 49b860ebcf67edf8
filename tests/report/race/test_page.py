"""The page of a race: its figures have the descents' numbers, its words claim no more than was seen."""

import json
import re
from dataclasses import replace

import jax.numpy as jnp
import numpy as np
import pytest

from reference.page_text import Page, figures, seen
from reference.races import LECTURE, ball_path, lecture_race, plain_path, race
from trainwell.display import styles
from trainwell.landscape import CriticalPoint, RateTuning, drawn_updates, own_surface, surface
from trainwell.optim import RULES
from trainwell.report import write_race_page
from trainwell.report.race.charts import MOST_FRAMES, ends_of, race_times, slopes_of
from trainwell.report.race.page import render_race_page
from trainwell.report.race.plane import race_plane, window_of
from trainwell.report.race.tables import ends_table, medians_table, results_table
from trainwell.training import Recipe

NASTY = "</script><script>alert(1)</script>", '<img src=x onerror="alert(1)"> %{x}'


def traces(figure, *kind):
    return [one for one in figure["data"] if one["meta"][1:] == list(kind)]


def rounded(figure, name):
    """How far a coordinate may be off: half a millionth of the axis."""
    return 0.5e-6 * np.ptp(figure["layout"][f"{name}axis"]["range"])


def test_the_page_says_what_was_found():
    found = lecture_race()
    page = Page(
        render_race_page(found, title="Race: bowl", command="trainwell race", seconds=1.25, files=["results.json"])
    )
    assert not page.open
    for part in (
        "On bowl, from (-7, 2), neither had converged within 29 updates. Lowest is plain, 0.0164 above the minimum; ",
        "Learning rates are as given, not tuned: the picture shows these settings only, not which",
        "These results are from one start",
        *(
            "even levels",
            "part of the domain",
            "momentum_step momentum 0.9",
            "0.95",
            "v ← ρv − ηg; θ ← θ + v",
            "a step that is a decaying sum of gradients times their learning rates",
        ),
        *(
            "bowl: a long bowl",
            "from (-10, -10) to (10, 10)",
            "1 minimum; there are no others",
            "trainwell race",
            "1.2 s",
        ),
        *("in the files beside this page: results.json", "jax "),
    ):
        assert part in page.visible, part
    assert "the gradient’s norm is above 0.001 after the last update" in page.visible
    assert "downhill for ever" not in page.visible  # nobody escaped
    assert not re.search(r"\bT-[A-Z]+-\d", page.visible)  # IDs explain nothing here


def test_the_race_is_drawn_where_the_descents_were():
    found = lecture_race()
    drawn = figures(render_race_page(found, title="T"))
    for k, path in enumerate((plain_path(0.95, 29), ball_path(29))):
        values = path[:, 0] ** 2 / 20 + path[:, 1] ** 2
        (line,), (head,) = traces(drawn["race"], "path", str(k)), traces(drawn["race"], "head", str(k))
        for name, own in zip("xy", path.T, strict=True):
            np.testing.assert_allclose(line[name], own, rtol=0, atol=rounded(drawn["race"], name))
        assert [one[:2] for one in line["customdata"]] == [[t, 0] for t in range(30)]
        assert [one[2] for one in line["customdata"]] == [pytest.approx(value, rel=5e-4) for value in values]
        assert (head["x"][0], head["y"][0]) == (line["x"][-1], line["y"][-1])
        (panel,) = traces(drawn["panels"], "path", str(k))
        assert (panel["x"], panel["y"]) == (line["x"], line["y"])
        assert panel["xaxis"] == ["x", "x2"][k]
    assert drawn["race"]["layout"]["meta"]["times"] == list(range(30))
    points = np.concatenate([plain_path(0.95, 29), ball_path(29)])
    (left, right), (low, high) = (drawn["race"]["layout"][f"{name}axis"]["range"] for name in "xy")
    assert right - left == pytest.approx(1.3 * np.ptp(points[:, 0]))
    assert high - low == pytest.approx(1.3 * max(np.ptp(points[:, 1]), np.ptp(points[:, 0]) / 2))
    (star,) = [one for one in drawn["race"]["data"] if one["meta"][1] == "critical"]
    assert (star["x"], star["y"], star["marker"]["symbol"]) == ([0], [0], ["star"])


def test_curves_have_the_height_and_the_slope():
    drawn = figures(render_race_page(lecture_race(), title="T"))
    path = plain_path(0.95, 29)
    (height,), (slope,) = (traces(drawn[name], "curve", "0") for name in ("height", "slope"))
    np.testing.assert_allclose(numbers(height["y"]), path[:, 0] ** 2 / 20 + path[:, 1] ** 2, rtol=1e-5)
    np.testing.assert_allclose(numbers(slope["y"]), np.hypot(path[:, 0] / 10, 2 * path[:, 1]), rtol=1e-5)
    assert drawn["height"]["layout"]["yaxis"]["type"] == "log"


def numbers(given):
    """An array of a figure's JSON, packed or not."""
    if isinstance(given, list):
        return np.array(given, float)
    import base64

    return np.frombuffer(base64.b64decode(given["bdata"]), given["dtype"])


def test_the_ball_is_momentum_at_its_own_height():
    drawn = figures(render_race_page(lecture_race(), title="T"))["ball"]
    ground, ball = drawn["data"]
    path = ball_path(29)
    assert ball["meta"][0] == "ball"
    np.testing.assert_allclose(np.transpose([numbers(ball["x"]), numbers(ball["y"])]), path, rtol=1e-6)
    above = numbers(ball["z"]) - path[:, 0] ** 2 / 20 - path[:, 1] ** 2
    top = (race_plane(lecture_race(), 1).window ** 2).max(1) @ [0.05, 1]
    np.testing.assert_allclose(above, 0.02 * top, rtol=1e-3)  # a little above a surface from 0 to its highest corner
    corner = numbers(ground["z"])[0] if isinstance(ground["z"], dict) else ground["z"][0][0]
    assert corner == pytest.approx(race_plane(lecture_race(), 1).window[:, 0] ** 2 @ [0.05, 1])


def test_who_converged_when_and_where():
    found = race(
        {"a": plain_path(0.1, 9), "b": plain_path(0.2, 9), "c": plain_path(0.3, 9), "d": plain_path(0.4, 9)},
        "double_valley",
        outcomes=np.array([["running"], ["converged"], ["converged"], ["stuck"]]),
        critical_indices=np.array([[-1], [1], [0], [2]]),
        settled_after=np.array([[-1], [3], [7], [4]]),
    )
    assert found.descents.ranking()[:2] == [2, 1]
    text = found.headline
    assert text == (
        "On double_valley, from (-7, 2), c is first: converged after 7 of 9 updates. Then b to a local minimum after "
        "3. Not converged: d (stuck at a saddle), a (still running)."
    )
    cells = {seen(row)[0][0]: seen(row) for row in results(found).rows}
    assert cells["c"][3] == ("converged", "global minimum (2,\u00a00)")
    assert cells["b"][3] == ("converged", "local minimum (−1,\u00a00)")
    assert cells["d"][3][1].startswith("saddle (0,")
    assert (cells["a"][6][0], cells["c"][6][0]) == ("never", "7")


def results(found):
    descents = found.descents
    return results_table(descents, styles(descents.ranking()), descents.ranking())


def test_who_left_is_said_and_cut_off():
    path = plain_path(1.5, 8)  # y: 2, -4, 8, -16, 32, ...
    path[6:] = np.nan
    found = race({"wild": path, "tame": plain_path(0.5, 8)})
    assert "wild (diverged after 5)" in found.headline
    assert seen(results(found).rows[1])[3] == ("diverged", "left after 5 updates")
    drawn = figures(render_race_page(found, title="T"))["race"]
    (line,), (head,) = traces(drawn, "path", "0"), traces(drawn, "head", "0")
    y = np.array(line["y"], float)
    # What is seen reaches from -4 to 8, with three tenths of room: from -5.8 to 9.8.
    np.testing.assert_allclose(y, [2, -4, 8, -5.8, np.nan, -5.8, 9.8, np.nan, 9.8, -5.8], rtol=1e-6)
    # From y = 8 to -16 that edge is crossed after 13.8 / 24 of the way in x, too.
    assert line["x"][3] == pytest.approx(path[2, 0] + 0.575 * (path[3, 0] - path[2, 0]), rel=1e-6)
    assert head["marker"]["symbol"] == ["x"]
    assert head["y"] == [-5.8]
    assert traces(drawn, "head", "1")[0]["marker"]["symbol"] == ["circle"]


def test_what_escapes_from_a_saddle_is_no_winner():
    path = np.stack([np.linspace(-1, 0, 12), 0.001 * 4.0 ** np.arange(12)], 1)
    path[10:] = np.nan
    found = race({"a": path, "b": path}, "saddle", outcomes=np.array([["escaped"]] * 2))
    assert found.headline.endswith(
        "neither had converged within 11 updates. At the end: a and b (escaped downhill after 9 and 9)."
    )
    page = Page(render_race_page(found, title="T"))
    assert "downhill for ever" in page.visible
    assert "1 saddle; there are no others" in page.visible


def test_a_curve_of_one_dimension():
    x = np.array([[-1.9], [-1.5], [0.5], [2.2]])
    drawn = figures(render_race_page(race({"a": x}, surface("double_valley", dimension=1)), title="T"))
    (line,) = traces(drawn["race"], "path", "0")
    heights = x[:, 0] ** 4 / 4 - x[:, 0] ** 3 / 3 - x[:, 0] ** 2
    np.testing.assert_allclose(line["x"], x[:, 0], rtol=0, atol=rounded(drawn["race"], "x"))
    np.testing.assert_allclose(line["y"], heights, rtol=0, atol=rounded(drawn["race"], "y"))
    assert line["mode"] == "markers"
    (marks,) = [one for one in drawn["race"]["data"] if one["meta"][1] == "critical"]
    assert sorted(marks["x"]) == [-1, 0, 2]
    assert set(drawn) == {"race", "height", "slope"}


def test_five_dimensions_are_projected_on_the_flattest_and_the_steepest():
    curved = jnp.array([1.0, 50.0, 2.0, 0.1, 3.0])
    bowl = own_surface(lambda x: 0.5 * jnp.sum(curved * (x - 1) ** 2), 5, domain=(-4, 4), name="five",
                       critical=[CriticalPoint(np.ones(5), 0.0, "minimum", is_global=True)])  # fmt: skip
    path = np.linspace([3, 2, 2, -3, 2], np.ones(5), 7)
    found = race({"a": path}, bowl)
    text = render_race_page(found, title="T")
    (line,) = traces(figures(text)["race"], "path", "0")
    drawn = figures(text)["race"]
    np.testing.assert_allclose(line["x"], path[:, 3] - 1, rtol=0, atol=rounded(drawn, "x"))
    np.testing.assert_allclose(line["y"], path[:, 1] - 1, rtol=0, atol=rounded(drawn, "y"))
    assert "The surface has 5 dimensions." in Page(text).visible
    assert set(figures(text)) == {"race", "height", "slope"}
    plane = race_plane(found, 1)
    np.testing.assert_allclose(plane.points(np.array([[0.5, -1.0]])), [[1, 0, 1, 1.5, 1]], atol=1e-6)
    assert plane.holds(np.ones(5))
    assert not plane.holds(np.array([2.0, 1, 1, 1, 1]))


def test_where_no_minimum_is_known_values_are_drawn_as_they_are():
    waves = own_surface(lambda x: jnp.sin(x[0]) + 0.1 * x[1] ** 2 - 5, 2, name=NASTY[0])
    path = np.stack([np.linspace(-5, -2, 6), np.ones(6)], 1)
    found = race({"a": path, "b": path}, waves, outcomes=np.array([["converged"], ["running"]]),
                 settled_after=np.array([[4], [-1]]))  # fmt: skip
    text = render_race_page(found, title="T")
    (curve,) = traces(figures(text)["height"], "curve", "0")
    np.testing.assert_allclose(numbers(curve["y"]), np.sin(path[:, 0]) + 0.1 - 5, rtol=1e-6)
    assert figures(text)["height"]["layout"]["yaxis"]["title"]["text"] == "Value"
    assert "a is first: converged after 4 of 5 updates. Not converged: b (still running)." in found.headline
    assert "Critical points none is known" in Page(text).visible
    assert NASTY[0] in Page(text).visible


def many(losers=("b",)):
    """Ten starts, of which the first two have paths; "a" reaches the minimum from 8, the losers from none."""
    S, path = 10, np.stack([plain_path(0.5, 20), plain_path(0.5, 20, (5.0, 5.0))])
    a = ["converged"] * 8 + ["running", "diverged"]
    b = ["running"] * 5 + ["diverged"] * 5
    C, lost = 1 + len(losers), len(losers)
    settled = np.array([[1, 2, 3, 4, 5, 6, 7, 8, -1, -1], *[[-1] * S] * lost])
    left = np.array([[-1] * 9 + [4], *[[-1] * 5 + [3] * 5] * lost])
    return race(
        dict.fromkeys(("a", *losers), path),
        starts=np.tile([[-7.0, 2.0]], (S, 1)),
        outcomes=np.array([a, *[b] * lost]),
        critical_indices=np.where(settled > 0, 0, -1),
        points=np.zeros((C, S, 2)),
        values=np.tile(np.arange(S, dtype=float), (C, 1)),
        gradient_norms=np.ones((C, S)),
        lowest_values=np.zeros((C, S)),
        settled_after=settled,
        left_after=left,
        lengths=np.full((C, S), 2.5),
        turns=np.full((C, S, 2), 3),
        evaluations=np.full((C, S), 20),
        overshoots=np.where(left[..., None] >= 0, np.nan, 0.5) * np.ones(2),
    )


@pytest.mark.parametrize("losers", ["bc", "bcdefg"])
def test_contenders_that_never_reach_a_minimum_are_not_ranked(losers):
    assert many(losers).headline.endswith("of 10 starts, then all others from 0.0% [0.0%, 27.8%] (95% intervals).")


def test_many_starts_have_shares_and_medians():
    found = many()
    descents, order = found.descents, found.descents.ranking()
    assert order == [0, 1]
    text = found.headline
    assert text == (
        "On bowl, a is first: converged to a global minimum within 20 updates from 80.0% [49.0%, 94.3%] of 10 starts, "
        "then b from 0.0% [0.0%, 27.8%] (95% intervals)."  # Wilson's ends of 0 of 10: 0 and z²/(10 + z²)
    )
    ends = ends_of(descents)
    assert ends == [{"at a global minimum": 8, "running": 1, "diverged": 1}, {"running": 5, "diverged": 5}]
    table = ends_table(descents, ends, styles(descents.ranking()), order)
    assert [head.text for head in table.heads[3:]] == ["At a global minimum", "Running", "Diverged"]
    assert seen(table.rows[0])[3] == ("80.0%", "[49.0%, 94.3%]")
    medians = medians_table(descents, styles(descents.ranking()), order).rows
    assert seen(medians[0])[3] == ("5.5", "[2, never]")  # of 1 … 8 and twice never: the second and the ninth
    assert seen(medians[1])[3][0] == "never"
    assert seen(medians[0])[1] == ("4.50", "[1.00, 8.00]")
    assert seen(medians[0])[4] == ("3", "[3, 3]")
    assert seen(medians[1])[5] == ("0.500", "")  # five have no overshoot, five are too few for an interval


def test_equal_shares_are_said_once():
    found = many()
    same = found.descents.outcomes[[0, 0]], found.descents.critical_indices[[0, 0]]
    descents = replace(found.descents, outcomes=same[0], critical_indices=same[1])
    settled = np.array([found.descents.settled_after[0], [40] * 8 + [-1, -1]])
    descents = replace(descents, settled_after=settled)
    assert replace(found, descents=descents).headline == (
        "On bowl, a and b are first: converged to a global minimum within 20 updates from 80.0% [49.0%, 94.3%] of 10 "
        "starts (95% intervals). Fastest of these is a, after a median of 4.5 updates; then b after 40."
    )


def test_how_far_ahead_the_first_is():
    paths = {"a": plain_path(0.1, 99), "b": plain_path(0.2, 99), "c": plain_path(0.3, 99)}
    converged = np.array([["converged"]] * 3)
    found = race(
        paths, outcomes=converged, critical_indices=np.zeros((3, 1), int), settled_after=np.array([[20], [50], [90]])
    )
    assert found.headline == (
        "On bowl, from (-7, 2), a is first: converged after 20 of 99 updates, 2.5 times as fast as the next. "
        "Then b after 50 and c after 90."
    )


def test_where_nobody_finds_the_global_minimum_the_lowest_is_first():
    local, S = [[1] * 4] * 2, 4
    found = race(
        {"quick": plain_path(0.5, 20), "low": plain_path(0.5, 20)},
        "double_valley",
        starts=np.tile([[-1.9, 1.0]], (S, 1)),
        outcomes=np.array([["converged"] * S] * 2),
        critical_indices=np.array(local),
        values=np.array([[3.0, 3.0, 4.0, 4.0], [1.0, 1.0, 2.0, 9.0]]),
        settled_after=np.array([[2] * S, [20] * S]),
        **{name: np.zeros((2, S)) for name in ("gradient_norms", "lowest_values", "lengths", "evaluations")},
        left_after=np.full((2, S), -1),
        turns=np.zeros((2, S, 2), int),
        overshoots=np.zeros((2, S, 2)),
        points=np.zeros((2, S, 2)),
    )
    assert found.descents.ranking() == [1, 0]
    bottom = 2**4 / 4 - 2**3 / 3 - 2**2  # x⁴/4 − x³/3 − x² at 2
    assert found.headline == (
        "On double_valley, nobody converged to a global minimum within 20 updates from any of 4 starts: "
        f"0.0% [0.0%, 49.0%] each. Lowest is low, {1.5 - bottom:.2f} above the minimum, median of the starts; "
        f"then quick, {3.5 - bottom:.2f}."
    )


def test_many_starts_on_the_page():
    text = render_race_page(many(), title="T")
    page, drawn = Page(text), figures(text)
    assert (
        "Shown are the paths from the first of 10 starts; the button “paths from 1 more start” adds others."
        in page.visible
    )
    assert "These results are from one start" not in page.visible
    bars = {one["meta"][0]: one for one in drawn["ends"]["data"]}
    assert set(bars) == {"at a global minimum", "running", "diverged"}
    np.testing.assert_allclose(sum(numbers(one["x"]) for one in bars.values()), 1)
    assert bars["at a global minimum"]["x"] == [0.8, 0]
    for start, more in enumerate(([], ["others"])):
        (line,), (head,) = (traces(drawn["race"], kind, "0", *more) for kind in ("path", "head"))
        assert [one[:2] for one in line["customdata"]] == [[t, start] for t in range(21)]
        assert [one[:2] for one in head["customdata"]] == [[20, start]]
    assert len(traces(drawn["panels"], "path", "0") + traces(drawn["panels"], "path", "0", "others")) == 1
    more = [one for one in page.named("button") if one.get("data-group") == "start"]
    assert [(one["data-key"], one["aria-pressed"]) for one in more] == [("others", "false")] * 2
    (thin,), (middle,) = traces(drawn["height"], "curve", "0", "others"), traces(drawn["height"], "curve", "0")
    heights = [path[:, 0] ** 2 / 20 + path[:, 1] ** 2 for path in (plain_path(0.5, 20), plain_path(0.5, 20, (5, 5)))]
    np.testing.assert_allclose(numbers(middle["y"]), np.mean(heights, 0), rtol=1e-5)  # the median of two
    assert len(numbers(thin["y"])) == 2 * 22


def tuning(label, scores, criterion, chosen, advice=()):
    rates = np.array([0.01, 0.1, 1.0])
    return RateTuning(label, rates, np.array(scores), criterion, np.array([0, 0.5, 1]), chosen, 32, 29, advice)


def test_tuned_rates_are_drawn_by_what_they_were_judged_by():
    tunings = {
        "plain": tuning("plain", [50.0, 40.0, 30.0], "updates", 2, ("1 is the largest that was tried",)),
        "ball": tuning("ball", [1.0, 1e-4, np.inf], "height", 1),
    }
    text = render_race_page(replace(lecture_race(), tunings=tunings), title="T")
    page, drawn = Page(text), figures(text)
    (by_updates,), (by_height,) = drawn["rates-updates"]["data"], drawn["rates-height"]["data"]
    assert (by_updates["x"], by_updates["y"]) == ([0.01, 0.1, 1], [50, 40, 30])
    assert by_updates["marker"]["symbol"] == ["circle", "circle", "star"]
    assert by_height["y"] == [1, 1e-4, None]
    assert drawn["rates-height"]["layout"]["yaxis"]["type"] == "log"
    assert "type" not in drawn["rates-updates"]["layout"]["yaxis"]
    for part in (
        "the same 3 learning rates from 0.01 to 1, from the same 32 random starts of the domain",
        "Rates for plain were ranked by the mean number of updates",
        "plain: 1 is the largest that was tried",
    ):
        assert part in page.visible, part
    assert "not tuned" not in page.visible


def test_the_page_loads_nothing():
    page = Page(text := render_race_page(many(), title="T"))
    for tag, attrs in page.elements:
        assert "src" not in attrs, tag
        assert attrs.get("href", "data:,").startswith("data:"), tag
    (policy,) = [m["content"] for m in page.named("meta") if m.get("http-equiv") == "Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "@import" not in text.partition("<script>")[0]


def test_text_of_others_is_never_markup():
    def page(one, other):
        paths = {one: plain_path(0.95, 9), other: ball_path(9)}
        found = race(paths, recipes=dict(zip(paths, LECTURE.values(), strict=True)))
        tunings = {one: tuning(one, [3.0, 2.0, 1.0], "updates", 2, (other,))}
        return render_race_page(replace(found, tunings=tunings), title=one, command=other, files=[one])

    text = page(*NASTY)
    nasty, plain = Page(text), Page(page("a", "b"))
    assert [tag for tag, _ in nasty.elements] == [tag for tag, _ in plain.elements]
    assert NASTY[0] in nasty.visible
    assert NASTY[1] in nasty.visible
    for name, figure in figures(text).items():
        assert "<script" not in json.dumps(figure), name
        assert "<img" not in json.dumps(figure), name


@pytest.mark.parametrize("make", [lecture_race, many])
def test_switches_and_tables_are_sound(make):
    text = render_race_page(make(), title="T")
    page, drawn = Page(text), figures(text)
    assert not page.open
    keys = {chip["data-key"] for chip in page.named("button") if chip.get("data-group") == "recipe"}
    assert keys == {"0", "1"}
    for name in ("race", "height", "slope"):
        assert keys <= {trace["meta"][2] for trace in drawn[name]["data"]}, name
    ids = [attrs["id"] for _, attrs in page.elements if "id" in attrs]
    assert len(ids) == len(set(ids))
    assert {a["aria-labelledby"] for _, a in page.elements if "aria-labelledby" in a} <= set(ids)
    assert {attrs.get("scope") for attrs in page.named("th")} == {"col", "row"}


def test_more_contenders_than_colours():
    paths = {f"rate {i}": plain_path(0.05 * (i + 1), 9) for i in range(12)}
    text = render_race_page(race(paths), title="T")
    drawn = figures(text)
    assert "panels" not in drawn
    assert "the other 2" in Page(text).visible
    assert len(traces(drawn["race"], "path", "rest")) == 2


def test_a_race_without_paths_has_no_page():
    found = lecture_race()
    with pytest.raises(ValueError, match="paths=True"):
        render_race_page(replace(found, descents=replace(found.descents, paths=None)), title="T")


def test_the_file_is_the_page(tmp_path):
    path = write_race_page(lecture_race(), tmp_path / "page.html", title="Race: bowl")
    assert "<title>Race: bowl</title>" in path.read_text(encoding="utf-8")


@pytest.mark.parametrize("steps", [1, 29, MOST_FRAMES - 1, MOST_FRAMES, 137, 1000, 100_000])
def test_the_player_stops_at_growing_updates(steps):
    descents = replace(lecture_race().descents, steps=steps)
    times = race_times(descents)
    assert (times[0], times[-1]) == (0, steps)
    assert (np.diff(times) >= 1).all()
    assert len(times) == min(steps + 1, MOST_FRAMES)
    settled = replace(descents, settled_after=np.array([[3], [5]]))
    assert race_times(settled)[-1] == min(7, steps)  # 1.1 · 5 + 2
    assert race_times(replace(descents, settled_after=np.array([[3], [-1]])))[-1] == steps


@pytest.mark.parametrize(("steps", "most"), [(99, 100), (100, 100), (5000, 400), (7, 1)])
def test_the_first_updates_are_all_drawn(steps, most):
    found = drawn_updates(steps, most)
    assert (found[0], found[-1]) == (0, steps)
    assert (np.diff(found) >= 1).all()
    assert len(found) == min(steps + 1, max(most, 100))
    assert (np.diff(found[: len(found) // 2]) == 1).all()


def test_a_window_around_paths_that_are_close_together():
    domain = np.array([[-10.0, 10.0], [0.0, 2.0]])
    close = np.array([[1.0, 1.0], [3.0, 1.1]])  # a tenth of the width, a twentieth of the height
    np.testing.assert_allclose(window_of(close, domain), [[0.7, 3.3], [0.985, 1.115]])
    flat = np.array([[1.0, 1.0], [3.0, 1.0]])  # no axis is enlarged more than twice as much as the other
    np.testing.assert_allclose(window_of(flat, domain), [[0.7, 3.3], [0.935, 1.065]])
    near = np.array([[9.5, 1.9], [10.0, 2.0]])
    np.testing.assert_allclose(window_of(near, domain)[:, 1], [10, 2])
    np.testing.assert_allclose(window_of(np.array([[-10.0, 1.0], [0.0, 1.0]]), domain), [[-10, 3], [0.675, 1.325]])
    for wide in ([[-10.0, 0.4], [6.0, 2.0]], [[1.0, 1.0]], [[50.0, 1.0]]):
        np.testing.assert_array_equal(window_of(np.array(wide), domain), domain)


def test_slopes_are_the_gradients():
    points = np.array([[[1.0, 1.0], [1.0, 2.0]]])  # Rosenbrock's: (2(x − 1) − 400x(y − x²), 200(y − x²))
    np.testing.assert_allclose(slopes_of(surface("rosenbrock"), points), [[0, np.hypot(400, 200)]], rtol=1e-6)


def test_all_rules_are_told_at_a_glance():
    built_in = [spec for spec in RULES.values() if not spec.own]
    assert all("θ ← θ" in spec.formula and spec.keeps for spec in built_in)
    words = {word for spec in built_in for word in re.findall(r"\w+", spec.formula)}
    assert not words & RULES.keys()  # a formula does not refer to that of another rule, which may not be shown


def test_settings_are_those_in_force():
    recipes = {"a": Recipe(optimizer="adam"), "b": Recipe(optimizer="sgd", learning_rate=0.5, schedule="cosine")}
    found = race({"a": plain_path(0.1, 5), "b": plain_path(0.2, 5)}, recipes=recipes)
    cells = {seen(row)[0][0]: seen(row) for row in results(found).rows}
    assert cells["a"][1:3] == (("adam", "beta1 0.9, beta2 0.999, eps 1e-07"), ("0.001", ""))
    assert cells["b"][1:3] == (("sgd", "schedule cosine"), ("0.5", ""))

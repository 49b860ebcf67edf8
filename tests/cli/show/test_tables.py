from trainwell.cli.show.tables import drawn_intervals


def test_all_rows_share_one_scale():
    rows = drawn_intervals([(2.0, 0.0, 4.0), (3.0, 2.0, 4.0), (0.0, None, None), (None, None, None)], width=5)
    assert rows == ["├─●─┤", "  ├●┤", "●    ", "     "]


def test_equal_values_are_drawn_in_the_middle():
    assert drawn_intervals([(1.0, 1.0, 1.0)], width=5) == ["  ●  "]


def test_without_room_nothing_is_drawn():
    assert drawn_intervals([(1.0, 0.0, 2.0)], width=2) == [""]

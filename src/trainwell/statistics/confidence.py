"""The coverage asked of an interval, checked."""


def check_confidence(confidence: float) -> None:
    """Refuse a coverage that is none.

    Args:
        confidence: of an interval, in (0, 1).

    Raises:
        ValueError: it is outside (0, 1), such as a percentage.
    """
    if not 0 < confidence < 1:
        raise ValueError(f"confidence must be in (0, 1), got {confidence}: 0.95 means 95%")

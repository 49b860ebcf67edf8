"""Findings as JSON values and back."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from trainwell.core import parse_json, read_checked, write_checked
from trainwell.lecture.contents import CONTENTS
from trainwell.lecture.experiment import Chart, Criterion, Curve, Finding, Measured, Part


def finding_json(found: Finding) -> dict[str, Any]:
    """A finding as JSON values: NaN is null, infinity (never reached) is the text `inf`.

    Example:
        >>> from trainwell.lecture.experiment import above
        >>> one = Measured("a share", 0.5, 0.4, 0.6, 20)
        >>> finding_json(Finding("C-19", (Part("this is so", (above(one, 0.3),)),), 1.0))["verdict"]
        'holds'
    """
    effect = found.effect
    values = {
        "id": found.id,
        "text": CONTENTS[found.id],
        "verdict": found.verdict,
        "sentence": found.sentence,
        "effect_of": effect.what,
        "effect": effect.estimate,
        "low": effect.low,
        "high": effect.high,
        "n": effect.n,
        "size": found.size,
        "data": found.data,
        "seconds": round(found.seconds, 3),
        "parts": [_part_json(part) for part in found.parts],
    }
    return dict(_plain(values))


def _part_json(part: Part) -> dict[str, Any]:
    conditions = [{"where": where, "holds": held} for where, held in part.conditions.items()]
    criteria = [{**asdict(one), "holds": one.holds} for one in part.criteria]
    return {**asdict(part), "verdict": part.verdict, "conditions": conditions, "criteria": criteria}


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _plain(item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None if math.isnan(value) else str(value)
    return value


def keep_finding(path: Path, found: Finding) -> None:
    """Save a finding for later calls, atomically and with a checksum."""
    write_checked(path, json.dumps(finding_json(found), allow_nan=False).encode())


def read_finding(path: Path) -> Finding | None:
    """The finding of an earlier call; None if missing or damaged."""
    try:
        return finding_of(parse_json(read_checked(path)))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def finding_of(values: Mapping[str, Any]) -> Finding:
    """The finding from JSON values.

    Raises:
        KeyError: a value is missing.
        TypeError: a value has another type.
        ValueError: a value is not a number.
    """
    return Finding(
        values["id"], tuple(_part(one) for one in values["parts"]), values["seconds"], values["size"], values["data"]
    )


def _part(values: Mapping[str, Any]) -> Part:
    chart = values["chart"]
    return Part(
        values["claim"],
        tuple(
            Criterion(_measured(one["number"]), one["side"], one["bound"], one["where"], one["doubt"])
            for one in values["criteria"]
        ),
        tuple(_measured(one) for one in values["measured"]),
        chart and Chart(**{**chart, "curves": tuple(_curve(one) for one in chart["curves"])}),
        values["beyond"],
    )


def _measured(values: Mapping[str, Any]) -> Measured:
    estimate, low, high = (_number(values[name]) for name in ("estimate", "low", "high"))
    return Measured(values["what"], estimate, low, high, int(values["n"]))


def _curve(values: Mapping[str, Any]) -> Curve:
    return Curve(values["label"], *(_numbers(values[name]) for name in ("x", "y", "low", "high")))


def _numbers(values: Sequence[Any]) -> tuple[float, ...]:
    return tuple(_number(one) for one in values)


def _number(value: Any) -> float:
    return math.nan if value is None else float(value)

"""A space's fields as plain values, as in its files."""

from collections.abc import Mapping
from typing import Any

from trainwell.core import SpaceError, nearest
from trainwell.training.space.axes import Axis, Choices, Range, check_field, searchable, takes_lists, values_of

RANGE = ("low", "high", "log", "integer", "step", "when", "otherwise")
CHOICES = ("choices", "when", "otherwise")


def table_of(fields: Mapping[str, Any], otherwise: Mapping[str, Any]) -> dict[str, Any]:
    """Fields as plain JSON values: a range as `{"low": …, "high": …}`, choices as `{"choices": […]}`.

    Args:
        fields: values and axes by name.
        otherwise: values of axes where they are not active.

    Example:
        >>> table_of({"epochs": 5.0, "momentum": Range(0.5, 0.9)}, {})
        {'epochs': 5.0, 'momentum': {'low': 0.5, 'high': 0.9}}
    """
    table: dict[str, Any] = {}
    for name, setting in fields.items():
        if not isinstance(setting, Range | Choices):
            table[name] = _listed(setting)
            continue
        table[name] = _axis_table(setting)
        if name in otherwise:
            table[name]["otherwise"] = _listed(otherwise[name])
    return table


def fields_of(table: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The inverse of `table_of`. A plain list is also read as choices, unless the field itself is a list.

    Raises:
        SpaceError: a range, a list or a condition is malformed.

    Example:
        >>> fields_of({"optimizer": ["sgd", "adam"]})
        ({'optimizer': Choices(values=('sgd', 'adam'), when=None)}, {})
    """
    fields: dict[str, Any] = {}
    otherwise: dict[str, Any] = {}
    for name, raw in table.items():
        try:
            if isinstance(raw, Mapping):
                check_field(name)
                fields[name] = _axis(name, raw)
                if "otherwise" in raw:
                    (otherwise[name],) = values_of(name, raw["otherwise"])
            elif isinstance(raw, list) and _is_choices(name, raw):
                check_field(name)
                fields[name] = Choices(values_of(name, raw))
            else:
                fields[name] = tuple(raw) if isinstance(raw, list) else raw
        except SpaceError as error:
            raise SpaceError(str(error) if name in str(error) else f"{name}: {error}") from None
        except ValueError:
            raise SpaceError(f"{name} has several values in 'otherwise': give one") from None
    return fields, otherwise


def _axis_table(axis: Axis) -> dict[str, Any]:
    table: dict[str, Any]
    if isinstance(axis, Choices):
        table = {"choices": _listed(axis.values)}
    else:
        table = {"low": axis.low, "high": axis.high}
        table |= {"log": True} if axis.log else {}
        table |= {"integer": True} if axis.integer else {}
        table |= {} if axis.step is None else {"step": axis.step}
    if axis.when is not None:
        table["when"] = {parent: _listed(values) for parent, values in axis.when.items()}
    return table


def _axis(name: str, table: Mapping[str, Any]) -> Axis:
    known = CHOICES if "choices" in table else RANGE
    for key in table:
        if key not in known:
            raise SpaceError(
                f"'{key}' is not a key of {'choices' if 'choices' in table else 'a range'}: {nearest(str(key), known)}"
            )
    if "choices" in table:
        listed = table["choices"]
        if takes_lists(name) and isinstance(listed, list) and listed and not _is_choices(name, listed):
            raise SpaceError(f"choices of {name} must be a list of lists, got {listed}: write [{listed}]")
        return Choices(values_of(name, listed) if isinstance(listed, list) and listed else listed, table.get("when"))
    for end in ("low", "high"):
        if end not in table:
            raise SpaceError(f"a range needs low and high, {end} is missing: write {{ low = 0.1, high = 1 }}")
    for switch in ("log", "integer"):
        if not isinstance(table.get(switch, False), bool):
            raise SpaceError(f"{switch} of a range must be true or false, got {table[switch]!r}")
    return Range(**{key: value for key, value in table.items() if key != "otherwise"})


def _is_choices(name: str, raw: list[Any]) -> bool:
    """Whether a plain list means choices; for a list-valued field only if it contains lists."""
    return name not in searchable() or not takes_lists(name) or any(isinstance(one, list) for one in raw)


def _listed(value: Any) -> Any:
    return [_listed(part) for part in value] if isinstance(value, tuple) else value

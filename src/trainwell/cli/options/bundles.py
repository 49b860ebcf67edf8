"""Options that belong together as one dataclass: a command takes it as one parameter, the user sees each field."""

from collections.abc import Callable
from dataclasses import MISSING, Field, fields, is_dataclass
from inspect import Parameter, Signature, signature
from typing import Any, get_type_hints


def bundled(command: Callable[..., None]) -> Callable[..., None]:
    """A function for Typer in which every dataclass parameter of `command` is spread into its fields.

    Args:
        command: its parameters are Typer's, or dataclasses whose fields are.

    Returns:
        A function with one keyword per field; it puts the dataclasses together and calls `command`.
    """
    spread: list[Parameter] = []
    bundles: dict[str, type] = {}
    for parameter in signature(command, eval_str=True).parameters.values():
        if isinstance(parameter.annotation, type) and is_dataclass(parameter.annotation):
            bundles[parameter.name] = parameter.annotation
            spread += _parameters(parameter.annotation)
        else:
            spread.append(parameter.replace(kind=Parameter.KEYWORD_ONLY))

    def gathered(**given: Any) -> None:
        whole = {
            name: kind(**{field.name: given.pop(field.name) for field in fields(kind)})
            for name, kind in bundles.items()
        }
        command(**given, **whole)

    gathered.__name__, gathered.__doc__ = command.__name__, command.__doc__
    gathered.__annotations__ = {parameter.name: parameter.annotation for parameter in spread}
    gathered.__signature__ = Signature(spread)  # type: ignore[attr-defined]  # what inspect.signature reads
    return gathered


def _parameters(bundle: type) -> list[Parameter]:
    hints = get_type_hints(bundle, include_extras=True)
    return [
        Parameter(field.name, Parameter.KEYWORD_ONLY, default=_default(field), annotation=hints[field.name])
        for field in fields(bundle)
    ]


def _default(field: Field[Any]) -> Any:
    return Parameter.empty if field.default is MISSING else field.default

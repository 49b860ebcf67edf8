"""Functions written by users: comparing, registering, fingerprinting and calling them, with clear errors."""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from inspect import Parameter, signature
from types import CodeType, FunctionType, MethodType
from typing import Any, TypeVar

import numpy as np

from trainwell.core.errors import NameTakenError, RecipeError
from trainwell.core.files import sha256

Entry = TypeVar("Entry")


def same_function(one: Any, other: Any) -> bool:
    """Whether two functions have the same code, defaults and closures.

    Values that cannot be compared count as different.
    A notebook cell that runs again defines its functions again. They are the same if their code is; its line numbers do
    not matter.

    Args:
        one: a function, or a tuple of functions and values.
        other: another.

    Example:
        >>> def half(scale):
        ...     return lambda t: scale * t / 2
        >>> same_function(half(1.0), half(1.0)), same_function(half(1.0), half(2.0))
        (True, False)
    """
    return _same(one, other, ())


def registered(
    registry: dict[str, Entry], name: str, entry: Entry, is_same: Callable[[Entry], bool], what: str, instead: str
) -> Entry:
    """Add a user's entry to a registry. Adding the same entry again changes nothing.

    Args:
        registry: name -> entry; changed in place.
        name: a Python identifier.
        entry: the entry to add.
        is_same: whether the entry that already has this name equals the new one.
        what: the kind of entry, for errors, such as `optimizer`.
        instead: an example of a valid name, for errors.

    Returns:
        The registered entry with this name.

    Raises:
        NameTakenError: another entry has the name.
        RecipeError: the name is not an identifier.
    """
    a = "an" if what[0] in "aeiou" else "a"
    if name in registry:
        if is_same(registry[name]):
            return registry[name]
        raise NameTakenError(f"there is {a} {what} '{name}' already: choose another name")
    if not name.isidentifier():
        raise RecipeError(f"{a} {what}'s name must be an identifier, got '{name}'; try '{instead}'")
    registry[name] = entry
    return entry


def description_of(function: Any, instead: str) -> str:
    """The first line of a function's docstring; `instead` if there is none."""
    return ((function.__doc__ or "").strip().splitlines() or [instead])[0]


def parameter_names(function: Callable[..., Any]) -> tuple[str, ...]:
    """Names of a function's parameters; `()` where they are unknown, as for some functions written in C.

    Example:
        >>> parameter_names(lambda t, total_epochs: t)
        ('t', 'total_epochs')
    """
    try:
        return tuple(signature(function).parameters)
    except (TypeError, ValueError):
        return ()


def named_parameters(function: Callable[..., Any], after: int = 0) -> dict[str, Any]:
    """Parameters with their defaults, `Parameter.empty` where there is none; those with a star are left out.

    Args:
        function: the function.
        after: how many come first and are left out, too, since they are given by position.

    Raises:
        RecipeError: the function does not say what it takes, as some written in C.

    Example:
        >>> def scaled(x, *, factor=2.0): ...
        >>> named_parameters(scaled)["factor"]
        2.0
    """
    try:
        given = signature(function).parameters.values()
    except (TypeError, ValueError):
        raise RecipeError(f"{function!r} does not say which parameters it takes: wrap it in a lambda") from None
    starred = (Parameter.VAR_POSITIONAL, Parameter.VAR_KEYWORD)
    return {one.name: one.default for one in [one for one in given if one.kind not in starred][after:]}


def call(function: Callable[..., Any], what: str, instead: str, *arguments: Any, **named: Any) -> Any:
    """Call a user's function and turn any exception into a `RecipeError`.

    Args:
        function: the function.
        what: how the error names the function.
        instead: what the function should do, for the error.
        *arguments: its positional arguments.
        **named: its keyword arguments.

    Returns:
        What the function returns.

    Raises:
        RecipeError: the function raised an exception, which is the `__cause__`.
    """
    try:
        return function(*arguments, **named)
    except Exception as error:
        first = next(iter(str(error).splitlines()), "")
        raise RecipeError(f"{what} fails ({type(error).__name__}: {first}): {instead}") from error


def fingerprint(function: Any) -> str:
    """A checksum (SHA-256) of a function's code and the values it uses.

    These values are its closure, its defaults, and the globals it names: numbers, strings, arrays, functions of its
    module. The state of other objects does not count. The checksum is equal in all processes of one Python version.

    Args:
        function: a function, or a tuple of functions and values.

    Example:
        >>> fingerprint(lambda t: t / 2) == fingerprint(lambda t: t / 2), fingerprint(len) == fingerprint(max)
        (True, False)
    """
    return sha256(b"".join(part.encode() + b"\0" for part in _plain(function, ())))


def _plain(value: Any, within: tuple[int, ...]) -> Iterator[str]:
    """The parts of a value as texts, for its checksum. `within`: ids of the enclosing values, to stop at cycles."""
    if id(value) in within:
        return
    within = (*within, id(value))
    if (inside := _inside(value)) is not None:
        yield from _plain(inside, within)
    elif isinstance(value, tuple | list | Mapping):
        for part in value.items() if isinstance(value, Mapping) else value:
            yield from _plain(part, within)
    elif hasattr(value, "__array__") and hasattr(value, "dtype"):  # arrays of NumPy and JAX
        yield from (str(value.dtype), np.asarray(value).tobytes().hex())
    elif value is None or isinstance(value, bool | int | float | complex | str | bytes | frozenset):
        yield repr(sorted(value, key=repr) if isinstance(value, frozenset) else value)
    else:
        yield f"{type(value).__name__} {getattr(value, '__qualname__', '')}"
        if isinstance(own := vars(type(value)).get("__call__"), FunctionType):
            yield from _plain(own, within)


def _inside(value: Any) -> tuple[Any, ...] | None:
    """What a function, a method, a function wrapped as by `jax.jit`, a class or code consists of; None for others."""
    if isinstance(value, FunctionType):
        return (*_parts(value)[:-1], _globals_of(value))
    if isinstance(value, partial):
        return _parts(value)
    if isinstance(value, MethodType):
        return value.__func__, value.__self__
    if isinstance(value, CodeType):
        return value.co_code, value.co_names, value.co_varnames, value.co_consts
    if isinstance(value, type):
        return value.__qualname__, [one for one in vars(value).values() if isinstance(one, FunctionType)]
    wrapped = getattr(value, "__wrapped__", None)
    return (wrapped,) if isinstance(wrapped, FunctionType) else None


def _same(one: Any, other: Any, within: tuple[tuple[int, int], ...]) -> bool:
    """Whether two values are equal. `within`: ids of the enclosing pairs, to stop at cycles."""
    if one is other or (id(one), id(other)) in within:
        return True
    if type(one) is not type(other):
        return False
    within = (*within, (id(one), id(other)))
    if isinstance(one, FunctionType | MethodType | partial):
        return all(_same(a, b, within) for a, b in zip(_parts(one), _parts(other), strict=True))
    if isinstance(one, tuple | list):
        return len(one) == len(other) and all(_same(a, b, within) for a, b in zip(one, other, strict=True))
    if isinstance(one, Mapping):
        return list(one) == list(other) and all(_same(one[name], other[name], within) for name in one)
    return _equal(one, other)


def _parts(function: Any) -> tuple[Any, ...]:
    """What decides whether two functions are the same: code, defaults, closure and module."""
    if isinstance(function, partial):
        return function.func, function.args, function.keywords
    if isinstance(function, MethodType):
        return function.__func__, id(function.__self__)
    held = tuple(_held(cell) for cell in function.__closure__ or ())
    code = _without_location(function.__code__)
    return code, function.__defaults__, function.__kwdefaults__, held, id(function.__globals__)


def _globals_of(function: FunctionType) -> dict[str, Any]:
    """Name -> value of the globals that a function uses, without functions of other modules."""
    held = function.__globals__
    named = {name: held[name] for name in sorted(_names(function.__code__) & held.keys())}
    return {
        name: value
        for name, value in named.items()
        if not isinstance(value, FunctionType | type) or value.__module__ == function.__module__
    }


def _names(code: CodeType) -> set[str]:
    """All names that code, including functions defined within it, may look up."""
    inside = [_names(one) for one in code.co_consts if isinstance(one, CodeType)]
    return set(code.co_names).union(*inside)


def _held(cell: Any) -> Any:
    try:
        return cell.cell_contents
    except ValueError:  # the variable has no value yet
        return cell


def _without_location(code: CodeType) -> CodeType:
    """Code without file name and line numbers: a line added above a function does not change it."""
    constants = tuple(_without_location(one) if isinstance(one, CodeType) else one for one in code.co_consts)
    return code.replace(co_filename="", co_firstlineno=1, co_linetable=b"", co_consts=constants)


def _equal(one: Any, other: Any) -> bool:
    if isinstance(one, np.ndarray):
        return one.dtype == other.dtype and np.array_equal(one, other)
    try:
        return bool(one == other)
    except Exception:  # such as the truth value of an array
        return False

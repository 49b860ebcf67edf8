"""Users' functions: whether two of them do the same, and errors that say which one failed."""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from inspect import signature
from types import CodeType, FunctionType, MethodType
from typing import Any, TypeVar

import numpy as np

from trainwell.core.errors import NameTakenError, RecipeError
from trainwell.core.files import sha256

Entry = TypeVar("Entry")


def same_function(one: Any, other: Any) -> bool:
    """Whether two functions do the same, as far as code and what they hold on to tell.

    A notebook's cell that runs again defines its functions again: they are the same, as long as their code is, wherever
    it stands. What cannot be compared is taken for different.

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
    """Put what a user registers under a name, once however often it comes.

    Args:
        registry: name -> entry; it is added to.
        name: new, a Python identifier; or that of the same entry.
        entry: what stands under it.
        is_same: whether an entry that stands there already means the same.
        what: it is, for errors, such as `optimizer`.
        instead: a name to try.

    Returns:
        The entry that stands under the name.

    Raises:
        NameTakenError: another entry has the name.
        RecipeError: the name is no identifier.
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
    """The first line of a function's docstring."""
    return ((function.__doc__ or "").strip().splitlines() or [instead])[0]


def parameter_names(function: Callable[..., Any]) -> tuple[str, ...]:
    """Names of a function's parameters; none where it does not tell, as some written in C.

    Example:
        >>> parameter_names(lambda t, total_epochs: t)
        ('t', 'total_epochs')
    """
    try:
        return tuple(signature(function).parameters)
    except (TypeError, ValueError):
        return ()


def call(function: Callable[..., Any], what: str, instead: str, *arguments: Any, **named: Any) -> Any:
    """Call a user's function.

    Args:
        function: the function.
        what: it is, for the error.
        instead: what it must be like, for the error.
        *arguments: of the function.
        **named: of the function.

    Returns:
        What it returns.

    Raises:
        RecipeError: it raised something, which is the cause.
    """
    try:
        return function(*arguments, **named)
    except Exception as error:
        first = next(iter(str(error).splitlines()), "")
        raise RecipeError(f"{what} fails ({type(error).__name__}: {first}): {instead}") from error


def fingerprint(function: Any) -> str:
    """A checksum of what a function does, as far as code and the values it uses tell.

    Those are its closure's, its defaults', and the globals it names: numbers, texts, arrays, functions of its module.
    The same in every process of one Python version; what cannot be told, such as an object's state, does not count.

    Args:
        function: a function, or a tuple of functions and values.

    Example:
        >>> fingerprint(lambda t: t / 2) == fingerprint(lambda t: t / 2), fingerprint(len) == fingerprint(max)
        (True, False)
    """
    return sha256(b"".join(part.encode() + b"\0" for part in _plain(function, ())))


def _plain(value: Any, within: tuple[int, ...]) -> Iterator[str]:
    """What makes a value what it is, as texts; `within` are those being told, since functions may hold themselves."""
    if id(value) in within:
        return
    within = (*within, id(value))
    if isinstance(value, FunctionType):
        yield from _plain((*_parts(value)[:-1], _globals_of(value)), within)
    elif isinstance(value, partial):
        yield from _plain(_parts(value), within)
    elif isinstance(value, CodeType):
        yield value.co_code.hex()
        yield from _plain((value.co_names, value.co_varnames, value.co_consts), within)
    elif isinstance(value, tuple | list | Mapping):
        for part in value.items() if isinstance(value, Mapping) else value:
            yield from _plain(part, within)
    elif hasattr(value, "__array__") and hasattr(value, "dtype"):  # NumPy's, JAX's
        yield from (str(value.dtype), np.asarray(value).tobytes().hex())
    elif value is None or isinstance(value, bool | int | float | complex | str | bytes | frozenset):
        yield repr(sorted(value, key=repr) if isinstance(value, frozenset) else value)
    else:
        yield f"{type(value).__name__} {getattr(value, '__qualname__', '')}"


def _same(one: Any, other: Any, within: tuple[tuple[int, int], ...]) -> bool:
    """Whether two values are the same; `within` are the pairs being compared, since functions may hold themselves."""
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
    """What makes a function what it is."""
    if isinstance(function, partial):
        return function.func, function.args, function.keywords
    if isinstance(function, MethodType):
        return function.__func__, id(function.__self__)
    held = tuple(_held(cell) for cell in function.__closure__ or ())
    code = _without_place(function.__code__)
    return code, function.__defaults__, function.__kwdefaults__, held, id(function.__globals__)


def _globals_of(function: FunctionType) -> dict[str, Any]:
    """The globals that a function names, by name; functions of other packages stay as they are."""
    held = function.__globals__
    named = {name: held[name] for name in sorted(_names(function.__code__) & held.keys())}
    return {
        name: value
        for name, value in named.items()
        if not isinstance(value, FunctionType) or value.__module__ == function.__module__
    }


def _names(code: CodeType) -> set[str]:
    """All names that code, and code within it, may look up."""
    inside = [_names(one) for one in code.co_consts if isinstance(one, CodeType)]
    return set(code.co_names).union(*inside)


def _held(cell: Any) -> Any:
    try:
        return cell.cell_contents
    except ValueError:  # a name that has no value yet
        return cell


def _without_place(code: CodeType) -> CodeType:
    """Code without where it stands: a line added above it changes nothing."""
    constants = tuple(_without_place(one) if isinstance(one, CodeType) else one for one in code.co_consts)
    return code.replace(co_filename="", co_firstlineno=1, co_linetable=b"", co_consts=constants)


def _equal(one: Any, other: Any) -> bool:
    if isinstance(one, np.ndarray):
        return one.dtype == other.dtype and np.array_equal(one, other)
    try:
        return bool(one == other)
    except Exception:  # such as the truth of an array
        return False

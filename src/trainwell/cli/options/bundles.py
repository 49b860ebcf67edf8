"""Options of a command, made from dataclasses and from the fields of recipes, plans and terms.

A command takes a dataclass as one parameter; the user sees an option per field. A field that is annotated with
`Settings` stands for one option per setting of a recipe, a plan or terms, which has its name, help, default and range.
"""

from collections.abc import Callable, Iterator, Mapping
from copy import copy
from dataclasses import MISSING, Field, dataclass, field, fields, is_dataclass
from functools import cached_property
from importlib import import_module
from inspect import Parameter, Signature, cleandoc, signature
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple, get_args, get_type_hints

import typer
from typer.models import OptionInfo

from trainwell.cli.show.help import FIRST_PANEL, help_all
from trainwell.core import bounds_of, kinds_of, settings_of, value_text

if TYPE_CHECKING:
    from pydantic.fields import FieldInfo

ASIDE = "aside"
"""`Annotated[…, ASIDE]`: none of these options is among the first of this command."""
METAVARS: Mapping[Any, str] = {int: "N", float: "NUMBER", str: "NAME", tuple: "LIST", bool: "true|false"}
Place = tuple[str, ...]
"""Where a value goes in a dataclass: the field, and within a mapping its key."""


def option_of(name: str) -> str:
    """The option of a field: `--clip-norm` for `clip_norm`."""
    return f"--{name.replace('_', '-')}"


class Written(NamedTuple):
    """How help shows a setting that is read from text: in the usage, in words after its meaning, and its default."""

    metavar: str
    words: str = ""
    default: Callable[[Any], str] = value_text


@dataclass(frozen=True)
class Settings:
    """One option for each setting of `owner`; what is given comes as a mapping by setting.

    Attributes:
        room: where `owner` is imported from, when the command runs or its help is shown.
        owner: a pydantic model, or a dataclass whose fields are described by pydantic's `Field`.
        panel: the help's panel of a setting.
        only: which settings have an option.
        renamed: setting -> option, where that has another name.
        texts: settings that are read from a text.
        as_text: whether all are, but for switches that matter most: `--batch-norm/--no-batch-norm`.
        aside: whether none of them is among the first.
    """

    room: str
    owner: str
    panel: Callable[[str], str]
    only: Callable[[str], bool] = lambda name: True
    renamed: Mapping[str, str] = field(default_factory=dict)
    texts: Mapping[str, Written] = field(default_factory=dict)
    as_text: bool = False
    aside: bool = False

    def parameters(self, first: str) -> Iterator[tuple[str, Parameter]]:
        """Each setting and its option, those that matter most in the panel `first`."""
        for name, setting in settings_of(getattr(import_module(self.room), self.owner)).items():
            if self.only(name):
                yield name, self._parameter(name, setting, first)

    def _parameter(self, name: str, setting: "FieldInfo", first: str) -> Parameter:
        option, kinds = self.renamed.get(name, name), list(kinds_of(setting.annotation))
        extra: Any = setting.json_schema_extra or {}
        is_first = bool(extra.get("first"))
        is_text = name in self.texts or setting.examples or len(kinds) > 1 or (self.as_text and kinds != [bool])
        declared, kind = option_of(option), str if is_text or (self.as_text and not is_first) else kinds[0]
        written = self.texts.get(name) or Written("|".join(METAVARS.get(one, str(one)) for one in kinds))
        metavar = written.metavar
        if kinds[0] is Mapping:
            kind = list[str]
        elif kind is bool or is_dataclass(kind):
            kind, metavar, declared = bool, "", f"{declared}/--no-{declared[2:]}"
        bounds = bounds_of(setting) if kind in (int, float) else {}
        made = typer.Option(
            declared,
            metavar=metavar,
            min=bounds.get("ge"),
            max=bounds.get("le"),
            help=_sentence(setting, option, kind, written),
            rich_help_panel=first if is_first else self.panel(name),
        )
        return Parameter(option, Parameter.KEYWORD_ONLY, default=None, annotation=Annotated[kind | None, made])


class bundled:  # noqa: N801  # used as a decorator, as `property` is
    """A command for Typer in which dataclasses are spread into options, once these are asked for.

    Args:
        command: its parameters are Typer's, or dataclasses whose fields are or stand for `Settings`. An option that
            two of them have is one: both get its value.
    """

    def __init__(self, command: Callable[..., None]) -> None:
        self.command = command
        self.__name__, paragraphs = command.__name__, cleandoc(command.__doc__ or "").split("\n\n")
        self.__doc__ = "\n\n".join(" ".join(text.split()) for text in paragraphs)  # help breaks lines by itself
        self.__annotations__: dict[str, Any] = {}  # all are in the signature

    @cached_property
    def parts(self) -> dict[str, tuple[type | None, list[tuple[Place, Parameter]]]]:
        """Parameter of the command -> its dataclass, if it is one, and the options that make it."""
        found: dict[str, tuple[type | None, list[tuple[Place, Parameter]]]] = {}
        for name, parameter in signature(self.command, eval_str=True).parameters.items():
            kind, *marks = get_args(parameter.annotation) or (parameter.annotation,)
            if is_dataclass(kind) and isinstance(kind, type):
                found[name] = kind, list(_spread(kind, aside=ASIDE in marks))
            else:
                found[name] = None, [((), _plain(parameter))]
        return found

    @property
    def __signature__(self) -> Signature:
        options: dict[str, Parameter] = {}
        for _, spread in self.parts.values():
            for _, option in spread:
                options.setdefault(option.name, option)
        panels = {getattr(_mark(one), "rich_help_panel", None) for one in options.values()}
        shown = Annotated[bool, help_all(hidden=panels <= {None, FIRST_PANEL})]
        options["help_all"] = Parameter("help_all", Parameter.KEYWORD_ONLY, default=False, annotation=shown)
        return Signature(list(options.values()))

    def __call__(self, **given: Any) -> None:
        """Put the dataclasses together and run the command."""
        self.command(
            **{
                name: given[name] if kind is None else kind(**_values(spread, given))
                for name, (kind, spread) in self.parts.items()
            }
        )


def _spread(bundle: Any, *, aside: bool) -> Iterator[tuple[Place, Parameter]]:
    hints = get_type_hints(bundle, include_extras=True)
    owners = {name: owner for owner in reversed(bundle.__mro__) for name in getattr(owner, "__annotations__", ())}
    for one in sorted(fields(bundle), key=lambda one: bundle.__mro__.index(owners[one.name])):  # its own come first
        mark = get_args(hints[one.name])[1]
        if isinstance(mark, Settings):
            for name, parameter in mark.parameters(bundle.PANEL if aside or mark.aside else FIRST_PANEL):
                yield (one.name, name), parameter
            continue
        option = _plain(Parameter(one.name, Parameter.KEYWORD_ONLY, default=_default(one), annotation=hints[one.name]))
        mark = get_args(option.annotation)[1]
        if isinstance(mark, OptionInfo) and (mark.rich_help_panel is None or aside):
            mark.rich_help_panel = bundle.PANEL
        yield (one.name,), option


def _mark(parameter: Parameter) -> Any:
    """Typer's `OptionInfo` of an option, if it has one."""
    return next(iter(get_args(parameter.annotation)[1:]), None)


def _plain(parameter: Parameter) -> Parameter:
    """An option that is declared by hand; a switch takes no value."""
    kind, *marks = get_args(parameter.annotation) or (parameter.annotation,)
    if marks and isinstance(marks[0], OptionInfo):
        mark = copy(marks[0])
        mark.metavar = "" if bool in (kind, *get_args(kind)) else mark.metavar
        parameter = parameter.replace(annotation=Annotated[kind, mark])
    return parameter.replace(kind=Parameter.KEYWORD_ONLY)


def _values(spread: list[tuple[Place, Parameter]], given: Mapping[str, Any]) -> dict[str, Any]:
    """Arguments for the dataclass, by name; settings that were not given are left out."""
    values: dict[str, Any] = {}
    for (name, *key), option in spread:
        value = given[option.name]
        if not key:
            values[name] = value
        elif value is not None:
            values.setdefault(name, {})[key[0]] = value
    return values


def _default(one: Field[Any]) -> Any:
    return Parameter.empty if one.default is MISSING else one.default


def _sentence(setting: "FieldInfo", option: str, kind: Any, written: Written) -> str:
    """The help of a setting: its meaning, the words it takes, and its default."""
    meaning, default, otherwise = str(setting.description).partition("; default:")
    if tuple in kinds_of(setting.annotation) and setting.examples:
        meaning += f", joined by x, e.g. {', or '.join(setting.examples)}"
    elif words := written.words or ", ".join(setting.examples or ()):
        meaning += f": {words}"
    elif kind == list[str]:
        meaning += " (repeatable)"
    meaning, shown = f"{meaning[0].upper()}{meaning[1:]}", _default_text(setting, option, kind, written)
    return f"{meaning}{default}{otherwise}." if shown is None else f"{meaning}. [default: {shown}]"


def _default_text(setting: "FieldInfo", option: str, kind: Any, written: Written) -> str | None:
    if kind is bool and (setting.default is not None or setting.default_factory):
        return f"{'no-' if setting.default is False else ''}{option.replace('_', '-')}"
    extra: Any = setting.json_schema_extra or {}
    if extra.get("shown"):
        return str(extra["shown"])
    default: Any = setting.get_default(call_default_factory=True, validated_data={})
    if isinstance(default, Mapping):
        return ", ".join(f"{name}={value}" for name, value in default.items())
    return None if default is None else written.default(default)

"""How the API is written down, and how an engine reads it.

A type is a `View`: a class with fields. An input is a dataclass. An operation is a function whose first argument is the viewer.
Types come from annotations, descriptions from docstrings.
"""

from __future__ import annotations

import dataclasses
import inspect
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from types import NoneType, UnionType
from typing import Any, Generic, NewType, TypeVar, Union, get_args, get_origin, get_type_hints, overload

T = TypeVar("T")

ID = NewType("ID", str)
JSON = NewType("JSON", object)

#: What stands for an argument without a default.
REQUIRED = inspect.Parameter.empty


class View(Generic[T]):
    """What clients see of an object: each `attribute` is a field, and each property.

    Args:
        source: The object.
    """

    def __init__(self, source: T) -> None:
        self._source = source


class Attribute:
    """What the source of a view has; made by `attribute`."""

    def __init__(self, description: str, convert: Callable[[Any], Any] | None, of: str | None) -> None:
        self.description = description
        self.convert = convert
        self.name = of or ""

    def __set_name__(self, owner: type[View[Any]], name: str) -> None:
        self.name = self.name or name

    def __get__(self, view: View[Any] | None, owner: type[View[Any]]) -> Any:
        if view is None:
            return self
        value = getattr(view._source, self.name)
        return value if value is None or self.convert is None else self.convert(value)


@overload
def attribute(description: str, *, of: str | None = None) -> Any: ...
@overload
def attribute(description: str, convert: Callable[[Any], T], *, of: str | None = None) -> T: ...
def attribute(description: str, convert: Callable[[Any], Any] | None = None, *, of: str | None = None) -> Any:
    """Declare a field that holds what the source has: `label: str = attribute("What it is called.")`.

    Args:
        description: What it is.
        convert: Makes of that what clients get; None stays None.
        of: The name that the source has for it, if it is another.
    """
    return Attribute(description, convert, of)


def each(convert: Callable[[Any], T]) -> Callable[[Iterable[Any]], list[T]]:
    """Return what converts several."""
    return lambda values: [convert(value) for value in values]


class Arguments:
    """Base of a dataclass that is handed to operations whole, while to clients each of its fields is an argument."""


@dataclass(frozen=True)
class OneOf:
    """Marks a union: `Annotated[A | B, OneOf("Name", "What it is.")]`."""

    name: str
    description: str


@dataclass(frozen=True)
class Field:
    """A field of a type.

    Attributes:
        name: Its name in Python.
        type: Its type.
        description: What it is.
        lazy: Whether it is looked up only when somebody asks for it.
    """

    name: str
    type: Any
    description: str
    lazy: bool = False


@dataclass(frozen=True)
class Argument:
    """An argument of an operation, or a field of an input; `default` may be `REQUIRED`."""

    name: str
    type: Any
    description: str
    default: Any = REQUIRED


def fields_of(view: type[View[Any]]) -> Iterator[Field]:
    """Yield the fields of a type, those of its bases first."""
    found: dict[str, Field] = {}
    for base in reversed(view.__mro__):
        for name, value in vars(base).items():
            if isinstance(value, Attribute):
                hint = get_type_hints(base, include_extras=True)[name]
                found[name] = Field(name, hint, value.description)
            lazy = isinstance(value, cached_property)
            if name.startswith("_") or not (lazy or isinstance(value, property)):
                continue
            getter = value.func if lazy else value.fget
            hint = get_type_hints(getter, include_extras=True)["return"]
            found[name] = Field(name, hint, described(getter), lazy)
    yield from found.values()


@cache
def inputs_of(given: type[Any]) -> tuple[Argument, ...]:
    """Return the fields of an input."""
    hints, texts = get_type_hints(given, include_extras=True), sections(given.__doc__)
    return tuple(
        Argument(
            part.name,
            hints[part.name],
            texts[part.name],
            REQUIRED if part.default is dataclasses.MISSING else part.default,
        )
        for part in dataclasses.fields(given)
    )


@cache
def parameters_of(operation: Callable[..., Any]) -> tuple[Argument, ...]:
    """Return the parameters of an operation, without the viewer. One may be a group of arguments."""
    hints, texts = get_type_hints(operation, include_extras=True), sections(operation.__doc__)
    return tuple(
        Argument(name, hints[name], texts.get(name, ""), parameter.default)
        for name, parameter in list(inspect.signature(operation).parameters.items())[1:]
    )


def arguments_of(operation: Callable[..., Any]) -> Iterator[Argument]:
    """Yield the arguments of an operation as clients see them."""
    for parameter in parameters_of(operation):
        if is_group(parameter.type):
            yield from inputs_of(parameter.type)
        else:
            yield parameter


def returned_by(operation: Callable[..., Any]) -> Any:
    """Return the type of what an operation returns."""
    return get_type_hints(operation, include_extras=True)["return"]


def described(thing: Any) -> str:
    """Return what a docstring says before its sections."""
    text = inspect.cleandoc(thing.__doc__ or "")
    return _folded(re.split(r"\n(?:Args|Attributes|Returns|Raises):\n", text)[0])


def sections(doc: str | None) -> dict[str, str]:
    """Return the descriptions in the section "Args" or "Attributes" of a docstring, by name."""
    found = re.search(r"\n(?:Args|Attributes):\n((?:[ ]+.*\n?|\n)+)", inspect.cleandoc(doc or "") + "\n")
    items = re.split(r"^ {4}(\w+): ", found[1], flags=re.MULTILINE)[1:] if found else []
    return {name: _folded(text) for name, text in zip(items[::2], items[1::2], strict=True)}


def _folded(text: str) -> str:
    return " ".join(text.split())


def is_input(hint: Any) -> bool:
    """Return whether a type is an input."""
    return isinstance(hint, type) and dataclasses.is_dataclass(hint) and not issubclass(hint, View)


def is_group(hint: Any) -> bool:
    """Return whether a type is a group of arguments."""
    return isinstance(hint, type) and issubclass(hint, Arguments)


def split_optional(hint: Any) -> tuple[bool, Any]:
    """Return whether a type may be null, and the type without that."""
    if get_origin(hint) in (Union, UnionType) and NoneType in get_args(hint):
        return True, next(part for part in get_args(hint) if part is not NoneType)
    return False, hint

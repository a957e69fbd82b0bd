"""How the API is written down, and how an engine reads it.

A type is a `View`: a class whose properties are its fields. An input is a dataclass. An operation is a function whose first
argument is the viewer. Types come from annotations, descriptions from docstrings.
"""

from __future__ import annotations

import dataclasses
import inspect
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Generic, NewType, TypeVar, get_type_hints

T = TypeVar("T")

ID = NewType("ID", str)
JSON = NewType("JSON", object)

#: What stands for an argument without a default.
REQUIRED = inspect.Parameter.empty


class View(Generic[T]):
    """What clients see of an object: each property that has a docstring is a field.

    Args:
        source: The object.
    """

    def __init__(self, source: T) -> None:
        self._source = source


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
            lazy = isinstance(value, cached_property)
            if name.startswith("_") or not (lazy or isinstance(value, property)):
                continue
            getter = value.func if lazy else value.fget
            hint = get_type_hints(getter, include_extras=True)["return"]
            found[name] = Field(name, hint, described(getter), lazy)
    yield from found.values()


def inputs_of(given: type[Any]) -> Iterator[Argument]:
    """Yield the fields of an input."""
    hints, texts = get_type_hints(given, include_extras=True), sections(given.__doc__)
    for field in dataclasses.fields(given):
        default = REQUIRED if field.default is dataclasses.MISSING else field.default
        yield Argument(field.name, hints[field.name], texts[field.name], default)


def arguments_of(operation: Callable[..., Any]) -> Iterator[Argument]:
    """Yield the arguments of an operation, without the viewer."""
    hints, texts = get_type_hints(operation, include_extras=True), sections(operation.__doc__)
    for parameter in list(inspect.signature(operation).parameters.values())[1:]:
        yield Argument(parameter.name, hints[parameter.name], texts[parameter.name], parameter.default)


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

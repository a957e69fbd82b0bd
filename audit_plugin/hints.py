"""Type hints read at run time: whether a value fits one, and what to call it in plain words."""

from __future__ import annotations

import types
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Union, get_args, get_origin

WORDS = {str: "a string", bool: "True or False", int: "a whole number", float: "a number", type(None): "None"}


def fits(value: Any, hint: Any) -> bool:
    """Return whether a value is what a hint asks for.

    Args:
        value: The value.
        hint: A class, `Any`, a union, or a `Sequence`, `Mapping` or `Callable`, with parameters or without.
    """
    origin, arguments = get_origin(hint) or hint, get_args(hint)
    if hint is Any:
        return True
    if origin in (Union, types.UnionType):
        return any(fits(value, argument) for argument in arguments)
    if origin is Sequence:
        # A lone string is a sequence of letters, which is never what was meant.
        is_list = isinstance(value, Sequence) and not isinstance(value, str | bytes)
        return is_list and all(fits(item, argument) for item in value for argument in arguments)
    if origin is Mapping:
        is_mapping = isinstance(value, Mapping)
        return is_mapping and all(
            fits(part, argument)
            for item in value.items()
            for part, argument in zip(item, arguments, strict=False)
        )
    if origin is Callable:
        return callable(value)
    if isinstance(value, bool) and hint in (int, float):
        return False
    return isinstance(value, (int, float) if hint is float else origin)


def in_words(hint: Any, *, many: bool = False) -> str:
    """Return what a hint asks for, in words that follow "must be".

    Args:
        hint: The hint.
        many: Whether to speak of several: "strings" instead of "a string".
    """
    origin, arguments = get_origin(hint) or hint, get_args(hint)
    if origin in (Union, types.UnionType):
        return " or ".join(in_words(argument, many=many) for argument in arguments)
    if origin is Callable:
        return "callables" if many else "a callable"
    if origin is Sequence:
        return f"{'lists' if many else 'a list'} of {in_words(*arguments, many=True)}"
    if origin is Mapping:
        key, value = (in_words(argument, many=True) for argument in arguments)
        return f"{'dictionaries' if many else 'a dictionary'} from {key} to {value}"
    if hint is Any:
        return "any values" if many else "any value"
    word = WORDS.get(origin) or f"a {origin.__name__}"
    return f"{word.removeprefix('a ')}s" if many else word

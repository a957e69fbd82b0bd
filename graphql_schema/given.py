"""From what an engine hands in to what an operation takes."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, get_args, get_origin

from graphql_schema import spec
from graphql_schema.spec import Argument

#: Returns what one of an engine's inputs holds by a name; None where a client has left it out.
Part = Callable[[Any, str], Any]


def values_for(operation: Callable[..., Any], given: Any, part: Part) -> dict[str, Any]:
    """Return what to call an operation with, besides the viewer.

    Args:
        operation: The operation.
        given: What a client has handed in.
        part: How to look into that, and into what is in it.
    """
    return _values(spec.parameters_of(operation), given, part)


def _values(wanted: Iterable[Argument], given: Any, part: Part) -> dict[str, Any]:
    found = {}
    for one in wanted:
        if spec.is_group(one.type):
            found[one.name] = one.type(**_values(spec.inputs_of(one.type), given, part))
            continue
        value = _read(one.type, part(given, one.name), part)
        # Null stands for the default: no argument of ours means something else by it.
        if value is not None:
            found[one.name] = value
    return found


def _read(hint: Any, value: Any, part: Part) -> Any:
    _optional, inner = spec.split_optional(hint)
    if value is None:
        return None
    if get_origin(inner) is list:
        return [_read(get_args(inner)[0], item, part) for item in value]
    if spec.is_input(inner):
        return inner(**_values(spec.inputs_of(inner), value, part))
    return value

"""From the API as it is written down to graphene's types and fields."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from enum import Enum
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin

import graphene
from graphene.relay import PageInfo as RelayPageInfo

from graphql_schema import spec
from graphql_schema.graphene.scalars import JSON
from graphql_schema.resolving import resolve
from graphql_schema.spec import Argument, OneOf, View
from graphql_schema.types import PageInfo
from graphql_schema.viewer import viewer_of


class Renderer:
    """Makes graphene types of what the API consists of, each once."""

    #: What both sides have already. A host that uses these names as well means the same things.
    known: dict[Any, Any] = {
        spec.ID: graphene.ID,
        spec.JSON: JSON,
        PageInfo: RelayPageInfo,
        str: graphene.String,
        int: graphene.Int,
        bool: graphene.Boolean,
        datetime: graphene.DateTime,
    }

    def __init__(self) -> None:
        self._made: dict[Any, Any] = dict(self.known)

    def render(self, hint: Any) -> Any:
        """Return what stands for a type of the API; in graphene, what is not null says so.

        Args:
            hint: An annotation.
        """
        optional, inner = _split(hint)
        made = self._named(inner)
        return made if optional else graphene.NonNull(made)

    def field(self, operation: Callable[..., Any]) -> Any:
        """Return the field that stands for an operation.

        Args:
            operation: The operation; its first argument is who asks.
        """
        inputs = {argument.name: argument.type for argument in spec.arguments_of(operation)}

        def resolver(root: Any, info: Any, **given: Any) -> Any:
            values = {name: _read(inputs[name], value) for name, value in given.items()}
            # Null stands for the default: no argument of ours means something else by it.
            values = {name: value for name, value in values.items() if value is not None}
            return resolve(operation, viewer_of(info.context), **values)

        arguments = {name: self._argument(argument) for name, argument in _by_name(operation).items()}
        return graphene.Field(
            self.render(spec.returned_by(operation)),
            resolver=resolver,
            description=spec.described(operation),
            args=arguments,
        )

    def _named(self, hint: Any) -> Any:
        origin, parts = get_origin(hint), get_args(hint)
        if origin is list:
            return graphene.List(self.render(parts[0]))
        if hint not in self._made:
            self._made[hint] = self._union(*parts) if origin is Annotated else self._make(hint)
        return self._made[hint]

    def _make(self, hint: type[Any]) -> Any:
        if issubclass(hint, View):
            return self._object(hint)
        if issubclass(hint, Enum):
            return _enum(hint)
        return self._input(hint)

    def _object(self, view: type[View[Any]]) -> Any:
        meta = {"name": view.__name__, "description": spec.described(view), "possible_types": (view,)}
        body = {field.name: self._field(field) for field in spec.fields_of(view)}
        return type(view.__name__, (graphene.ObjectType,), {**body, "Meta": type("Meta", (), meta)})

    def _field(self, field: spec.Field) -> Any:
        def resolver(root: Any, info: Any) -> Any:
            return resolve(getattr, root, field.name) if field.lazy else getattr(root, field.name)

        return graphene.Field(self.render(field.type), resolver=resolver, description=field.description)

    def _input(self, given: type[Any]) -> Any:
        body: dict[str, Any] = {
            field.name: graphene.InputField(
                self.render(field.type), description=field.description, **_default(field)
            )
            for field in spec.inputs_of(given)
        }
        body["Meta"] = type("Meta", (), {"name": given.__name__, "description": spec.described(given)})
        return type(given.__name__, (graphene.InputObjectType,), body)

    def _union(self, members: Any, named: OneOf) -> Any:
        types = tuple(self._named(member) for member in get_args(members))
        meta = type("Meta", (), {"name": named.name, "description": named.description, "types": types})
        return type(named.name, (graphene.Union,), {"Meta": meta})

    def _argument(self, argument: Argument) -> Any:
        return graphene.Argument(
            self.render(argument.type), description=argument.description, **_default(argument)
        )


def _default(argument: Argument) -> dict[str, Any]:
    # Null as a default says no more than that there is none.
    return {} if argument.default in (spec.REQUIRED, None) else {"default_value": argument.default}


def _by_name(operation: Callable[..., Any]) -> dict[str, Argument]:
    return {argument.name: argument for argument in spec.arguments_of(operation)}


def _split(hint: Any) -> tuple[bool, Any]:
    """Return whether a type may be null, and the type without that."""
    if get_origin(hint) in (Union, UnionType) and NoneType in get_args(hint):
        return True, next(part for part in get_args(hint) if part is not NoneType)
    return False, hint


def _read(hint: Any, value: Any) -> Any:
    """Return what a client handed in as the API has it."""
    inner = _split(hint)[1]
    if value is None:
        return None
    if get_origin(inner) is list:
        return [_read(get_args(inner)[0], item) for item in value]
    if not spec.is_input(inner):
        return value
    return inner(**{field.name: _read(field.type, value.get(field.name)) for field in spec.inputs_of(inner)})


def _enum(given: type[Enum]) -> Any:
    texts = spec.sections(given.__doc__)
    whole = spec.described(given)
    return graphene.Enum.from_enum(
        given, description=lambda value: texts[value.name] if value is not None else whole
    )


#: What this package's own schema and mixins are made of.
renderer = Renderer()

"""From the API as it is written down to graphene's types and fields."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from enum import Enum
from typing import Annotated, Any, get_args, get_origin

import graphene
from graphene.relay import PageInfo as RelayPageInfo

from graphql_schema import spec
from graphql_schema.given import values_for
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
        optional, inner = spec.split_optional(hint)
        made = self._named(inner)
        return made if optional else graphene.NonNull(made)

    def field(self, operation: Callable[..., Any]) -> Any:
        """Return the field that stands for an operation.

        Args:
            operation: The operation; its first argument is who asks.
        """

        def resolver(root: Any, info: Any, **given: Any) -> Any:
            return resolve(operation, viewer_of(info.context), **values_for(operation, given, dict.get))

        arguments = {argument.name: self._argument(argument) for argument in spec.arguments_of(operation)}
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

    def _input(self, given: Any) -> Any:
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


def _enum(given: type[Enum]) -> Any:
    texts = spec.sections(given.__doc__)
    whole = spec.described(given)
    return graphene.Enum.from_enum(
        given, description=lambda value: texts[value.name] if value is not None else whole
    )


#: What this package's own schema and mixins are made of.
renderer = Renderer()

"""From the API as it is written down to Strawberry's types and fields."""

from __future__ import annotations

import inspect
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from enum import Enum
from functools import cache
from typing import Annotated, Any, Optional, Union, get_args, get_origin

import strawberry
from strawberry.relay import PageInfo as RelayPageInfo
from strawberry.scalars import JSON as StrawberryJSON
from strawberry.types.field import StrawberryField

from graphql_schema import spec
from graphql_schema.given import values_for
from graphql_schema.resolving import resolve
from graphql_schema.spec import Argument, OneOf, View
from graphql_schema.types import PageInfo
from graphql_schema.viewer import Viewer, viewer_of


class Renderer:
    """Makes Strawberry types of what the API consists of, each once."""

    #: What both sides have already. A host that uses these names as well means the same things.
    known: dict[Any, Any] = {spec.ID: strawberry.ID, spec.JSON: StrawberryJSON, PageInfo: RelayPageInfo}

    def __init__(self) -> None:
        self._made: dict[Any, Any] = dict(self.known)

    def render(self, hint: Any) -> Any:
        """Return what stands for a type of the API.

        Args:
            hint: An annotation.
        """
        optional, inner = spec.split_optional(hint)
        origin, parts = get_origin(hint), get_args(hint)
        if origin is Annotated and isinstance(parts[1], OneOf):
            return self._union(hint, *parts)
        if optional:
            return Optional[self.render(inner)]  # noqa: UP045
        if origin is list:
            return list[self.render(parts[0])]  # type: ignore[misc]
        if hint not in self._made:
            self._made[hint] = self._make(hint)
        return self._made[hint]

    def field(self, operation: Callable[..., Any]) -> Any:
        """Return the field that stands for an operation.

        Args:
            operation: The operation; its first argument is who asks.
        """

        def resolver(info: strawberry.Info, **given: Any) -> Any:
            return resolve(operation, viewer_of(info.context), **values_for(operation, given, _part))

        returned = self.render(spec.returned_by(operation))
        self._sign(resolver, operation, returned)
        return strawberry.field(resolver=resolver, description=spec.described(operation))

    def subscription(self, operation: Callable[..., Any]) -> Any:
        """Return the field that stands for an operation that yields one thing after another.

        Args:
            operation: The operation; its first argument is who asks.
        """

        async def resolver(info: strawberry.Info, **given: Any) -> AsyncGenerator[Any, None]:
            # A connection may outlive what somebody was allowed to see when it was made.
            viewer = Viewer(viewer_of(info.context).request)
            async with aclosing(operation(viewer, **values_for(operation, given, _part))) as found:
                async for event in found:
                    yield event

        event = self.render(get_args(spec.returned_by(operation))[0])
        self._sign(resolver, operation, AsyncGenerator[event, None])  # type: ignore[valid-type]
        return strawberry.subscription(resolver=resolver, description=spec.described(operation))

    def _sign(self, resolver: Any, operation: Callable[..., Any], returned: Any) -> None:
        """Give a resolver the signature that Strawberry reads."""
        parameters = [
            inspect.Parameter("info", inspect.Parameter.KEYWORD_ONLY, annotation=strawberry.Info),
            *(self._parameter(argument) for argument in spec.arguments_of(operation)),
        ]
        resolver.__signature__ = inspect.Signature(parameters, return_annotation=returned)

    def _make(self, hint: Any) -> Any:
        if not isinstance(hint, type):
            return hint
        if issubclass(hint, View):
            return self._object(hint)
        if issubclass(hint, Enum):
            return _enum(hint)
        return self._input(hint) if spec.is_input(hint) else hint

    def _object(self, view: type[View[Any]]) -> Any:
        body: dict[str, Any] = {
            "__annotations__": {},
            "__module__": view.__module__,
            "is_type_of": staticmethod(lambda found, info: isinstance(found, view)),
        }
        for field in spec.fields_of(view):
            if field.lazy:
                body[field.name] = self._lazy(field)
            else:
                body["__annotations__"][field.name] = self.render(field.type)
                body[field.name] = strawberry.field(description=field.description)
        return self.finish(view, type(view.__name__, (), body))

    def finish(self, view: type[View[Any]], made: type) -> Any:
        """Return the type, once it has its fields.

        Args:
            view: What it stands for.
            made: The class with the fields.
        """
        return strawberry.type(made, description=spec.described(view))

    def _lazy(self, field: spec.Field) -> StrawberryField:
        def resolver(root: Any) -> Any:
            return resolve(getattr, root, field.name)

        resolver.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
            [inspect.Parameter("root", inspect.Parameter.POSITIONAL_OR_KEYWORD)],
            return_annotation=self.render(field.type),
        )
        made: StrawberryField = strawberry.field(resolver=resolver, description=field.description)
        return made

    def _input(self, given: Any) -> Any:
        body: dict[str, Any] = {"__annotations__": {}, "__module__": given.__module__}
        for field in spec.inputs_of(given):
            body["__annotations__"][field.name] = self.render(field.type)
            default = {} if field.default is spec.REQUIRED else {"default": _default(field)}
            body[field.name] = strawberry.field(description=field.description, **default)
        return strawberry.input(type(given.__name__, (), body), description=spec.described(given))

    def _union(self, hint: Any, members: Any, named: OneOf) -> Any:
        types = tuple(self.render(member) for member in get_args(members))
        union = strawberry.union(named.name, description=named.description)
        return Annotated[Union[types], union]  # noqa: UP007

    def _parameter(self, argument: Argument) -> inspect.Parameter:
        described = strawberry.argument(description=argument.description)
        return inspect.Parameter(
            argument.name,
            inspect.Parameter.KEYWORD_ONLY,
            default=_default(argument),
            annotation=Annotated[self.render(argument.type), described],
        )


def _part(given: Any, name: str) -> Any:
    """Return what an input, or all that was handed in, holds by a name."""
    found = given.get(name) if isinstance(given, dict) else getattr(given, name)
    return None if found is strawberry.UNSET else found


def _default(argument: Argument) -> Any:
    # Null as a default says no more than that there is none.
    return strawberry.UNSET if argument.default is None else argument.default


@cache
def _enum(given: type[Enum]) -> Any:
    described = spec.sections(given.__doc__)
    made = strawberry.enum(given, description=spec.described(given))
    for value in made.__strawberry_definition__.values:  # type: ignore[attr-defined]
        value.description = described[value.name]
    return made


#: What this package's own schema and mixins are made of.
renderer = Renderer()

"""The schema itself: what ships, what is documented, and that both engines have the same."""

from __future__ import annotations

from importlib import import_module
from io import StringIO
from typing import Any, get_args, get_type_hints

import pytest
from django.core.management import CommandError, call_command
from django.db.models import Model
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLObjectType,
    GraphQLSchema,
    build_schema,
    lexicographic_sort_schema,
    print_schema,
)

from graphql_schema import sdl
from graphql_schema.operations import MUTATIONS, QUERIES
from graphql_schema.spec import Attribute, View, split_optional
from tests.graphql_schema.engines import ENGINES

#: Subscriptions stay on the URL of Strawberry's schema.
ONLY_IN_STRAWBERRY = ("Subscription", "AuditFeedEvent")
#: What an engine brings along and describes in its own words.
OF_ENGINES = {"DateTime", "JSON", "PageInfo"}


def built(engine: str) -> GraphQLSchema:
    return lexicographic_sort_schema(
        build_schema(sdl.print_schema(import_module(f"graphql_schema.{engine}").schema))
    )


def test_committed_schema_is_the_schema() -> None:
    if "strawberry" not in ENGINES:
        pytest.skip(
            "The file is written by Strawberry; test_engines_have_what_is_committed compares what it says."
        )
    assert sdl.COMMITTED.read_text("utf-8") == sdl.print_schema(), (
        "run: python -m django audit_schema > graphql_schema/schema.graphql"
    )


@pytest.mark.parametrize("engine", ENGINES)
def test_engines_have_what_is_committed(engine: str) -> None:
    def without_words(schema: GraphQLSchema) -> str:
        for name in OF_ENGINES:
            kind = schema.type_map[name]
            kind.description = None
            if isinstance(kind, GraphQLObjectType):
                for field in kind.fields.values():
                    field.description = None
            else:
                kind.specified_by_url = None
        if engine != "strawberry":
            for name in ONLY_IN_STRAWBERRY:
                schema.type_map.pop(name, None)
        return print_schema(schema)

    committed = lexicographic_sort_schema(build_schema(sdl.COMMITTED.read_text("utf-8")))
    assert without_words(built(engine)) == without_words(committed)


@pytest.mark.parametrize("engine", ENGINES)
def test_everything_is_described(engine: str) -> None:
    missing = []
    for name, kind in built(engine).type_map.items():
        if not name.startswith("Audit") and name not in ("Query", "Mutation", "Subscription"):
            continue
        if not kind.description:
            missing.append(name)
        if isinstance(kind, GraphQLEnumType):
            missing += [f"{name}.{value}" for value, found in kind.values.items() if not found.description]
        elif isinstance(kind, GraphQLObjectType | GraphQLInputObjectType):
            for field, found in kind.fields.items():
                if not found.description:
                    missing.append(f"{name}.{field}")
                arguments = getattr(found, "args", {})
                missing += [f"{name}.{field}({a})" for a, given in arguments.items() if not given.description]
    assert missing == []


@pytest.mark.parametrize("engine", ENGINES)
def test_types_of_ours_carry_our_name(engine: str) -> None:
    theirs = {"Query", "Mutation", "Subscription", "String", "Int", "Float", "Boolean", "ID"} | OF_ENGINES
    names = {name for name in built(engine).type_map if not name.startswith("__")}
    assert {name for name in names - theirs if not name.startswith("Audit")} == set()


def may_be_null(source: type[Any], name: str) -> bool | None:
    """Return whether an attribute may be None; None where its type doesn't say."""
    if issubclass(source, Model):
        return bool(source._meta.get_field(name).null)
    if issubclass(source, Exception):
        return None
    hints = get_type_hints(source)
    hint = hints[name] if name in hints else get_type_hints(getattr(source, name).fget)["return"]
    return None if hint in (Any, object) else split_optional(hint)[0]


@pytest.mark.parametrize("view", View.__subclasses__())
def test_what_a_type_takes_from_its_source_is_there_and_null_where_that_may_be(view: type[View[Any]]) -> None:
    (source,) = get_args(view.__orig_bases__[0])  # type: ignore[attr-defined]
    hints = get_type_hints(view, include_extras=True)
    taken = {name: found.name for name, found in vars(view).items() if isinstance(found, Attribute)}
    null = {name: may_be_null(source, of) for name, of in taken.items()}
    assert {
        name for name, found in null.items() if found not in (None, split_optional(hints[name])[0])
    } == set()


@pytest.mark.parametrize("engine", ENGINES)
def test_mixins_have_every_operation(engine: str) -> None:
    mixins = import_module(f"graphql_schema.{engine}.mixins")
    for mixin, operations in ((mixins.AuditQuery, QUERIES), (mixins.AuditMutation, MUTATIONS)):
        fields = getattr(mixin, "__strawberry_definition__", None)
        names = [f.python_name for f in fields.fields] if fields else [n for n in vars(mixin) if n[0] != "_"]
        assert names == list(operations)


def test_command_prints_it() -> None:
    out = StringIO()
    call_command("audit_schema", stdout=out)
    assert out.getvalue() == sdl.print_schema()
    other = StringIO()
    call_command("audit_schema", f"graphql_schema.{ENGINES[-1]}.schema", stdout=other)
    assert "auditEntries" in other.getvalue()


def test_command_says_what_it_can_not_find() -> None:
    with pytest.raises(CommandError, match="nowhere"):
        call_command("audit_schema", "nowhere.schema")

"""Documents that were found to be good are not read again, and nothing gets past the limits for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from graphql import ASTValidationRule, GraphQLError, parse

from graphql_schema import documents
from graphql_schema.documents import LONGEST, MOST_CHARACTERS, recall, remember, usual_rules
from graphql_schema.engines import Operation, core_of, execute
from tests.graphql_schema.conftest import Api
from tests.graphql_schema.engines import ENGINES

GOOD = "query ($first: Int) { auditEntries(first: $first) { nodes { id } } }"


@pytest.fixture(params=ENGINES)
def schema(request: Any) -> Any:
    from importlib import import_module

    return import_module(f"graphql_schema.{request.param}").schema


@pytest.fixture(autouse=True)
def _nothing_known() -> Iterator[None]:
    documents._of_schemas.clear()
    yield
    documents._of_schemas.clear()


def codes(schema: Any, text: str) -> set[Any]:
    found = execute(schema, None, Operation(text, {}, None))
    return {(error.extensions or {})["code"] for error in found.errors}


def test_a_good_document_is_kept(schema: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    core = core_of(schema)
    assert recall(core, GOOD) is None
    assert codes(schema, GOOD) == {"UNAUTHENTICATED"}
    kept = recall(core, GOOD)
    assert kept is not None
    # Nothing is parsed now, by whoever may do so.
    monkeypatch.setattr("graphql.language.parser.Parser.parse_document", refuse_to_work)
    assert codes(schema, GOOD) == {"UNAUTHENTICATED"}
    assert recall(core, GOOD) is kept
    with pytest.raises(AssertionError):
        parse(GOOD)


def refuse_to_work(*_args: Any) -> Any:
    raise AssertionError("It was read again.")


def test_one_with_faults_is_not_kept(schema: Any) -> None:
    for text, code in (
        ("{ auditEntries { nodes { nothing } } }", "GRAPHQL_VALIDATION_FAILED"),
        ("{ auditEntries {", "GRAPHQL_PARSE_FAILED"),
        (f"{{ {' '.join(f'a{n}: __typename' for n in range(16))} }}", "TOO_COMPLEX"),
    ):
        for _ in range(2):
            assert codes(schema, text) == {code}
        assert recall(core_of(schema), text) is None


@pytest.mark.parametrize(
    ("setting", "value", "text"),
    [
        ("AUDIT_GRAPHQL_MAX_DEPTH", 2, GOOD),
        ("AUDIT_GRAPHQL_MAX_FIELDS", 2, GOOD),
        ("AUDIT_GRAPHQL_MAX_TOKENS", 10, GOOD),
        ("AUDIT_GRAPHQL_MAX_ALIASES", 1, "{ a: __typename b: __typename }"),
        ("AUDIT_GRAPHQL_INTROSPECTION", False, "{ __schema { types { name } } }"),
    ],
)
def test_limits_hold_for_what_is_known(
    schema: Any, settings: Any, setting: str, value: Any, text: str
) -> None:
    before = codes(schema, text)
    assert recall(core_of(schema), text) is not None
    setattr(settings, setting, value)
    assert recall(core_of(schema), text) is None
    assert codes(schema, text) in ({"TOO_COMPLEX"}, {"GRAPHQL_VALIDATION_FAILED"})
    delattr(settings, setting)
    assert codes(schema, text) == before


def test_memory_is_bounded(schema: Any) -> None:
    core, document = core_of(schema), parse("{ __typename }")
    texts = [f"{{ __typename }} # {number} {'x' * 900}" for number in range(200)]
    for text in texts:
        remember(core, text, document, usual_rules())
        # Asked for again and again, so it stays.
        recall(core, texts[0])
    kept = [text for text in texts if recall(core, text)]
    assert sum(map(len, kept)) <= MOST_CHARACTERS < sum(map(len, kept)) + 1000
    assert kept[0] == texts[0] and kept[1:] == texts[-len(kept) + 1 :]
    long = "{ __typename }" + " " * LONGEST
    remember(core, long, document, usual_rules())
    assert recall(core, long) is None


def test_a_schema_knows_nothing_of_another() -> None:
    if len(ENGINES) < 2:
        pytest.skip("needs two schemas")
    from graphql_schema.graphene import schema as one
    from graphql_schema.strawberry import schema as other

    codes(one, GOOD)
    assert recall(core_of(one), GOOD) is not None
    assert recall(core_of(other), GOOD) is None


class NoIds(ASTValidationRule):
    """A rule of a host."""

    def enter_field(self, node: Any, *_args: Any) -> None:
        if node.name.value == "id":
            self.report_error(GraphQLError("No ids."))


@pytest.mark.skipif("strawberry" not in ENGINES, reason="Strawberry's extensions")
class TestHosts:
    """Schemas with extensions of a host beside ours."""

    def schema_with(self, *extensions: Any) -> Any:
        import strawberry

        from graphql_schema.strawberry import AuditQuery

        return strawberry.Schema(
            query=strawberry.type(type("Query", (AuditQuery,), {})), extensions=extensions
        )

    def test_rules_of_their_own_are_asked_each_time(self) -> None:
        from strawberry.extensions import AddValidationRules, SchemaExtension

        from graphql_schema.strawberry import AuditLimits

        strict = False

        class Sometimes(SchemaExtension):
            """Depends on who asks, say."""

            def on_operation(self) -> Iterator[None]:
                if strict:
                    context = self.execution_context
                    context.validation_rules = (*context.validation_rules, NoIds)
                yield

        always = self.schema_with(AuditLimits, lambda: AddValidationRules([NoIds]))
        assert messages(always) == messages(always) == {"No ids."}
        sometimes = self.schema_with(AuditLimits, Sometimes)
        first = messages(sometimes)
        assert recall(core_of(sometimes), GOOD) is not None
        strict = True
        assert first != messages(sometimes) == {"No ids."}

    @pytest.mark.parametrize("before", [True, False])
    def test_what_another_extension_refuses_stays_refused(self, before: bool) -> None:
        from strawberry.extensions import SchemaExtension

        from graphql_schema.strawberry import AuditLimits

        class Budget(SchemaExtension):
            """Refuses after validation would have been done."""

            def on_validate(self) -> Iterator[None]:
                if spent:
                    self.execution_context.pre_execution_errors = [GraphQLError("Too expensive.")]
                yield

        spent = False
        host = self.schema_with(*((Budget, AuditLimits) if before else (AuditLimits, Budget)))
        assert messages(host) != {"Too expensive."}
        spent = True
        assert messages(host) == {"Too expensive."}


def messages(schema: Any) -> set[str]:
    return {error.message for error in schema.execute_sync(GOOD, context_value=None).errors}


def test_answers_stay_the_same(api: Callable[[Any], Api], admin: Any, tags: list[Any]) -> None:
    asked = api(admin)
    assert asked(GOOD, first=2) == asked(GOOD, first=2)
    assert len(asked(GOOD, first=3)["data"]["auditEntries"]["nodes"]) == 3

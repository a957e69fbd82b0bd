"""The user is looked up when something is written: late, once, and without changing what the host sees."""

from __future__ import annotations

import logging
from types import SimpleNamespace

import pytest
from django.contrib.auth.models import AnonymousUser, User
from django.db import connection, transaction
from django.test import RequestFactory
from django.utils.functional import SimpleLazyObject, empty

from audit_plugin import context
from audit_plugin.context import hooks
from audit_plugin.context.frames import under
from audit_plugin.context.request import request_frame
from audit_plugin.context.resolve import resolved
from tests.testapp.models import Author

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _report_again(monkeypatch):
    monkeypatch.setattr(hooks, "_reported", set())


def request_by(user: object):
    request = RequestFactory().post("/")
    request.user = user
    return request


class Lookup:
    """A lazy user that counts how often it is looked up."""

    def __init__(self, answer: object) -> None:
        self.answer = answer
        self.count = 0
        self.user = SimpleLazyObject(self.look_up)

    def look_up(self) -> object:
        self.count += 1
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer() if callable(self.answer) else self.answer


def test_nobody_is_looked_up_for_reads(alice):
    lookup = Lookup(alice)
    with under(request_frame(request_by(lookup.user))):
        list(Author.objects.filter(name="Ann").order_by("name")[:3])
        Author.objects.count()
        with transaction.atomic():
            Author.objects.exists()
    assert lookup.count == 0


def test_a_user_is_looked_up_once(alice, who_wrote):
    lookup = Lookup(alice)
    with under(request_frame(request_by(lookup.user))):
        for name in ("Ann", "Ben", "Cy"):
            Author.objects.create(name=name)
    assert lookup.count == 1
    assert set(who_wrote().values()) == {"Alice Archer"}


def test_an_anonymous_answer_is_not_kept_for_the_host(alice, who_wrote):
    lookup = Lookup(AnonymousUser())
    request = request_by(lookup.user)
    with under(request_frame(request)):
        Author.objects.create(name="Ann")
        Author.objects.create(name="Ben")
        assert lookup.count == 1
        assert request.user.__dict__["_wrapped"] is empty
        lookup.answer = alice
        assert request.user == alice
        Author.objects.create(name="Cy")
    assert who_wrote() == {"Ann": "anonymous", "Ben": "anonymous", "Cy": "Alice Archer"}


def test_what_looking_up_the_user_writes_does_not_ask_again(alice, who_wrote):
    def look_up() -> User:
        Author.objects.create(name="token used")
        return alice

    lookup = Lookup(look_up)
    with under(request_frame(request_by(lookup.user))):
        Author.objects.create(name="Ann")
    assert lookup.count == 1
    assert who_wrote() == {"token used": "anonymous", "Ann": "Alice Archer"}


@pytest.mark.parametrize("error", [RuntimeError("no"), User.DoesNotExist(), AttributeError("x")], ids=repr)
def test_the_write_goes_through_when_the_user_can_not_be_had(error, who_wrote, caplog):
    lookup = Lookup(error)
    with under(request_frame(request_by(lookup.user))), caplog.at_level(logging.ERROR, "audit_plugin"):
        Author.objects.create(name="Ann")
        Author.objects.create(name="Ben")
    assert who_wrote() == {"Ann": "anonymous", "Ben": "anonymous"}
    assert len(caplog.records) == 1


def test_a_user_who_can_be_had_later_is_the_author_later(alice, who_wrote):
    lookup = Lookup(RuntimeError("not yet"))
    with under(request_frame(request_by(lookup.user))):
        Author.objects.create(name="Ann")
        lookup.answer = alice
        Author.objects.create(name="Ben")
    assert who_wrote() == {"Ann": "anonymous", "Ben": "Alice Archer"}


def test_a_broken_transaction_reports_its_own_error(alice):
    lookup = Lookup(lambda: User.objects.get(pk=alice.pk))
    broken = pytest.raises(transaction.TransactionManagementError, match="current transaction")
    with under(request_frame(request_by(lookup.user))), broken, transaction.atomic():
        transaction.set_rollback(True)
        Author.objects.create(name="Ann")


def test_a_request_without_a_user_is_anonymous(who_wrote):
    with under(request_frame(RequestFactory().post("/"))):
        Author.objects.create(name="Ann")
    assert who_wrote() == {"Ann": "anonymous"}


def test_another_user_put_into_the_request_is_the_author_from_then_on(alice, bob, who_wrote):
    request = request_by(SimpleLazyObject(lambda: alice))
    with under(request_frame(request)):
        Author.objects.create(name="Ann")
        request.user = SimpleLazyObject(lambda: bob)
        Author.objects.create(name="Ben")
        request.user = alice
        Author.objects.create(name="Cy")
    assert who_wrote() == {"Ann": "Alice Archer", "Ben": "Bob Baker", "Cy": "Alice Archer"}
    ids = [entry.context_id for entry in who_wrote.log(model="testapp.author")]
    assert ids[0] == ids[2] != ids[1], "one id for each distinct content"


def test_the_actor_of_a_context_may_be_lazy_too(alice, who_wrote):
    lookup = Lookup(alice)
    with context(actor=lookup.user):
        assert lookup.count == 0
        Author.objects.create(name="Ann")
    assert who_wrote() == {"Ann": "Alice Archer"}


def test_users_that_are_no_model_have_a_name(who_wrote):
    stateless = SimpleNamespace(pk="17", is_authenticated=True, get_username=lambda: "token of 17")
    machine = SimpleNamespace(is_authenticated=True, get_username=lambda: "scanner")
    for number, user in enumerate((stateless, machine)):
        with under(request_frame(request_by(user))):
            Author.objects.create(name=str(number))
    first, second = (entry.context for entry in who_wrote.log(model="testapp.author"))
    assert (first.actor_kind, first.actor_id, first.actor_label) == ("user", "17", "token of 17")
    assert (second.actor_kind, second.actor_id, second.actor_label) == (
        "service",
        "service:scanner",
        "scanner",
    )


def test_a_service_is_not_mistaken_for_the_user_with_its_name_as_key(alice, who_wrote):
    with context(actor=str(alice.pk)):
        Author.objects.create(name="Ann")
    assert who_wrote.one().actor_id == f"service:{alice.pk}"


def test_hooks_give_label_impersonator_and_tenant(alice, bob, who_wrote, settings):
    settings.AUDIT_ACTOR_LABEL = lambda user: f"<{user.username}>"
    settings.AUDIT_IMPERSONATOR = lambda request: bob
    settings.AUDIT_TENANT = "tests.context.test_users.tenant_of"
    request = request_by(alice)
    request.tenant = "north"
    with under(request_frame(request)):
        Author.objects.create(name="Ann")
        request.tenant = "south"
        Author.objects.create(name="Ben")
    context = who_wrote.one(object_repr="Ann")
    assert (context.actor_label, context.impersonator_id, context.impersonator_label) == (
        "<alice>",
        str(bob.pk),
        "<bob>",
    )
    assert [entry.tenant for entry in who_wrote.log(model="testapp.author")] == ["north", "south"]


def tenant_of(request) -> str:
    return request.tenant


@pytest.mark.parametrize("hook", ["ACTOR_LABEL", "IMPERSONATOR", "TENANT"])
def test_a_hook_that_fails_costs_only_its_own_value_and_is_logged_once(
    hook, alice, who_wrote, settings, caplog
):
    setattr(settings, f"AUDIT_{hook}", lambda subject: 1 / 0)
    with under(request_frame(request_by(alice))), caplog.at_level(logging.ERROR, "audit_plugin"):
        Author.objects.create(name="Ann")
        Author.objects.create(name="Ben")
    assert who_wrote() == {"Ann": "Alice Archer", "Ben": "Alice Archer"}
    assert [record.args for record in caplog.records] == [(hook,)]


def test_a_hook_may_read_and_write(alice, who_wrote, settings):
    def tenant(request: object) -> str:
        Author.objects.get_or_create(name="tenant cache")
        return "north"

    settings.AUDIT_TENANT = tenant
    with under(request_frame(request_by(alice))):
        Author.objects.create(name="Ann")
    assert who_wrote() == {"tenant cache": "Alice Archer", "Ann": "Alice Archer"}


def test_an_actor_that_can_not_be_described_is_anonymous(who_wrote):
    class Broken:
        is_authenticated = True
        pk = 1

        def get_full_name(self) -> str:
            raise LookupError

    with under(request_frame(request_by(Broken()))):
        Author.objects.create(name="Ann")
    assert who_wrote() == {"Ann": "anonymous"}


def test_a_context_gets_a_new_id_once_a_day(alice, monkeypatch):
    from audit_plugin.context import resolve

    clock = [1000.0]
    monkeypatch.setattr(resolve.time, "monotonic", lambda: clock[0])
    with context(actor=alice):
        first = resolved()
        clock[0] += resolve.LIFETIME - 1
        assert resolved() is first
        clock[0] += 2
        second = resolved()
    assert first.context_id != second.context_id
    assert first.columns == second.columns


def test_no_statement_is_added(alice, django_assert_num_queries):
    savepoint, two_writes = 2, 2
    frame = request_frame(request_by(alice))
    with under(frame), django_assert_num_queries(savepoint + two_writes), transaction.atomic():
        Author.objects.bulk_create([Author(name="Ann"), Author(name="Ben")])
        connection.cursor().execute("UPDATE testapp_author SET name = name")

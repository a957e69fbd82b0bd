"""Two users in one transaction, savepoints, autocommit, another database: the author is never the one before."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import connection, transaction
from django.test import RequestFactory

from audit_plugin import carry, context
from audit_plugin.context.frames import under
from audit_plugin.context.request import request_frame
from tests.conftest import log_since_now
from tests.context.conftest import Authors
from tests.testapp.models import Author

WRITES: dict[str, Callable[[str, str], object]] = {
    "orm": lambda name, using: Author.objects.using(using).create(name=name),
    "bulk_create": lambda name, using: Author.objects.using(using).bulk_create([Author(name=name)]),
}


@pytest.fixture(params=WRITES)
def write(request) -> Callable[..., None]:
    def run(name: str, using: str = "default") -> None:
        WRITES[request.param](name, using)

    return run


@pytest.mark.django_db
def test_two_users_one_after_the_other_in_one_transaction(write, alice, bob, who_wrote: Authors):
    with transaction.atomic():
        with context(actor=alice):
            write("Ann")
        write("between")
        with context(actor=bob):
            write("Ben")
        write("after")
    assert who_wrote() == {"Ann": "Alice Archer", "between": "system", "Ben": "Bob Baker", "after": "system"}


@pytest.mark.django_db
def test_a_nested_context_ends_and_the_outer_one_is_back(write, alice, bob, who_wrote: Authors):
    with context(actor=alice, job="import"):
        write("before")
        with context(actor=bob, step=2):
            write("within")
        write("after")
    assert who_wrote() == {"before": "Alice Archer", "within": "Bob Baker", "after": "Alice Archer"}
    before, within, after = (who_wrote.one(object_repr=name) for name in ("before", "within", "after"))
    assert before == after, "the same context, not a copy"
    assert before.metadata == {"job": "import"}, "the inner one changed nothing"
    assert within.metadata == {"job": "import", "step": 2}


@pytest.mark.django_db
def test_a_rollback_to_a_savepoint_takes_only_its_own_entries(write, alice, bob, who_wrote: Authors):
    with transaction.atomic():
        with context(actor=alice):
            write("Ann")
            with pytest.raises(ZeroDivisionError), context(actor=bob), transaction.atomic():
                write("rolled back")
                1 / 0  # noqa: B018
            write("Cy")
        with context(actor=bob):
            write("Ben")
    assert who_wrote() == {"Ann": "Alice Archer", "Cy": "Alice Archer", "Ben": "Bob Baker"}


@pytest.mark.django_db
def test_a_context_whose_row_was_rolled_back_is_written_again(write, alice, who_wrote: Authors):
    with context(actor=alice):
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            write("rolled back")
            1 / 0  # noqa: B018
        write("Ann")
    assert who_wrote() == {"Ann": "Alice Archer"}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("atomic", [True, False], ids=["atomic", "autocommit"])
def test_in_autocommit_and_atomic(write, atomic, alice, bob, who_wrote: Authors):
    for name, user in (("Ann", alice), ("Ben", bob), ("Cy", alice)):
        with context(actor=user):
            if atomic:
                with transaction.atomic():
                    write(name)
            else:
                write(name)
    write("nobody")
    assert who_wrote() == {
        "Ann": "Alice Archer",
        "Ben": "Bob Baker",
        "Cy": "Alice Archer",
        "nobody": "system",
    }


@pytest.mark.django_db(databases=["default", "other"])
def test_another_database_has_the_same_author(write, alice, bob, who_wrote: Authors):
    elsewhere = Authors(log_since_now("other"))
    for name, user in (("Ann", alice), ("Ben", bob)):
        with context(actor=user):
            write(name)
            write(name, "other")
    assert who_wrote() == elsewhere() == {"Ann": "Alice Archer", "Ben": "Bob Baker"}
    here, there = who_wrote.one(object_repr="Ann"), elsewhere.one(object_repr="Ann")
    # The last four bytes are the database session's.
    assert (here.id.bytes[:12], here.request_id) == (there.id.bytes[:12], there.request_id)


@pytest.mark.django_db(transaction=True)
def test_what_happens_on_commit_can_be_carried(alice, bob, who_wrote: Authors):
    with context(actor=alice), transaction.atomic(), context(actor=bob):
        transaction.on_commit(carry(lambda: Author.objects.create(name="carried")))
        transaction.on_commit(lambda: Author.objects.create(name="as it is"))
    assert who_wrote() == {"carried": "Bob Baker", "as it is": "Alice Archer"}


@pytest.mark.django_db
def test_a_restored_entry_says_so(alice, who_wrote: Authors):
    with context(actor=alice):
        author = Author.objects.create(name="Ann")
        (created,) = who_wrote.log(model="testapp.author")
        with context(restored_from=created.id):
            Author.objects.filter(pk=author.pk).update(name="Anna")
        Author.objects.filter(pk=author.pk).update(name="Annette")
    actions = {entry.object_repr: (entry.action, entry.restored_from) for entry in who_wrote.log()}
    assert actions["Anna"] == ("restore", created.id)
    assert actions["Annette"] == ("update", None)


@pytest.mark.django_db
def test_metadata_and_everything_else_that_is_said_is_stored(alice, bob, who_wrote: Authors):
    said = {
        "source": "import",
        "name": "nightly",
        "executor": "worker-1",
        "tenant": "north",
        "request_id": "r-1",
    }
    with context(actor=alice, impersonator=bob, reason="ticket 7", **said):
        Author.objects.create(name="Ann")
    (entry,) = who_wrote.log(model="testapp.author")
    found = entry.context
    assert {name: getattr(found, name) for name in said if name != "tenant"} | {
        "tenant": entry.tenant
    } == said
    assert (found.impersonator_id, found.impersonator_label) == (str(bob.pk), "Bob Baker")
    assert found.metadata == {"reason": "ticket 7"}


@pytest.mark.django_db
def test_a_context_inside_a_request_keeps_the_request(alice, who_wrote: Authors):
    request = RequestFactory().post("/shop/", headers={"X-Request-ID": "r-1"})
    request.user = alice
    with under(request_frame(request)):
        Author.objects.create(name="Ann")
        with context(actor="billing"):
            Author.objects.create(name="Ben")
        with context(reason="goodwill"):
            Author.objects.create(name="Cy")
    contexts = {entry.object_repr: entry.context for entry in who_wrote.log(model="testapp.author")}
    assert {context.url for context in contexts.values()} == {"/shop/"}
    assert {context.request_id for context in contexts.values()} == {"r-1"}
    assert [context.actor_label for context in contexts.values()] == [
        "Alice Archer",
        "billing",
        "Alice Archer",
    ]
    assert len({context.id for context in contexts.values()}) == 3


@pytest.mark.django_db
def test_a_deferred_trigger_at_the_end_of_the_transaction_keeps_the_author(alice, bob, who_wrote: Authors):
    with connection.cursor() as cursor:
        cursor.execute(
            """
            CREATE FUNCTION pg_temp.note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                INSERT INTO testapp_author (name, api_token) VALUES ('deferred ' || NEW.name, ''); RETURN NULL;
            END $$;
            CREATE CONSTRAINT TRIGGER note AFTER INSERT ON testapp_untracked DEFERRABLE INITIALLY DEFERRED
            FOR EACH ROW EXECUTE FUNCTION pg_temp.note();
            """
        )
        with context(actor=alice):
            cursor.execute("INSERT INTO testapp_untracked (name) VALUES ('Ann')")
        with context(actor=bob):
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    assert who_wrote() == {"deferred Ann": "Bob Baker"}

"""What all tests share: the log of a test, read back."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator

import pytest
import pytest_django
from django.db import connections
from django.test import TestCase, TransactionTestCase
from django.utils import translation

from audit_plugin import testing
from audit_plugin.models import Entry

Log = Callable[..., list[Entry]]


def log_since_now(using: str = "default") -> Log:
    """Return a function that reads what was logged since, oldest first; its keyword arguments filter."""
    with connections[using].cursor() as cursor:
        cursor.execute("SELECT last_value - (NOT is_called)::int FROM audit_plugin_entry_seq")
        begun = cursor.fetchone()[0]

    def read(**filters: object) -> list[Entry]:
        found = Entry.objects.using(using).filter(seq__gt=begun, **filters)
        return list(found.select_related("context").order_by("seq"))

    return read


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: pytest_django.DjangoDbBlocker) -> None:
    """Begin with an empty log: `migrate` has made groups, which are recorded where the host records groups."""
    with django_db_blocker.unblock():
        for alias in connections:
            # Only those that the chosen tests use were made.
            if str(connections[alias].settings_dict["NAME"]).startswith("test_"):
                testing.clear(alias)


@pytest.fixture(autouse=True)
def empty_log_after_commits(
    request: pytest.FixtureRequest, django_db_blocker: pytest_django.DjangoDbBlocker
) -> Iterator[None]:
    """Empty the log after a test that really committed: `flush` leaves it alone, and the next test is to find none."""
    yield
    marker = request.node.get_closest_marker("django_db")
    case = getattr(request.node, "cls", None)
    if isinstance(case, type) and issubclass(case, TransactionTestCase) and not issubclass(case, TestCase):
        databases = case.databases
    elif marker is not None and marker.kwargs.get("transaction"):
        databases = marker.kwargs.get("databases") or ["default"]
    elif "transactional_db" in request.fixturenames:
        databases = ["default"]
    else:
        return
    with django_db_blocker.unblock():
        for alias in connections if databases == "__all__" else databases:
            testing.clear(alias)


def environment() -> dict[str, str]:
    """Return what the programs that tests start go by."""
    return {
        name: value for name, value in os.environ.items() if name.startswith(("AUDIT_", "DATABASE_", "PG"))
    }


ENVIRONMENT = pytest.StashKey[dict[str, str]]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item: pytest.Item) -> Iterator[None]:
    """Note the environment before any fixture."""
    item.stash[ENVIRONMENT] = environment()
    return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item) -> Iterator[None]:
    """Fail the test that leaves the environment changed, not a later one whose programs look for a server that is gone."""
    result = yield
    assert environment() == item.stash[ENVIRONMENT]
    return result


@pytest.fixture(autouse=True)
def own_language() -> Iterator[None]:
    """A request leaves its language active in the thread, as the next one sets its own."""
    yield
    translation.deactivate()


@pytest.fixture
def log(db: None) -> Log:
    """Return what was logged in the default database since the test began."""
    return log_since_now()

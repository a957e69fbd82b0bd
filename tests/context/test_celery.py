"""Celery: a task is its initiator's, and names the worker that executed it. With real workers, in every pool."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import RequestFactory
from django.utils.functional import SimpleLazyObject

from audit_plugin import context
from audit_plugin.context import current
from audit_plugin.context.frames import under
from audit_plugin.context.request import request_frame
from audit_plugin.models import Entry
from tests.context import celery_app
from tests.context.conftest import Authors

TASKS = "tests.context.celery_app"


@dataclass
class Worker:
    """A Celery worker in a process of its own."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path

    def does(self, what: Callable[[], bool]) -> bool:
        """Wait for something that it does, however slow the machine is."""
        for _ in range(1200):
            if what():
                return True
            if self.process.poll() is not None:
                return False
            time.sleep(0.1)
        return False

    def says(self, what: str) -> bool:
        """Wait for a line of its log."""
        return self.does(lambda: what in self.log.read_text())


@pytest.fixture(scope="module", params=["prefork", "threads", "solo"])
def worker(request, django_db_setup, django_db_blocker, tmp_path_factory) -> Iterator[Worker]:
    with django_db_blocker.unblock():
        name = connection.settings_dict["NAME"]
    environment = {
        **os.environ,
        "AUDIT_TEST_BROKER": celery_app.FOLDER,
        "DATABASE_NAME": name,
        "DJANGO_SETTINGS_MODULE": "tests.settings",
    }
    hostname = f"{request.param}@audit-tests"
    command = [sys.executable, "-m", "celery", "-A", TASKS, "worker", "-P", request.param, "-c", "2"]
    log = tmp_path_factory.mktemp("worker") / "log"
    with log.open("w") as output:
        process = subprocess.Popen(
            [*command, "-n", hostname, "-l", "INFO", "--without-gossip", "--without-mingle"],
            env=environment,
            stdout=output,
            stderr=output,
        )
    started = Worker(hostname, process, log)
    try:
        assert started.says("ready."), log.read_text()
        celery_app.ping.delay()
        if process.poll() is None and not started.says(celery_app.PONG):
            # No fault of ours: a message that has nothing to do with the log was not delivered.
            pytest.skip(
                f"Celery's broker in files delivers nothing here. The worker wrote\n{log.read_text()}"
            )
        yield started
    finally:
        process.terminate()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()


def wait_for(worker: Worker, who_wrote: Authors, *names: str) -> dict[str, Entry]:
    """Return the entries of the authors once the worker has written them all."""

    def written() -> dict[str, Entry]:
        return {entry.object_repr: entry for entry in who_wrote.log(model="testapp.author")}

    assert worker.does(lambda: set(names) <= set(written())), worker.log.read_text()
    return written()


@pytest.mark.django_db(transaction=True)
def test_a_task_is_its_initiators_and_names_its_executor(worker, alice, bob, who_wrote: Authors):
    for user in (alice, bob):
        request = RequestFactory().post(
            "/shop/", headers={"X-Request-ID": f"request of {user.pk}".replace(" ", "-")}
        )
        request.user = user
        with under(request_frame(request)):
            celery_app.write.delay(user.username)
            celery_app.delegate.delay(f"{user.username} delegates")
    celery_app.write.delay("periodic")
    names = [
        f"{name}{suffix}"
        for name in ("alice", "bob")
        for suffix in ("", " delegates", " delegates's subtask")
    ]
    found = wait_for(worker, who_wrote, "periodic", *names)

    for user, label in ((alice, "Alice Archer"), (bob, "Bob Baker")):
        chain = ["web"]
        for name, task in (("", "write"), (" delegates", "delegate"), (" delegates's subtask", "write")):
            entry = found[f"{user.username}{name}"]
            said = entry.context
            assert entry.actor_id == str(user.pk)
            assert (said.actor_kind, said.actor_label, said.actor_email) == ("user", label, user.email)
            assert (said.source, said.name, said.executor) == ("celery", f"{TASKS}.{task}", worker.name)
            assert said.request_id == f"request-of-{user.pk}"
            assert said.url is None
        assert found[user.username].context.metadata == {"initiated_by": chain}
        assert found[f"{user.username} delegates's subtask"].context.metadata == {
            "initiated_by": [*chain, f"celery {TASKS}.delegate"]
        }

    periodic = found["periodic"]
    said = periodic.context
    assert (said.actor_kind, periodic.actor_id, said.metadata) == ("system", None, None)
    assert (said.source, said.name, said.executor) == ("celery", f"{TASKS}.write", worker.name)


@pytest.mark.django_db(transaction=True)
def test_failures_and_retries_leave_no_author_behind(worker, alice, bob, who_wrote: Authors):
    for number, user in enumerate((alice, bob)):
        with context(actor=user, tenant=f"tenant {number}"):
            celery_app.fail.delay(f"{user.username} fails")
            celery_app.retry.delay(f"{user.username} retries")
    celery_app.write.delay("nobody")
    names = [f"{user} {did}" for user in ("alice", "bob") for did in ("fails", "retries 0", "retries 1")]
    found = wait_for(worker, who_wrote, "nobody", *names)
    assert {name: entry.actor_id for name, entry in found.items()} == {
        "nobody": None,
        **{name: str({"alice": alice, "bob": bob}[name.split()[0]].pk) for name in names},
    }
    assert {name: entry.tenant for name, entry in found.items() if entry.tenant} == {
        name: {"alice": "tenant 0", "bob": "tenant 1"}[name.split()[0]] for name in names
    }
    steps = [found[f"alice retries {count}"].context.metadata["initiated_by"] for count in (0, 1)]
    assert steps[0] == steps[1], "a task tried again is not a step of its own"


@pytest.mark.django_db(transaction=True)
def test_a_task_sent_from_an_async_view_is_its_users(worker, alice, bob, who_wrote: Authors):
    """Where a user who is not known yet can't simply be looked up."""

    async def view(user: User) -> None:
        request = RequestFactory().post("/shop/")
        request.user = SimpleLazyObject(lambda: User.objects.get(pk=user.pk))
        with under(request_frame(request)):
            celery_app.write.delay(user.username)

    async def main() -> None:
        await asyncio.gather(view(alice), view(bob))

    asyncio.run(main())
    found = wait_for(worker, who_wrote, "alice", "bob")
    assert {name: entry.context.actor_label for name, entry in found.items()} == {
        "alice": "Alice Archer",
        "bob": "Bob Baker",
    }


@pytest.mark.django_db
@pytest.mark.parametrize("call", ["apply", "delay"])
def test_a_task_run_on_the_spot_is_its_callers(call, alice, bob, who_wrote: Authors):
    celery_app.app.conf.task_always_eager = True
    try:
        for user in (alice, bob):
            with context(actor=user) as frame:
                if call == "apply":
                    celery_app.delegate.apply([user.username])
                else:
                    celery_app.delegate.delay(user.username)
                assert current() is frame
        celery_app.write.delay("nobody")
    finally:
        celery_app.app.conf.task_always_eager = False
    assert who_wrote() == {
        "alice": "Alice Archer",
        "alice's subtask": "Alice Archer",
        "bob": "Bob Baker",
        "bob's subtask": "Bob Baker",
        "nobody": "system",
    }
    assert {entry.context.source for entry in who_wrote.log(model="testapp.author")} == {"celery"}


def test_a_task_called_like_a_function_is_just_a_function(db, alice, who_wrote: Authors):
    with context(actor=alice, source="web"):
        celery_app.write("Ann")
    context_ = who_wrote.one()
    assert (context_.actor_label, context_.source) == ("Alice Archer", "web")

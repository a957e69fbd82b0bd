"""Threads and pools work for whoever started or submitted the work, and for nobody else."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.pool import ThreadPool

import pytest
from django.db import connections
from django.test import RequestFactory

from audit_plugin import carry, context
from audit_plugin.context import current, threads
from audit_plugin.context.frames import under
from audit_plugin.context.request import request_frame
from tests.testapp.models import Author


def acting() -> object:
    frame = current()
    return None if frame is None else frame.actor


def in_thread(work: Callable[[], object], **options: object) -> object:
    found: list[object] = []
    thread = threading.Thread(target=lambda: found.append(work()), **options)
    thread.start()
    thread.join()
    return found[0]


def test_a_pool_works_for_whoever_submits():
    with ThreadPoolExecutor(1) as pool:
        with context(actor="alice"):
            first = pool.submit(acting)
        with context(actor="bob"):
            second = pool.submit(acting)
        third = pool.submit(acting)
    assert (first.result(), second.result(), third.result()) == ("alice", "bob", None)


def test_a_worker_keeps_nobody_from_the_task_before():
    def enter_for_good() -> None:
        context(actor="left behind").__enter__()

    with ThreadPoolExecutor(1) as pool:
        pool.submit(enter_for_good).result()
        assert pool.submit(acting).result() is None


def test_a_pool_maps_for_whoever_maps():
    with ThreadPoolExecutor(2) as pool, context(actor="alice"):
        assert list(pool.map(lambda _: acting(), range(4))) == ["alice"] * 4


def test_the_initializer_of_a_pool_is_nobodys():
    found: list[object] = []
    with context(actor="alice"), ThreadPoolExecutor(1, initializer=lambda: found.append(acting())) as pool:
        pool.submit(acting).result()
    assert found == [None]


def test_a_thread_inherits():
    with context(actor="alice"):
        assert in_thread(acting) == "alice"


def test_a_daemon_does_not_inherit():
    with context(actor="alice"):
        assert in_thread(acting, daemon=True) is None


def test_a_pool_of_multiprocessing_has_daemons():
    with context(actor="alice"), ThreadPool(1) as pool:
        assert pool.apply(acting) is None
        assert pool.apply(carry(acting)) == "alice"


def test_a_thread_with_a_method_of_its_own_inherits():
    class Worker(threading.Thread):
        found: object = None

        def run(self) -> None:
            self.found = acting()

    worker = Worker()
    with context(actor="alice"):
        worker.start()
    worker.join()
    assert worker.found == "alice"


def test_a_thread_works_for_the_user_the_request_had_when_it_was_started():
    request = RequestFactory().post("/")
    request.user = alice = object()
    go = threading.Event()

    def work() -> object:
        go.wait(10)
        return acting()

    with under(request_frame(request)), ThreadPoolExecutor(1) as pool:
        future = pool.submit(work)
        request.user = object()
        go.set()
        assert future.result() is alice


def test_carrying_can_be_switched_off(settings):
    settings.AUDIT_CARRY_INTO_THREADS = False
    with context(actor="alice"), ThreadPoolExecutor(1) as pool:
        assert pool.submit(acting).result() is None
        assert in_thread(acting) is None


def test_it_is_installed_once_and_can_be_removed():
    threads.install()
    threads.install()
    threads.uninstall()
    try:
        assert ThreadPoolExecutor.submit.__module__ == "concurrent.futures.thread"
        assert threading.Thread.start.__module__ == "threading"
        with context(actor="alice"), ThreadPoolExecutor(1) as pool:
            assert pool.submit(acting).result() is None
    finally:
        threads.install()
    with context(actor="alice"), ThreadPoolExecutor(1) as pool:
        assert pool.submit(acting).result() == "alice"


def test_an_error_in_a_task_is_the_tasks_own():
    with ThreadPoolExecutor(1) as pool, context(actor="alice"):
        future = pool.submit(lambda: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            future.result()


@pytest.mark.django_db(transaction=True)
def test_writes_of_threads_and_pools_are_their_users(alice, bob, who_wrote):
    together = threading.Barrier(4)

    def write(name: str) -> None:
        try:
            together.wait(20)
            Author.objects.create(name=name)
        finally:
            connections.close_all()

    started = []
    with ThreadPoolExecutor(2) as pool:
        for user in (alice, bob):
            with context(actor=user):
                pool.submit(write, f"{user.first_name} in a pool")
                thread = threading.Thread(target=write, args=[f"{user.first_name} in a thread"])
                thread.start()
                started.append(thread)
        for thread in started:
            thread.join()
    assert who_wrote() == {
        "Alice in a pool": "Alice Archer",
        "Alice in a thread": "Alice Archer",
        "Bob in a pool": "Bob Baker",
        "Bob in a thread": "Bob Baker",
    }

"""Behind a proxy that pools transactions (PgBouncer): users share a server connection, never an author."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.db import connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from audit_plugin import context
from tests.context.conftest import Authors
from tests.testapp.models import Author

PROGRAM = shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin:/usr/local/sbin")

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(
        PROGRAM is None, reason="the program pgbouncer is not installed (apt install pgbouncer)"
    ),
]

CONFIG = """
[databases]
{name} = host={host} port={port} dbname={name} user={user}{password}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {listen}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = 1
ignore_startup_parameters = extra_float_digits,options
"""


@pytest.fixture
def proxy(db: None) -> Iterator[int]:
    """A PgBouncer with one server connection for everybody; its port."""
    settings = connections["default"].settings_dict
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        listen = free.getsockname()[1]
    directory = Path(tempfile.mkdtemp(prefix="audit-pgbouncer-"))
    directory.chmod(0o755)
    config = directory / "pgbouncer.ini"
    config.write_text(
        CONFIG.format(
            name=settings["NAME"],
            host=settings["HOST"] or "127.0.0.1",
            port=settings["PORT"] or 5432,
            user=settings["USER"],
            password=f" password='{settings['PASSWORD']}'" if settings["PASSWORD"] else "",
            listen=listen,
        )
    )
    command = [str(PROGRAM), str(config)]
    if os.getuid() == 0:  # which it refuses to run as, and its server's socket may be private
        owner = os.stat(settings["HOST"]).st_uid if settings["HOST"].startswith("/") else 65534
        command[1:1] = ["-u", pwd.getpwuid(owner).pw_name]
    log = directory / "log"
    with log.open("w") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output)
    try:
        for _ in range(200):
            assert process.poll() is None, log.read_text()
            with socket.socket() as attempt:
                if attempt.connect_ex(("127.0.0.1", listen)) == 0:
                    break
            time.sleep(0.05)
        yield listen
    finally:
        process.terminate()
        process.wait(20)
        shutil.rmtree(directory)


@pytest.fixture
def pooled(proxy: int) -> Iterator[type]:
    """Makes connections of the default alias go through the proxy, for a thread at a time."""

    class Pooled:
        def __enter__(self) -> BaseDatabaseWrapper:
            self.direct = connections["default"]
            settings = {**self.direct.settings_dict, "HOST": "127.0.0.1", "PORT": str(proxy)}
            settings["DISABLE_SERVER_SIDE_CURSORS"] = True
            connections["default"] = type(self.direct)(settings, alias="default")
            return connections["default"]

        def __exit__(self, *error: object) -> None:
            connections["default"].close()
            connections["default"] = self.direct
            if threading.current_thread() is not threading.main_thread():
                connections.close_all()

    yield Pooled


def backend(connection: BaseDatabaseWrapper) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return int(cursor.fetchone()[0])


@pytest.mark.parametrize("atomic", [True, False], ids=["atomic", "autocommit"])
def test_users_who_share_a_server_connection_keep_apart(atomic, pooled, alice, bob, who_wrote: Authors):
    rounds, turn, backends, errors = 10, threading.Barrier(2), set(), []

    def work(user: User) -> None:
        try:
            with pooled() as connection, context(actor=user):
                for number in range(rounds):
                    turn.wait(30)
                    with transaction.atomic() if atomic else nullcontext():
                        Author.objects.create(name=f"{user.username} {number}")
                        Author.objects.filter(name=f"{user.username} {number}").update(api_token="changed")
                    backends.add(backend(connection))
                for number in range(rounds):
                    turn.wait(30)
                    Author.objects.bulk_create([Author(name=f"{user.username} {rounds + number}")])
        except BaseException as error:
            errors.append(error)
            turn.abort()

    threads = [threading.Thread(target=work, args=[user]) for user in (alice, bob)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert errors == []
    assert len(backends) == 1, "the users did not share a connection, so nothing was tested"
    labels = {"alice": "Alice Archer", "bob": "Bob Baker"}
    for action, count in (("create", 2 * rounds), ("update", rounds)):
        written = who_wrote(action=action)
        assert len(written) == 2 * count
        assert {name: labels[name.split()[0]] for name in written} == written


def test_nothing_of_a_context_is_left_on_the_connection(pooled, alice, who_wrote: Authors):
    with pooled() as first:
        with context(actor=alice):
            Author.objects.create(name="Ann")
        shared = backend(first)
    with pooled() as second:
        assert backend(second) == shared
        Author.objects.create(name="nobody")
        with second.cursor() as cursor:
            cursor.execute("SELECT current_setting('audit_plugin.context', true)")
            assert not cursor.fetchone()[0]
    assert who_wrote() == {"Ann": "Alice Archer", "nobody": "system"}

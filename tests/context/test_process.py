"""What nobody has said anything about belongs to a command or a program: there is no empty cell."""

from __future__ import annotations

import os
import subprocess
import sys
import threading

import pytest
from django.core.management import call_command
from django.db import connection

from audit_plugin import context
from audit_plugin.context import current, process
from tests.context.conftest import Authors
from tests.testapp.models import Author


@pytest.mark.parametrize(
    ("argv", "thread", "expected"),
    [
        (["manage.py", "migrate"], "", ("command", "migrate")),
        (["./manage.py", "import_books", "--dry-run"], "", ("command", "import_books")),
        (["/usr/bin/django-admin", "loaddata"], "", ("command", "loaddata")),
        (["/lib/django/__main__.py", "flush"], "", ("command", "flush")),
        (["manage.py", "import_books"], "Thread (work)", ("command", "import_books")),
        (["manage.py", "runserver"], "", ("process", "manage.py runserver")),
        (["manage.py", "runserver"], "Thread (serve)", ("process", "manage.py runserver Thread (serve)")),
        (["manage.py"], "", ("process", "manage.py")),
        (["manage.py", "--help"], "", ("process", "manage.py")),
        (["/venv/bin/gunicorn", "shop.wsgi"], "", ("process", "gunicorn")),
        (["/venv/bin/celery", "-A", "shop", "beat"], "", ("process", "celery")),
        (["/lib/pytest/__main__.py", "tests"], "", ("process", "pytest")),
        (["/venv/bin/uvicorn", "shop.asgi"], "ThreadPoolExecutor", ("process", "uvicorn ThreadPoolExecutor")),
        (["nightly.py"], "", ("process", "nightly.py")),
        (["-c"], "", ("process", "python")),
        ([""], "", ("process", "python")),
        ([], "", ("process", "python")),
    ],
)
def test_a_process_is_called(argv, thread, expected):
    assert process.describe(argv, thread) == expected


def test_the_threads_of_a_pool_have_one_name():
    names = set()
    for number in range(3):
        thread = threading.Thread(target=lambda: names.add(process.frame().name), name=f"Pool-1_{number}")
        thread.start()
        thread.join()
    assert len(names) == 1


def test_the_executor_is_the_user_of_the_system_and_the_host():
    user, _, host = process.executor().partition("@")
    assert user
    assert host


def test_a_user_without_a_name_is_a_number(monkeypatch):
    def no_name() -> str:
        raise KeyError("getpwuid(): uid not found: 4711")

    monkeypatch.setattr(process.getpass, "getuser", no_name)
    assert process.executor().startswith(f"{os.getuid()}@")


def test_a_forked_process_has_contexts_of_its_own():
    read, write = os.pipe()
    ours = process.frame().request_id
    child = os.fork()
    if not child:
        os.write(write, str(process.frame().request_id).encode())
        os._exit(0)
    os.waitpid(child, 0)
    theirs = os.read(read, 100).decode()
    os.close(read)
    os.close(write)
    assert theirs
    assert theirs != ours


@pytest.mark.django_db
def test_what_nobody_says_anything_about_is_the_processs(who_wrote: Authors):
    assert current() is None
    Author.objects.create(name="Ann")
    context = who_wrote.one()
    assert (context.actor_kind, context.actor_id, context.source) == ("system", None, "process")
    assert context.name == process.describe(sys.argv)[1]
    assert context.executor == process.executor()
    assert context.request_id


@pytest.mark.django_db
def test_each_outermost_context_of_a_process_is_a_piece_of_work(who_wrote: Authors):
    for name in ("Ann", "Ben"):
        with context(actor="consumer"):
            Author.objects.create(name=name)
    assert who_wrote.one(object_repr="Ann").request_id != who_wrote.one(object_repr="Ben").request_id


@pytest.mark.django_db
def test_a_command_called_by_a_user_is_the_users(alice, who_wrote: Authors):
    with context(actor=alice, source="web", name="admin action"):
        call_command(
            "shell", command="from tests.testapp.models import Author; Author.objects.create(name='Ann')"
        )
    context_ = who_wrote.one()
    assert (context_.actor_label, context_.source, context_.name) == ("Alice Archer", "web", "admin action")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("program", ["manage.py", "python -m django"])
def test_a_command_is_the_systems_and_says_its_name(program, alice, bob, who_wrote: Authors, tmp_path):
    manage = tmp_path / "manage.py"
    manage.write_text(
        "import sys; from django.core.management import execute_from_command_line as run; run(sys.argv)"
    )
    called = [str(manage)] if program == "manage.py" else ["-m", "django"]
    code = """
from audit_plugin import context
from django.contrib.auth.models import User
from tests.testapp.models import Author
Author.objects.create(name="nobody")
for user in User.objects.order_by("username"):
    with context(actor=user):
        Author.objects.create(name=user.username)
"""
    name = connection.settings_dict["NAME"]
    environment = {
        **os.environ,
        "DATABASE_NAME": name,
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "PYTHONPATH": os.getcwd(),
    }
    subprocess.run([sys.executable, *called, "shell", "-c", code], env=environment, check=True, timeout=120)
    assert who_wrote() == {"nobody": "system", "alice": "Alice Archer", "bob": "Bob Baker"}
    contexts = {entry.object_repr: entry.context for entry in who_wrote.log(model="testapp.author")}
    assert {(found.source, found.name, found.executor) for found in contexts.values()} == {
        ("command", "shell", process.executor())
    }
    assert len({found.request_id for found in contexts.values()}) == 1, "one command, one piece of work"

"""The frame of last resort: a management command, or a program nobody said anything about."""

from __future__ import annotations

import getpass
import os
import re
import socket
import sys
import threading
from collections.abc import Sequence
from functools import lru_cache
from pathlib import PurePath

from audit_plugin.context.frames import Frame
from audit_plugin.context.ids import uuid7

#: Commands that serve others: what a thread of theirs does is not the command's doing.
SERVERS = frozenset({"runserver", "runserver_plus", "testserver"})

_MANAGERS = frozenset({"manage.py", "manage", "django-admin", "django-admin.py", "django"})
_argv: tuple[str, ...] | None = None


def install() -> None:
    """Note the command line while it is still as the program was called."""
    global _argv
    _argv = tuple(sys.argv)
    _frame.cache_clear()


def frame() -> Frame:
    """Return the frame for what is written while nobody has entered one."""
    thread = threading.current_thread()
    # Numbers are left out: one name for all workers of a pool, and the same in every run.
    name = "" if thread is threading.main_thread() else re.sub(r"[-_ ]?\d+", "", thread.name)
    return _frame(tuple(sys.argv) if _argv is None else _argv, name)


def describe(argv: Sequence[str], thread: str = "") -> tuple[str, str]:
    """Return source and name of the process that was called with `argv`.

    Args:
        argv: The command line, as in `sys.argv`.
        thread: The thread's name, empty for the main thread.
    """
    program = PurePath(argv[0] if argv else "")
    # `python -m package` runs package/__main__.py; `python -c` and an interactive one have no file.
    label = program.parent.name if program.name == "__main__.py" else program.name
    label = "python" if label in {"", "-c", "-m"} else label
    command = argv[1] if len(argv) > 1 else ""
    if label in _MANAGERS and command and not command.startswith("-"):
        if command not in SERVERS:
            return "command", command
        label = f"{label} {command}"
    return "process", f"{label} {thread}".rstrip()


def executor() -> str:
    """Return `<user of the operating system>@<host>`."""
    try:
        user = getpass.getuser()
    except (OSError, KeyError, ImportError):  # a container may run under a number that has no name
        user = str(os.getuid()) if hasattr(os, "getuid") else "unknown"
    return f"{user}@{socket.gethostname()}"


@lru_cache(maxsize=256)
def _frame(argv: tuple[str, ...], thread: str) -> Frame:
    source, name = describe(argv, thread)
    return Frame(source=source, name=name, executor=executor(), request_id=str(uuid7()))


# A forked worker is a process of its own and must not share the ids of its parent.
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_frame.cache_clear)

"""Studio Desk, a small product with the audit log in its admin, on a PostgreSQL that starts by itself.

Starts PostgreSQL, creates and migrates a database, loads sample data, and serves the admin until Ctrl-C.
The next start finds all of it as it was left.
"""

from __future__ import annotations

import argparse
import os
import socket
import sys
import time
from contextlib import suppress
from typing import Any

from sample_project import postgres

EPILOG = """examples:
  python -m sample_project.demo                 serve at http://127.0.0.1:8000/ or the next free port
  python -m sample_project.demo --fresh         start over with a new database
  python -m sample_project.demo --check         write over HTTP and from a shell, read the log back, end

environment:
  DATABASE_URL    use this server: postgresql://user:password@host:5432/name
  DATABASE_NAME   the database's name (audit_plugin)
  PG_VERSION      the version to start without DATABASE_URL: 16 or 18 (18)
  AUDIT_PGDATA    where its data is kept (/var/tmp/audit-plugin-<user id>)

With tox, arguments go after two dashes: python -m tox run -e demo -- --check
"""
HOST = "127.0.0.1"


class DemoError(Exception):
    """The demo can't go on; the message says what to do."""


def prepare(fresh: bool) -> None:
    """Bring PostgreSQL, the database, its tables and the sample data to where the demo needs them."""
    began = time.monotonic()
    entry = postgres.database()
    with postgres.alone_with(entry, lambda: say("Another demo is preparing this database; waiting …")):
        if fresh:
            postgres.drop(entry, only_with_table="people_person")
            postgres.database()
        # Django, and with it our settings, may only be loaded once the database exists.
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sample_project.settings")
        import django

        django.setup()
        fill(entry)
    say(f"Ready after {time.monotonic() - began:.1f} seconds.")


def fill(entry: dict[str, Any]) -> None:
    """Create the tables and load the sample data, as far as they are missing."""
    from django.core.management import CommandError, call_command
    from django.db import DatabaseError, connection

    version = ".".join(map(str, connection.get_database_version()))
    say(f"PostgreSQL {version} runs: {postgres.address_of(entry)}")
    try:
        say("Creating tables and capture triggers …")
        call_command("migrate", verbosity=0)
        say("Loading sample data …")
        call_command("load_sample")
    except CommandError as error:
        raise DemoError(f"{error} To start over: python -m sample_project.demo --fresh") from error
    except DatabaseError:
        # Until 1.0 migrations may be rewritten, which a database made before can't know.
        say("\nThat didn't work; see below. To start over: python -m sample_project.demo --fresh\n")
        raise


def free_port(wanted: int) -> int:
    """Return the wanted port, or the first free one after it."""
    for port in range(wanted, wanted + 50):
        with socket.socket() as probe:
            # As servers do: a port whose last connections are winding down is free.
            if os.name == "posix":
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, port))
            except OSError:
                continue
            return port
    raise DemoError(f"No free port between {wanted} and {wanted + 49}: choose one with --port.")


def serve(port: int) -> None:
    """Serve until Ctrl-C."""
    from sample_project.sample.accounts import SIGN_INS
    from sample_project.server import make_server

    say("")
    say(f"Open  http://{HOST}:{port}/admin/  and sign in as one of")
    say("")
    for person in SIGN_INS:
        say(f"    {person.username:<9} {person.password:<16} {person.does}")
    say("")
    say("The log is there under Audit log. Ctrl-C ends the demo.")
    with suppress(KeyboardInterrupt):
        make_server(HOST, port).run()
    say("\nBye. PostgreSQL goes on running; stop it with: python -m sample_project.postgres stop")


def say(text: str) -> None:
    """Print at once, also into a pipe."""
    print(text, flush=True)


def main(arguments: list[str] | None = None) -> int:
    """Run the demo.

    Returns:
        The exit code: 0, or 1 when something failed.
    """
    parser = argparse.ArgumentParser(
        prog="python -m sample_project.demo",
        description=__doc__,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--check", action="store_true", help="check that the log gets it right, and end")
    parser.add_argument("--fresh", action="store_true", help="drop the demo's database first")
    parser.add_argument("--port", type=int, default=8000, help="where to serve (8000, or the next free one)")
    options = parser.parse_args(arguments)
    try:
        prepare(options.fresh)
        port = free_port(options.port)
        if not options.check:
            serve(port)
            return 0
        from django.db import connections

        from sample_project.check import run_checks

        code = run_checks(HOST, port, say)
        connections.close_all()
        return code
    except (DemoError, postgres.PostgresUnavailableError) as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        say("\nInterrupted. Start again at will; --fresh begins with a new database.")
        return 130


if __name__ == "__main__":
    sys.exit(main())

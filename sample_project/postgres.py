"""A PostgreSQL for the demo and the tests: `DATABASE_URL`, else a wheel's, else the system's.

Environment:
    DATABASE_URL: A server to use as it is, `postgresql://user:password@host:port/name`.
    DATABASE_NAME: The database on it; by default the one in the address, else `audit_plugin`.
    PG_VERSION: The major version to start where there is no DATABASE_URL; 18 unless set.
    AUDIT_PGDATA: Where the started servers keep their data, by default `/var/tmp/audit-plugin-<user id>`.
    AUDIT_PGSAFE: `0` starts a server that doesn't wait for the disk: faster, and lost when the machine crashes.
"""

from __future__ import annotations

import argparse
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from sample_project.embedded import DEFAULT, PostgresUnavailableError, Server, base_directory, find_binaries

DEFAULT_NAME = "audit_plugin"

__all__ = [
    "PostgresUnavailableError",
    "address_of",
    "alone_with",
    "database",
    "drop",
    "parse_url",
    "start",
    "stop",
]


def parse_url(url: str) -> dict[str, Any]:
    """Return a Django DATABASES entry for an address, read by libpq's own rules.

    Raises:
        PostgresUnavailableError: It is no address of a PostgreSQL server.
    """
    example = "postgresql://user:password@host:5432/name"
    if not url.startswith(("postgresql://", "postgres://")):
        raise PostgresUnavailableError(f"DATABASE_URL has to name a PostgreSQL server, for example {example}")
    try:
        options = conninfo_to_dict(url)
    except psycopg.ProgrammingError as error:
        raise PostgresUnavailableError(
            f"DATABASE_URL: {str(error).strip()}. It should look like {example}"
        ) from None
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": options.pop("dbname", None) or "",
        "USER": options.pop("user", None) or "",
        "PASSWORD": options.pop("password", None) or "",
        "HOST": options.pop("host", None) or "",
        "PORT": options.pop("port", None) or "",
        "OPTIONS": options,
    }


def start() -> dict[str, Any]:
    """Start PostgreSQL unless it runs already.

    Returns:
        A Django DATABASES entry; its NAME is empty unless DATABASE_URL gives one.

    Raises:
        PostgresUnavailableError: There is none to start; the message names the ways out.
    """
    if url := os.environ.get("DATABASE_URL"):
        return parse_url(url)
    wanted = _wanted_version()
    # A running server is found without looking for programs: every `manage.py` comes through here.
    server = _server(wanted or DEFAULT)
    if not server.answers():
        major, binaries = find_binaries(wanted)
        server = _server(major)
        server.start(binaries)
    address = server.address()
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": "",
        "USER": address["user"],
        "PASSWORD": "",
        "HOST": address["host"],
        "PORT": address["port"],
        "OPTIONS": {},
    }


def stop() -> bool:
    """Stop the server that `start` started.

    Returns:
        Whether it was running.
    """
    if os.environ.get("DATABASE_URL"):
        return False
    major, binaries = find_binaries(_wanted_version())
    return _server(major).stop(binaries)


def database(name: str | None = None) -> dict[str, Any]:
    """Return a Django DATABASES entry for a database that exists, creating it if need be.

    Args:
        name: Its name; by default that of the environment (see the module's docstring).

    Raises:
        PostgresUnavailableError: The server can't be reached or doesn't let us create the database.
    """
    entry = start()
    entry["NAME"] = name or os.environ.get("DATABASE_NAME") or entry["NAME"] or DEFAULT_NAME
    try:
        _connect(entry).close()
    except psycopg.OperationalError as error:
        # libpq gives no SQLSTATE for a refused connection, and the server may speak another language.
        if not _reachable(entry):
            raise PostgresUnavailableError(f"Can't connect to {address_of(entry)}: {error}") from None
        _create(entry)
    return entry


def drop(entry: dict[str, Any], *, only_with_table: str) -> None:
    """Drop the database of a DATABASES entry, whoever is connected to it.

    Args:
        entry: The database.
        only_with_table: A table that tells it from a database of somebody else's.

    Raises:
        PostgresUnavailableError: It has tables, but not that one.
    """
    with _connect(entry) as connection:
        tables = {
            row[0]
            for row in connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        }
    if tables and only_with_table not in tables:
        raise PostgresUnavailableError(
            f"The database {entry['NAME']!r} holds something else, so it isn't dropped. Set DATABASE_NAME."
        )
    with _connect(entry, maintenance=True) as connection:
        name = sql.Identifier(entry["NAME"])
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))


@contextmanager
def alone_with(entry: dict[str, Any], on_wait: Callable[[], None]) -> Iterator[None]:
    """Keep other processes out of such blocks for the same database.

    Args:
        entry: The database.
        on_wait: Called when another process is in one, before waiting for it.
    """
    with _connect(entry, maintenance=True) as connection:
        lock = "SELECT pg_try_advisory_lock(hashtext(%s))", [entry["NAME"]]
        if connection.execute(*lock).fetchone() != (True,):
            on_wait()
            connection.execute("SELECT pg_advisory_lock(hashtext(%s))", [entry["NAME"]])
        yield


def address_of(entry: dict[str, Any]) -> str:
    """Return the address of a DATABASES entry as psql takes it, without the password."""
    host = entry["HOST"]
    if host.startswith("/"):
        return f"postgresql://{quote(entry['USER'])}@/{entry['NAME']}?host={quote(host)}"
    port = f":{entry['PORT']}" if entry["PORT"] else ""
    return f"postgresql://{quote(entry['USER'])}@{host}{port}/{entry['NAME']}"


def _wanted_version() -> int | None:
    # Images of PostgreSQL set PG_VERSION too, to something like 16.4-1.pgdg120+1.
    match = re.match(r"\d+", os.environ.get("PG_VERSION", ""))
    return int(match[0]) if match else None


def _server(major: int) -> Server:
    return Server(major, base_directory() / f"pg{major}")


def _connect(entry: dict[str, Any], *, maintenance: bool = False) -> psycopg.Connection[Any]:
    return psycopg.connect(
        host=entry["HOST"] or None,
        port=entry["PORT"] or None,
        user=entry["USER"] or None,
        password=entry["PASSWORD"] or None,
        dbname="postgres" if maintenance else entry["NAME"],
        connect_timeout=10,
        autocommit=True,
        **entry["OPTIONS"],
    )


def _reachable(entry: dict[str, Any]) -> bool:
    try:
        _connect(entry, maintenance=True).close()
    except psycopg.OperationalError:
        return False
    return True


def _create(entry: dict[str, Any]) -> None:
    try:
        with _connect(entry, maintenance=True) as connection:
            # template0 can't be in use by another process that creates a database at the same time.
            name = sql.Identifier(entry["NAME"])
            connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8'").format(name))
    except (psycopg.errors.DuplicateDatabase, psycopg.errors.UniqueViolation):
        pass  # Another process was faster.
    except psycopg.errors.InsufficientPrivilege:
        raise PostgresUnavailableError(
            f"The database {entry['NAME']!r} doesn't exist and {entry['USER']!r} may not create it. "
            f"Create it, or let the user do so: ALTER ROLE {entry['USER']} CREATEDB"
        ) from None


def main() -> None:
    """Start or stop the server, or print the address for psql."""
    parser = argparse.ArgumentParser(
        prog="python -m sample_project.postgres",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("command", choices=["start", "stop", "url"])
    command = parser.parse_args().command
    try:
        if command == "stop":
            print("Stopped." if stop() else "Nothing to stop.")
        elif command == "start":
            print(f"PostgreSQL is running: {address_of(database())}")
        else:
            print(address_of(database()))
    except PostgresUnavailableError as error:
        raise SystemExit(str(error)) from None


if __name__ == "__main__":
    main()

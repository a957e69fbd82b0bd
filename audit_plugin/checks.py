"""System checks: every wrong setting has an ID and says how to mend it, before anything is migrated.

The IDs are listed in docs/reference/checks.md.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from ipaddress import ip_network
from typing import Any, get_args, get_origin, get_type_hints

from django.conf import settings as django_settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.db import connections
from django.utils import timezone
from django.utils.module_loading import import_string

from audit_plugin import actions, conf
from audit_plugin.capture import checks as capture_checks
from audit_plugin.capture.columns import find_table
from audit_plugin.capture.registry import tracked_models
from audit_plugin.capture.spec import database_aliases, refuse_uncapturable
from audit_plugin.conf import settings
from audit_plugin.context.addresses import UNIX_SOCKET
from audit_plugin.exceptions import ConfigurationError, NotCapturedError
from audit_plugin.export.columns import COLUMNS, SELECTIONS, columns_of
from audit_plugin.export.errors import ExportError
from audit_plugin.export.plan import DATE_FORMATS
from audit_plugin.hints import fits, in_words

TAG = "audit"
MIDDLEWARE = "audit_plugin.middleware.AuditMiddleware"

#: The capture functions use the JSON constructors of the SQL standard, which came with this version.
OLDEST_POSTGRESQL = 160_000

#: What a sheet of a workbook can hold, less its header and the line that says that it was cut.
MOST_ROWS = 1_048_574


@register(TAG)
def check_settings(app_configs: object, **kwargs: Any) -> list[CheckMessage]:
    """Check the settings, and then the models and fields that they name."""
    wrong = list(_check_types())
    # What has the wrong type can't be looked into any further.
    if wrong:
        return [*wrong, *_check_unknown()]
    found = [*_check_values(), *_check_hooks(), *_check_proxies(), *_check_unknown(), *_check_middleware()]
    found += _check_actions()
    if not database_aliases():
        return [*found, _no_postgresql()]
    names = list(capture_checks.check_names())
    return [*found, *(names or capture_checks.check_models())]


@register(TAG, Tags.database)
def check_tables(
    app_configs: object, databases: Sequence[str] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """Check that the recorded models' tables can have triggers; tables that don't exist yet are left out."""
    if any(_check_types()) or any(capture_checks.check_names()):
        return []  # check_settings says why
    recorded = tracked_models()
    found: list[CheckMessage] = []
    for alias in database_aliases():
        if alias not in (databases or ()):
            continue
        if connections[alias].pg_version < OLDEST_POSTGRESQL:  # type: ignore[attr-defined]
            found.append(_too_old(alias))
            continue
        for model in recorded:
            table = find_table(connections[alias], model._meta.db_table)
            try:
                if table is not None:
                    refuse_uncapturable(model, table)
            except NotCapturedError as error:
                found.append(Error(str(error), obj=model, id="audit_plugin.E010"))
    return found


def _names() -> dict[str, Any]:
    return {name: hint for name, hint in get_type_hints(conf.Settings).items() if name.isupper()}


def _check_types() -> Iterator[CheckMessage]:
    for name, hint in _names().items():
        if not fits(getattr(settings, name), hint):
            yield _wrong(name, in_words(hint))


def _check_values() -> Iterator[CheckMessage]:
    if settings.PARTITIONS_AHEAD < 1:
        yield _wrong("PARTITIONS_AHEAD", "at least 1, or the first write of a month finds no partition")
    yield from _check_reading()
    if not 0 < len(settings.OWNER_ROLE.encode()) < 64:
        yield _wrong("OWNER_ROLE", "the name of a role, at most 63 bytes long")


def _check_reading() -> Iterator[CheckMessage]:
    """Check the settings of lists and exports, which else would fail in the middle of a page."""
    if settings.LOG_VIEWS_MINUTES < 1:
        yield _wrong("LOG_VIEWS_MINUTES", "at least 1, or every request of a reader leaves an entry")
    if settings.COUNT_CAP < 1:
        yield _wrong("COUNT_CAP", "at least 1")
    if settings.EXPORT_DATE_FORMAT not in DATE_FORMATS:
        yield _wrong("EXPORT_DATE_FORMAT", " or ".join(f'"{name}"' for name in DATE_FORMATS))
    if not 1 <= settings.EXPORT_XLSX_CAP <= MOST_ROWS:
        yield _wrong("EXPORT_XLSX_CAP", f"between 1 and {MOST_ROWS:,}: a sheet has no more rows")
    try:
        columns_of()
    except ExportError as error:
        yield Error(
            f"AUDIT_EXPORT_COLUMNS: {error}",
            hint=f"Give {', '.join(SELECTIONS)}, or a list of columns: {', '.join(COLUMNS)}.",
            id="audit_plugin.E015",
        )
    name = timezone.now().strftime(settings.EXPORT_FILENAME)
    if not name.strip() or any(sign in name for sign in "/\\\0\r\n"):
        yield Error(
            f"AUDIT_EXPORT_FILENAME makes the name {name!r}, which no file can have.",
            hint="Write a name without slashes, with the date as strftime takes it: audit-logs-%Y-%m-%d.",
            id="audit_plugin.E015",
        )


def _wrong(name: str, wanted: str) -> Error:
    value = getattr(settings, name)
    return Error(
        f"{conf.PREFIX}{name} must be {wanted}.",
        hint=f"It is {value!r}, of type {type(value).__name__}.",
        id="audit_plugin.E001",
    )


def _check_hooks() -> Iterator[CheckMessage]:
    for name, hint in _names().items():
        value = getattr(settings, name)
        if not isinstance(value, str) or not any(_is_callable(part) for part in get_args(hint)):
            continue
        try:
            hook = import_string(value)
        except Exception as error:
            yield Error(
                f'{conf.PREFIX}{name} is "{value}", which can\'t be imported: {error}',
                hint="Give the dotted path of a function, or the function itself.",
                id="audit_plugin.E005",
            )
            continue
        if not callable(hook):
            yield Error(
                f'{conf.PREFIX}{name} is "{value}", which is no function.',
                hint=f"It is of type {type(hook).__name__}.",
                id="audit_plugin.E005",
            )


def _is_callable(hint: Any) -> bool:
    return (get_origin(hint) or hint) is Callable


def _check_proxies() -> Iterator[CheckMessage]:
    for value in settings.TRUSTED_PROXIES:
        try:
            if value != UNIX_SOCKET:
                ip_network(value, strict=False)
        except ValueError:
            yield Error(
                f'AUDIT_TRUSTED_PROXIES has "{value}", which is no address or network.',
                hint=f'Write "10.0.0.7" or "10.0.0.0/8"; "{UNIX_SOCKET}" for one on a Unix socket.',
                id="audit_plugin.E009",
            )


def _check_unknown() -> Iterator[CheckMessage]:
    known = {conf.PREFIX + name for name in _names()}
    for name in sorted(dir(django_settings)):
        if name.startswith(conf.PREFIX) and name.isupper() and name not in known:
            yield Warning(
                f"There is no setting {name}.",
                hint=capture_checks.nearest(name, known, "{}")
                or "docs/reference/settings.md lists them all.",
                id="audit_plugin.W001",
            )


def _check_middleware() -> Iterator[CheckMessage]:
    # A project without middleware serves no pages.
    if django_settings.MIDDLEWARE and not any(_is_ours(path) for path in django_settings.MIDDLEWARE):
        yield Warning(
            "AuditMiddleware is missing: what a request writes would count as the server's own.",
            hint=f'Add "{MIDDLEWARE}" to MIDDLEWARE. It may stand anywhere; first is best.',
            id="audit_plugin.W002",
        )


def _check_actions() -> Iterator[CheckMessage]:
    for name in settings.ACTIONS:
        # Captured changes may be relabelled; they are no events.
        if "." not in name and isinstance(settings.ACTIONS[name], Mapping):
            continue
        try:
            actions.find(name)
        except (ConfigurationError, TypeError) as error:
            yield Error(
                f"AUDIT_ACTIONS: {error}",
                hint="docs/reference/events.md says what an action has.",
                id="audit_plugin.E014",
            )


def _is_ours(path: str) -> bool:
    from audit_plugin.middleware import AuditMiddleware

    try:
        middleware = import_string(path)
    except ImportError:
        return False  # Django says so when it starts to serve
    return isinstance(middleware, type) and issubclass(middleware, AuditMiddleware)


def _too_old(alias: str) -> Error:
    major = connections[alias].pg_version // 10_000  # type: ignore[attr-defined]
    return Error(
        f'The database "{alias}" is PostgreSQL {major}, which is too old for the audit log.',
        hint=f"Upgrade it to PostgreSQL {OLDEST_POSTGRESQL // 10_000} or newer.",
        id="audit_plugin.E013",
    )


def _no_postgresql() -> Error:
    vendors = ", ".join(sorted({connections[alias].vendor for alias in connections})) or "none"
    return Error(
        f"There is no PostgreSQL database for the audit log (configured: {vendors}).",
        hint='Use the engine "django.db.backends.postgresql"; a router has to let "audit_plugin" migrate.',
        id="audit_plugin.E007",
    )

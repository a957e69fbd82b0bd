"""Settings: the class attributes are the defaults, read from Django's settings as `AUDIT_<NAME>` when used.

Reading lazily is what lets `override_settings` work in a host's tests.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.conf import settings as django_settings
from django.utils.module_loading import import_string

PREFIX = "AUDIT_"

#: Parts of a column's or field's name that mark its value as a secret. Matched on whole words of the
#: snake_case name, so `token` matches `api_token` and not `tokenizer`.
DEFAULT_SECRETS = (
    "password",
    "passwd",
    "passphrase",
    "secret",
    "token",
    "api_key",
    "apikey",
    "private_key",
    "access_key",
    "signing_key",
    "credential",
    "credentials",
    "otp",
    "totp",
    "mfa_seed",
    "cvv",
    "cvc",
)


class Settings:
    """Every setting of the plugin, with its default. In a project's settings each has the prefix `AUDIT_`."""

    MODELS: Sequence[str] = ()
    """Models to record, as `app_label.ModelName`, `app_label.*` or `*`. A leading `-` excludes.
    Models decorated with `@audit_plugin.track` need not be named."""

    UNRECORDED: Sequence[str] = ()
    """Models that are meant not to be recorded, named as in `MODELS`; `audit_doctor` doesn't list them."""

    OPTIONS: Mapping[str, Mapping[str, Any]] = {}
    """Options for single models by name, as given to `audit_plugin.track`; the way to configure models of others."""

    CAPTURE: bool = True
    """Whether `migrate` installs the triggers. Turn it off in test settings; see `audit_plugin.testing`."""

    SECRETS: Sequence[str] = DEFAULT_SECRETS
    """Words in a field's name that mark it as a secret: that it changed is recorded, its value never."""

    TRUSTED_PROXIES: Sequence[str] = ()
    """Addresses or networks (CIDR) of the reverse proxies whose `X-Forwarded-For` may be believed."""

    REQUEST_ID_HEADER: str = "X-Request-ID"
    """The header that carries a request id from a proxy. Without one, an id is drawn."""

    TENANT: str | Callable[..., str | None] | None = None
    """A callable, or its dotted path: gets the request and returns the tenant's key, or None."""

    IMPERSONATOR: str | Callable[..., Any] | None = None
    """A callable, or its dotted path: gets the request and returns the real user behind an impersonated one, or None."""

    SERVICE_ACCOUNT: str | Callable[..., bool] | None = None
    """A callable, or its dotted path: gets a user and returns whether it is no person but a service: an integration, a bot, an
    account that only has API tokens. Its entries have actors of the kind `service`."""

    API_CLIENT: str | Callable[..., Any] | None = None
    """A callable, or its dotted path: gets what an API's authenticator has left in `request.auth` and returns whom it stands for:
    a user, or the name of a service. Needed only where that is neither a user nor a record with a `user`."""

    ACTOR_LABEL: str | Callable[..., str] | None = None
    """A callable, or its dotted path: gets a user and returns the name to store. Default: full name or username."""

    CARRY_INTO_THREADS: bool = True
    """Whether a thread, or a task handed to a thread pool, works under the context of the code that started it."""

    RENAMED_MODELS: Mapping[str, str] = {}
    """Earlier names of models, `{"old_app.oldname": "app.name"}`, so that one record keeps one history."""

    RENAMED_FIELDS: Mapping[str, str] = {}
    """Earlier names of fields, `{"app.name.old_field": "new_field"}`, so that a restore finds where their values go now."""

    RESTORE_LOCK_TIMEOUT: int = 5
    """How many seconds a restore waits for somebody else who is writing to the same records."""

    PARTITIONS_AHEAD: int = 3
    """How many months ahead partitions of the log are made."""

    GATE: str | Callable[..., Any] | None = None
    """A callable, or its dotted path: gets the request and may close the whole log to it (a plan, a subscription, a list of
    addresses). Returns None where it is open, else an `audit_plugin.visibility.Refusal`."""

    TENANT_SCOPE: str | Callable[..., Any] | None = None
    """A callable, or its dotted path: gets a user and returns the keys of the tenants whose entries they may see, or None for
    all. Entries without a tenant are seen where the keys include None."""

    VIEW_REMOVED_MODELS: bool = False
    """Whether everybody who may view the log sees entries of models that no longer exist. Off: superusers only."""

    GROUPS: Mapping[str, str] = {
        "view": "Audit viewers",
        "export": "Audit exporters",
        "restore": "Audit restorers",
    }
    """Names of the groups that `migrate` creates with the permissions on the log. Leave one out, and it isn't created."""

    ACTIONS: Mapping[str, Any] = {}
    """The host's own actions by name, each with any of `label`; `channel`; `badge`: `green` (or `create`), `blue` (`update`),
    `red` (`delete`), `purple` (`restore`) or `slate` (`other`); `glyph`, a sign before the label; `sentence`, for example
    `_("%(actor)s approved %(subject)s")`. Only declared actions can be recorded; see also `audit_plugin.declare`."""

    STRICT_EVENTS: bool | None = None
    """Whether an event that is given wrongly is an error at once. None: where `DEBUG` is on. Elsewhere it is logged,
    and as much of it recorded as can be."""

    DETAILS_LIMIT: int = 64_000
    """How many characters the details of one event may have as JSON."""

    RELATED: Mapping[str, Sequence[str]] = {}
    """Foreign keys whose targets an event concerns as well, by model: `{"shop.order": ["customer", "customer__company"]}`.
    Those of the event's subject are followed, and those of the acting user."""

    SIGN_INS: bool = True
    """Whether signing in and out, failing to, and changes of passwords are recorded, in the channel `auth`; and invitations, in
    `security`."""

    SIGN_IN_FAILURES: int = 5
    """How many failures to sign in to one account from one address are recorded in an hour; then the 10th, the 100th …"""

    SIGN_IN_FAILURES_PER_MINUTE: int = 60
    """How many failures to sign in each process records in a minute altogether, so that an attack can't fill the disk."""

    SIGN_IN_WINDOW: int = 3600
    """An API client sends its token with each request: for how many seconds that counts as one sign-in."""

    PERSONAL: Sequence[str] = ()
    """Models whose records are personal data, named as in `AUDIT_MODELS`: looking at one is recorded, in the channel
    `pii-read`."""

    READ_WINDOW: int = 900
    """For how many seconds the same person's looking at the same record counts as one."""

    CHANNELS: Mapping[str, Any] = {}
    """Labels of the host's own channels by name."""

    FILTERS: Sequence[Any] = ()
    """Dotted paths of the host's own filters, subclasses of `audit_plugin.filters.ExtraFilter`."""

    ROLLUP_ON_READ: bool = True
    """Whether reading the log counts entries that `audit_optimise` hasn't counted yet, a few thousand at a time."""

    COUNT_CAP: int = 10_000
    """How far entries are counted exactly; beyond it the number is an estimate, shown as such."""

    ADMIN_TABS: Sequence[tuple[Any, Mapping[str, str]]] | None = None
    """The tabs above the list in the admin: pairs of a label and a filter as it is written in the URL, for example
    `(_("Sign-ins"), {"channel": "auth"})`. None: "All" and one tab for each channel in the log."""

    ADMIN_COLUMNS: Sequence[str] = (
        "when",
        "actor",
        "action",
        "subject",
        "changes",
        "description",
        "channel",
        "details",
    )
    """The columns of the list in the admin and their order. Where there is no room for it, `channel` stands below `action`,
    and `description` gives way to `changes`; leave one of the two out to have the other always."""

    ADMIN_TIME_ZONE: str = "local"
    """The clock of the admin's pages until somebody chooses: `local`, their browser's time zone, or `utc`."""

    ADMIN_DATETIME_FORMAT: str = "d/m/Y H:i:s"
    """How the admin's pages write a moment, in the letters of Django's `date` filter."""

    ADMIN_POLL_SECONDS: int = 20
    """How often an open list asks whether there are new entries. 0: never."""

    ADMIN_AVATARS: str | Callable[..., Mapping[str, str]] | None = None
    """A callable, or its dotted path: gets the keys of all actors on a page and returns addresses of their pictures by key."""

    ADMIN_HISTORY: bool = False
    """Whether the History button of every model in the admin leads to the audit log's history of the record."""

    LOG_VIEWS: bool = False
    """Whether the log records who looks at it: an entry `audit.viewed` when somebody begins to read."""

    LOG_VIEWS_MINUTES: int = 60
    """For how many minutes what somebody reads after that counts as the same look, and leaves no further entry."""

    EXPORT_COLUMNS: str | Sequence[str] = "summary"
    """What an export holds when nobody chooses: `summary` (five columns to read), `all`, `extended` (also how and
    from where), or the names of columns. JSON formats hold `all` where this is `summary`."""

    EXPORT_DATE_FORMAT: str = "dmy"
    """How an export writes `Date & Time` when nobody chooses: `dmy` (31/12/2026 23:59:59) or `iso`. Both in the time
    zone of whoever exports; the column `timestamp` is always ISO 8601 in UTC."""

    EXPORT_FILENAME: str = "audit-logs-%Y-%m-%d"
    """The name of an exported file without its ending, as `strftime` takes it, for example
    `audit-log-%Y%m%dT%H%M%SZ`. The moment is that of the export, in UTC."""

    EXPORT_XLSX_CAP: int = 50_000
    """How many entries a workbook holds at most, the newest. It says so; the other formats have no limit."""

    GRAPHQL_USER: str | Callable[..., Any] | None = None
    """A callable, or its dotted path: gets the request of a GraphQL operation and returns its user, where that is not
    `request.user`; None for somebody who is not signed in."""

    GRAPHQL_MAX_DEPTH: int = 12
    """How many fields below each other a GraphQL document may ask for."""

    GRAPHQL_MAX_ALIASES: int = 15
    """How many fields a GraphQL document may rename."""

    GRAPHQL_MAX_FIELDS: int = 500
    """How many fields a GraphQL document may name, those of fragments wherever they are spread."""

    GRAPHQL_MAX_TOKENS: int = 5_000
    """How many words and signs a GraphQL document may have."""

    GRAPHQL_INTROSPECTION: bool = True
    """Whether clients may ask what the GraphQL schema consists of."""

    GRAPHQL_EXPORT_SECONDS: int = 300
    """How long the address of an export that was asked for by GraphQL is good."""

    GRAPHQL_EVENTS: Mapping[str, str] = {}
    """Actions that clients may record by GraphQL, each with the permission that it takes, for example
    `{"photo.approved": "studio.change_photo"}`."""

    GRAPHQL_PERSISTED: str | Mapping[str, str] | None = None
    """The only documents that the GraphQL endpoint executes, by their SHA-256 hash, or the path of a JSON file with them (as
    Relay and Apollo write it). None: any document within the limits."""

    GRAPHQL_EXPLORER: bool = True
    """Whether the GraphQL endpoint shows a page to try queries in to who opens it in a browser and may view the log."""

    GRAPHQL_TIMEOUT: float = 5
    """How many seconds a statement of a GraphQL query may take. 0: as long as the database allows."""

    FEED_POLL_SECONDS: float = 0.05
    """How often a process asks for new entries while somebody follows the log, and nothing happens. It asks more often
    while something does."""

    FEED_HEARTBEAT_SECONDS: float = 15
    """After how long without an entry a stream says that it is alive, and how far it has come."""

    FEED_RECHECK_SECONDS: float = 30
    """How often a stream makes sure that its reader is still signed in, and what they may see."""

    FEED_STREAMS: int = 1000
    """How many streams a process serves at once; who comes then is asked to come back later."""

    FEED_WORKERS: int = 4
    """How many threads of a process, each with a connection to the database, do for all streams what needs one: checking
    who follows, and reading what a stream has missed. One more connection is the reader's."""

    OWNER_ROLE: str = "audit_owner"
    """The database role that owns the log once `audit_harden` has run."""

    def __getattribute__(self, name: str) -> Any:
        if not name.isupper():
            return super().__getattribute__(name)
        default = super().__getattribute__(name)
        return getattr(django_settings, PREFIX + name, default)

    def hook(self, name: str) -> Callable[..., Any] | None:
        """Return the callable behind a setting that may be a dotted path.

        Args:
            name: The setting without its prefix, for example `TENANT`.

        Raises:
            ImportError: The dotted path leads nowhere; check `audit_plugin.E005` reports it earlier.
        """
        value = getattr(self, name)
        found: Callable[..., Any] | None = import_string(value) if isinstance(value, str) else value
        return found


settings = Settings()

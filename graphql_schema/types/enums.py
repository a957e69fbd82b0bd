"""The enums of the API. The values are what the plugin calls them."""

from __future__ import annotations

from enum import Enum


class AuditOrder(Enum):
    """The order of entries.

    Attributes:
        NEWEST: The newest first.
        OLDEST: The oldest first.
    """

    NEWEST = "newest"
    OLDEST = "oldest"


class AuditOperation(Enum):
    """What was done to a row.

    Attributes:
        INSERT: It was inserted; the changes hold the new row.
        UPDATE: It was updated; the changes hold what differs.
        DELETE: It was deleted; the changes hold the old row.
        LINKS: A many-to-many field came to hold other records.
        TRUNCATE: The whole table was emptied.
        BASELINE: Nothing was done: this is the row as it was when recording began.
    """

    INSERT = "I"
    UPDATE = "U"
    DELETE = "D"
    LINKS = "M"
    TRUNCATE = "T"
    BASELINE = "B"


class AuditActorKind(Enum):
    """What an actor is.

    Attributes:
        USER: A person who was signed in.
        SERVICE: A program with an account of its own.
        SYSTEM: The application itself: a task, a command, a migration.
        ROLE: A role of the database, from outside the application.
        ANONYMOUS: Somebody who was not signed in.
    """

    USER = "user"
    SERVICE = "service"
    SYSTEM = "system"
    ROLE = "role"
    ANONYMOUS = "anonymous"


class AuditPeriod(Enum):
    """A range of time that ends now.

    Attributes:
        LAST_24_HOURS: The last 24 hours.
        LAST_7_DAYS: The last seven days.
        LAST_30_DAYS: The last thirty days.
        THIS_MONTH: Since the month began, in the server's time zone.
    """

    LAST_24_HOURS = "24h"
    LAST_7_DAYS = "7d"
    LAST_30_DAYS = "30d"
    THIS_MONTH = "month"


class AuditExportFormat(Enum):
    """The format of an exported file.

    Attributes:
        CSV: Comma-separated values, safe to open in a spreadsheet.
        JSON: One JSON document.
        NDJSON: One JSON document a line.
        XLSX: An Excel workbook, which holds a limited number of entries.
    """

    CSV = "csv"
    JSON = "json"
    NDJSON = "ndjson"
    XLSX = "xlsx"


class AuditExportState(Enum):
    """How far an export has come.

    Attributes:
        REQUESTED: Nobody has fetched it yet.
        RUNNING: The file is being sent.
        DONE: The whole file was sent.
        FAILED: Sending it ended early.
        EXPIRED: Nobody fetched it in time.
    """

    REQUESTED = "requested"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    EXPIRED = "expired"


class AuditRestoreChoice(Enum):
    """How a conflict of a restore is resolved.

    Attributes:
        OVERWRITE: Overwrite what is there now.
        KEEP: Leave it as it is.
        RESTORE_PARENT: Bring the record that it refers to back too.
        BRING_BACK: Bring the record back first.
        CLEAR: Leave the field empty.
        CASCADE: Delete the records that refer to it too.
    """

    OVERWRITE = "overwrite"
    KEEP = "keep"
    RESTORE_PARENT = "restore_parent"
    BRING_BACK = "bring_back"
    CLEAR = "clear"
    CASCADE = "cascade"


class AuditRestoreEffect(Enum):
    """What a restore does to a record.

    Attributes:
        INSERT: It is brought back.
        UPDATE: Fields of it are written.
        DELETE: It is deleted.
        LINKS: A many-to-many field comes to hold other records.
        CASCADE: It is deleted along with another by the rules of its model.
        SET_NULL: Its reference to a deleted record is emptied by the rules of its model.
        DATABASE_CASCADE: It is deleted along with another by the database alone.
        DATABASE_SET_NULL: Its reference to a deleted record is emptied by the database alone.
    """

    INSERT = "insert"
    UPDATE = "update"
    DELETE = "delete"
    LINKS = "links"
    CASCADE = "cascade"
    SET_NULL = "set_null"
    DATABASE_CASCADE = "database_cascade"
    DATABASE_SET_NULL = "database_set_null"

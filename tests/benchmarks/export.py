"""What an export costs beside a raw COPY and beside django-import-export's own way; writes docs/benchmarks-export.md.

    AUDIT_PGDATA=/var/tmp/audit-export python -m tests.benchmarks.export --rows 1000000

Each way runs in a process of its own, so that one's memory is not another's. The ways are run in turn, several rounds, and the
medians are compared: what else the machine does then hits all of them.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
PAGE = ROOT / "docs" / "benchmarks-export.md"

TABLE = "SELECT e.* FROM audit_plugin_entry AS e"
JOINED = (
    "SELECT e.*, c.actor_kind, c.actor_label, c.actor_email, c.impersonator_id, c.impersonator_label "
    "FROM audit_plugin_entry AS e "
    "LEFT JOIN audit_plugin_context AS c ON c.id = e.context_id ORDER BY e.id DESC"
)
#: Name, what it is, and which of the two raw ways it is to be compared with besides.
WAYS = {
    "raw": "`COPY (SELECT * FROM entry)`, in no order, without actors",
    "raw_joined": "`COPY`, newest first, with the actors' names",
    "csv_summary": "our CSV, summary",
    "csv_all": "our CSV, all columns",
    "json_all": "our JSON, all columns",
    "ndjson_extended": "our JSON lines, extended",
    "import_export": "import-export's own way, CSV, summary",
}


NOTES = """## What the targets were, and where the floor lies

Wanted were 1.5 times a raw `COPY` for CSV and 3 times for JSON, 20 MB of extra memory and the first byte within 0.2
seconds. The head of a file is there at once, and memory doesn't grow. The ratios are missed against a `COPY` that reads
the table as it lies, and this is in the way:

- An export goes along the primary key, newest first, and looks up who acted. "In order with actors" is what that alone
  costs, in PostgreSQL's own hands: about the floor of an export that has these rows.
- `Changes` has to open each JSON value, name its fields and put old and new side by side: about 2 microseconds an entry,
  nearly half of what the summary takes. Reading key after key is the quickest way that was found.
- JSON and "all columns" write each entry as a sentence too, in the language of whoever exports, with the labels of its
  model and first field (2.8 microseconds), and changes and details once more as JSON (3.3 microseconds).

All of it is done by PostgreSQL; Python passes bytes on (*client*). Labels and wordings are worked out once for each
export and looked up in constants. Fewer columns make it faster in proportion.
"""


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.export", description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--keep", action="store_true", help="use the entries that are there")
    parser.add_argument("--skip-import-export", action="store_true", help="which takes minutes")
    parser.add_argument("--way", choices=WAYS, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.benchmarks.reading.settings"
    import django

    django.setup()
    if arguments.way:
        print(json.dumps(measure(arguments.way)))
        return
    if not arguments.keep:
        from django.core.management import call_command

        from tests.benchmarks.reading.build import build

        call_command("migrate", verbosity=0)
        build(arguments.rows, print)
    results: dict[str, list[dict[str, float]]] = {}
    for number in range(arguments.rounds):
        for way in WAYS:
            if way == "import_export" and (number or arguments.skip_import_export):
                continue
            found = subprocess.run(
                [sys.executable, "-m", "tests.benchmarks.export", "--way", way],
                cwd=ROOT,
                check=True,
                stdout=subprocess.PIPE,
            )
            results.setdefault(way, []).append(json.loads(found.stdout.splitlines()[-1]))
            print(way, results[way][-1], flush=True)
    PAGE.write_text(page(results), "utf-8")


def measure(way: str) -> dict[str, float]:
    """Run one way and return what it took."""
    # What is imported and connected once is not the cost of a file.
    for _chunk in chunks(way, small=True):
        pass
    before, peak = memory()
    started, begun = time.perf_counter(), time.process_time()
    first = size = server = 0.0
    running: list[int] = []
    for number, chunk in enumerate(chunks(way, running=running)):
        # The head of a file is there before its first row.
        if number <= (1 if way.startswith(("csv", "json")) else 0):
            first = time.perf_counter() - started
        size += len(chunk)
        if running and number % 500 == 0:
            server = worked(running[0])
    took = time.perf_counter() - started
    return {
        "seconds": took,
        "server": server,
        "client": time.process_time() - begun,
        "first": first,
        "bytes": size,
        "extra": max(0, memory()[1] - max(before, 0)),
        "was": peak,
    }


def worked(pid: int) -> float:
    """Return the seconds that a process of the server has run, by the scheduler's own count."""
    try:
        return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e9
    except OSError:
        return 0.0


def chunks(
    way: str, *, small: bool = False, running: list[int] | None = None
) -> Iterator[bytes | memoryview]:
    """Yield the file that one way makes; the number of the server's process is put into `running`."""
    from django.db import connection

    from audit_plugin.export import ExportStream, plan_for
    from audit_plugin.export.importexport import CSV, SummaryResource
    from audit_plugin.models import Entry

    entries = Entry.objects.filter(action="nothing.ever") if small else Entry.objects.all()
    running = [] if running is None else running
    if way.startswith("raw"):
        query = TABLE if way == "raw" else JOINED
        # A connection of its own, like that of an export, so that its work is that of the file.
        connection.close()
        connection.ensure_connection()
        running.append(connection.connection.info.backend_pid)
        sql = f"COPY ({query}{' LIMIT 1' if small else ''}) TO STDOUT (FORMAT csv)"
        with connection.connection.cursor() as cursor, cursor.copy(sql) as copy:
            yield from copy
    elif way == "import_export":
        yield CSV().export_data(SummaryResource().export(entries.order_by("-id"))).encode()
    else:
        format, columns = way.split("_")
        stream = ExportStream(plan_for(entries, format=format, columns=columns))
        for chunk in stream:
            if not running and stream.reader.running is not None:
                running.append(stream.reader.running)
            yield chunk


def memory() -> tuple[int, int]:
    """Return the memory in use and the most there was, in bytes."""
    lines = Path("/proc/self/status").read_text().splitlines()
    found = {
        line.split(":")[0]: int(line.split()[1]) * 1024
        for line in lines
        if line.startswith(("VmRSS", "VmHWM"))
    }
    return found["VmRSS"], found["VmHWM"]


def page(results: dict[str, list[dict[str, float]]]) -> str:
    """Return the page with the figures."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*), current_setting('server_version') FROM audit_plugin_entry")
        rows, server = cursor.fetchone()
    middle = {
        way: {key: statistics.median(run[key] for run in runs) for key in runs[0]}
        for way, runs in results.items()
    }
    lines = [
        "# What an export costs",
        "",
        "<!-- Made by `python -m tests.benchmarks.export`. -->",
        "",
        f"{rows:,} entries over 24 months; PostgreSQL {server}, Python {platform.python_version()}, {os.cpu_count()} cores, "
        f"shared with other work (load {os.getloadavg()[2]:.1f} in the last 15 minutes). Medians of {len(results['raw'])} "
        "rounds in which the ways took turns.",
        "",
        "*Server* and *client* are the seconds that the two processes ran, by the scheduler's count, to which other work",
        "adds nothing; *wall* is what somebody waited. The ratios are those of the server.",
        "",
        "| way | server, s | client, s | wall, s | MB | × raw, as it lies | × raw, in order with actors "
        "| first row, s | extra memory, MB |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for way, found in middle.items():
        ratios = (
            f"{found['server'] / middle[raw]['server']:.2f}" if found["server"] else ""
            for raw in ("raw", "raw_joined")
        )
        cells = [
            WAYS[way],
            f"{found['server']:.1f}" if found["server"] else "",
            f"{found['client']:.1f}",
            f"{found['seconds']:.1f}",
            f"{found['bytes'] / 1e6:.0f}",
            *ratios,
            f"{found['first']:.3f}",
            f"{found['extra'] / 1e6:.1f}",
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join([*lines, "", NOTES])


if __name__ == "__main__":
    main()

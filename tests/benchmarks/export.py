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
#: Each way by its name.
WAYS = {
    "raw": "`COPY (SELECT * FROM entry)`: as it lies, without actors",
    "raw_joined": "`COPY` by hand: newest first, with the actors' names",
    "csv_summary": "our CSV, summary",
    "csv_all": "our CSV, all columns",
    "json_all": "our JSON, all columns",
    "ndjson_extended": "our JSON lines, extended",
    "import_export": "import-export's own way, CSV, summary",
}


NOTES = """## Where the floor lies

- An export goes along the primary key, newest first, and looks up who acted: about 1 microsecond an entry, three quarters of it
  for the context. The `COPY` by hand joins and sorts all of the log first: it has two more processes at work, and nothing to
  send for seconds.
- `Changes` has to open each JSON value, name its fields and put old and new side by side: 1.4 microseconds an entry with three
  fields. To write the stored value as it is takes 0.6. Reading key after key is the quickest way that was found.
- JSON and "all columns" write each entry as a sentence too, in the language of whoever exports, with the labels of its model
  and first field (1.5 microseconds), and changes and details once more as JSON (2.2). PostgreSQL 17 and later have a
  function, `JSON_SCALAR`, that escapes text quicker than `to_json`; on an older server JSON takes a tenth longer.
- Parallel workers can't help with any of this: what a subquery makes of a row is left to the leading process, whatever the
  settings, and to name the fields of a value takes one; as a function of its own the text of the changes takes 40 microseconds
  instead of 1.4. More connections, each with a part of the log, would shorten the wait
  where there are cores to spare, not the work; an export is content with one.

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
    from django.db import connection

    # What is imported and connected once is not the cost of a file.
    for _chunk in chunks(way, small=True):
        pass
    connection.ensure_connection()
    server = parent(connection.connection.info.backend_pid)
    worked = ended(server)
    before, peak = memory()
    started, begun = time.perf_counter(), time.process_time()
    first = size = 0.0
    for number, chunk in enumerate(chunks(way)):
        # The head of a file is there before its first row.
        if number <= (1 if way.startswith(("csv", "json")) else 0):
            first = time.perf_counter() - started
        size += len(chunk)
    took, client = time.perf_counter() - started, time.process_time() - begun
    extra = max(0, memory()[1] - max(before, 0))
    connection.close()
    return {
        "seconds": took,
        "server": ended(server) - worked,
        "client": client,
        "first": first,
        "bytes": size,
        "extra": extra,
        "was": peak,
    }


def parent(pid: int) -> int:
    """Return the process that started another: the server's main one for that of a connection, 0 if it is elsewhere."""
    try:
        return int(stat(pid)[1])
    except OSError:
        return 0


def ended(server: int) -> float:
    """Return the seconds that all processes of a server ran that have ended: of connections and of parallel workers.

    Args:
        server: Its main process.
    """
    if not server:
        return 0.0
    # The one that has just been told to end needs a moment.
    time.sleep(0.5)
    user, system = stat(server)[13:15]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def stat(pid: int) -> list[str]:
    """Return what the kernel tells of a process, from its state on (`man 5 proc`)."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


def chunks(way: str, *, small: bool = False) -> Iterator[bytes | memoryview]:
    """Yield the file that one way makes."""
    from django.db import connection

    from audit_plugin.export import ExportStream, plan_for
    from audit_plugin.export.importexport import CSV, SummaryResource
    from audit_plugin.models import Entry

    entries = Entry.objects.filter(action="nothing.ever") if small else Entry.objects.all()
    if way.startswith("raw"):
        query = TABLE if way == "raw" else JOINED
        connection.ensure_connection()
        sql = f"COPY ({query}{' LIMIT 1' if small else ''}) TO STDOUT (FORMAT csv)"
        with connection.connection.cursor() as cursor, cursor.copy(sql) as copy:
            yield from copy
    elif way == "import_export":
        yield CSV().export_data(SummaryResource().export(entries.order_by("-id"))).encode()
    else:
        format, columns = way.split("_")
        yield from ExportStream(plan_for(entries, format=format, columns=columns))


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
        "*Server* and *client* are the seconds that PostgreSQL's processes (parallel workers too) and ours ran, by the",
        "kernel's count, to which other work adds little; *wall* is what somebody waited. The ratios are those of the server's",
        "seconds and of the wall's, each beside the two raw ways.",
        "",
        "| way | server, s | client, s | wall, s | MB | server, × as it lies | server, × by hand | wall, × as it lies "
        "| wall, × by hand | first row, s | extra memory, MB |",
        f"|{'---|' * 11}",
    ]
    for way, found in middle.items():
        ratios = (
            f"{found[kind] / middle[raw][kind]:.2f}" if middle[raw][kind] else ""
            for kind in ("server", "seconds")
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
    return "\n".join([*lines, "", *verdict(middle), "", NOTES])


def verdict(middle: dict[str, dict[str, float]]) -> list[str]:
    """Return what was wanted of an export and what it is."""

    def ratio(way: str, kind: str, raw: str) -> str:
        return f"{middle[way][kind] / middle[raw][kind]:.1f}" if middle[raw][kind] else "?"

    lines = [
        "## What was wanted",
        "",
        "| | wanted | server, × by hand | wall, × by hand | server, × as it lies | wall, × as it lies |",
        "|---|---|---|---|---|---|",
    ]
    for way, wanted in (("csv_summary", "1.5"), ("json_all", "3")):
        cells = [ratio(way, kind, raw) for raw in ("raw_joined", "raw") for kind in ("server", "seconds")]
        lines.append(f"| {WAYS[way]} | {wanted} | {' | '.join(cells)} |")
    ours = [found for way, found in middle.items() if not way.startswith(("raw", "import"))]
    extra, first = (max(found[kind] for found in ours) for kind in ("extra", "first"))
    return [
        *lines,
        "",
        f"Of memory 20 MB more were allowed, {extra / 1e6:.1f} are the most; the first row was wanted within 0.2 s, and comes "
        f"after {first:.2f} at most.",
    ]


if __name__ == "__main__":
    main()

"""The figures as tables, and as the document in docs/."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from tests.benchmarks import machine
from tests.benchmarks.contestants import CONTESTANTS, OURS, PLAIN
from tests.benchmarks.grid import duration, grid
from tests.benchmarks.measure import TIMEOUT, Result
from tests.benchmarks.run import Figures
from tests.benchmarks.scenarios import SCENARIOS
from tests.benchmarks.verdicts import verdicts

Results = Mapping[str, Mapping[str, Result]]

FLOOR_TITLES = {
    "empty": "insert: a trigger that returns at once",
    "empty_pinned": "insert: the same, SECURITY DEFINER and with the settings that ours pins",
    "bare": "insert: nothing but an INSERT of constants into the log",
    "bare_pinned": "insert: the same, SECURITY DEFINER and with the settings that ours pins (the floor)",
    "insert": "insert: ours",
    "update": "update of two columns: ours",
    "delete": "delete: ours",
    "delete_many_bare": "delete of 300: the floor",
    "delete_many": "delete of 300: ours",
}


def ratios(results: Results) -> str:
    """Return scenarios × contestants; cells are times plain Django, with the quartiles for ours."""
    names = [name for name in CONTESTANTS if any(name in row for row in results.values())]
    rows = []
    for scenario, row in results.items():
        cells = [SCENARIOS[scenario].title]
        cells += [_cell(name, row[name]) if name in row else "" for name in names]
        rows.append(cells)
    return grid(["", *(CONTESTANTS[name].title for name in names)], rows)


def _cell(name: str, result: Result) -> str:
    if result.gave_up or not result.ratios:
        return f"> {TIMEOUT} s" if result.gave_up else "–"
    if name == PLAIN:
        return duration(result.time.middle)
    ratio = result.ratio
    if name == OURS:
        return f"**{ratio.middle:.2f}** ({ratio.low:.2f}–{ratio.high:.2f})"
    return f"{ratio.middle:.2f}" + ("" if result.recorded else " †")


def linear(results: Results) -> str:
    """Return microseconds a row."""
    rows = []
    for name, row in results.items():
        scenario = SCENARIOS[name]
        cells = [f"{row[who].time.middle / scenario.rows * 1e6:.1f}" for who in (PLAIN, OURS)]
        rows.append([scenario.title, *cells, f"{row[OURS].ratio.middle:.2f}"])
    return grid(["µs a row", "plain Django", "audit_plugin", "ratio"], rows)


def storage(figures: Figures) -> str:
    """Return bytes of an update."""
    rows = []
    for name, found in figures.storage.items():
        if name != PLAIN:
            both = found["heap"] + found["indexes"]
            cells = [f"{found[part]:.0f}" for part in ("heap", "indexes")] + [
                f"{both:.0f}",
                f"{found['context']:.0f}",
            ]
            rows.append([CONTESTANTS[name].title, *cells])
    return grid(["bytes", "row", "its indexes", "both", "context of a request, with indexes"], rows)


def indexes(figures: Figures) -> str:
    """Return what each index of ours takes of an update."""
    rows = [[name, f"{size:.0f}"] for name, size in figures.storage[OURS]["each"].items() if size >= 1]
    return grid(["bytes an update", ""], rows)


def floor(figures: Figures) -> str:
    """Return what the server spends in triggers."""
    return grid(
        ["µs of the server", "median"],
        [[title, f"{figures.floor[name]:.1f}"] for name, title in FLOOR_TITLES.items()],
    )


def targets(figures: Figures) -> str:
    """Return the targets."""
    rows = [
        [
            verdict.what,
            f"≤ {verdict.limit:g}",
            f"{verdict.found:.2f}",
            "met" if verdict.met else "**missed**",
            "" if verdict.floor is None else f"{verdict.floor:.2f}",
        ]
        for verdict in verdicts(figures)
    ]
    return grid(["target", "limit", "found", "", "floor"], rows)


def sections(figures: Figures) -> dict[str, str]:
    """Return what was measured, by heading."""
    written = {name: row for name, row in figures.waiting.items() if not SCENARIOS[name].rows}
    rows = {name: row for name, row in figures.waiting.items() if SCENARIOS[name].rows and OURS in row}
    found = {"Targets": targets(figures)}
    if written:
        found["Times plain Django"] = ratios(written)
    if figures.not_waiting:
        found["Times plain Django, synchronous_commit = off"] = ratios(figures.not_waiting)
    if rows:
        found["Up to a million rows"] = linear(rows)
    if figures.storage:
        found["Bytes of an update"] = storage(figures)
        if OURS in figures.storage:
            found["The indexes of ours"] = indexes(figures)
    if figures.floor:
        found["The server's part of a single write"] = floor(figures)
    return found


def tables(figures: Figures) -> str:
    """Return the tables for the terminal."""
    return "\n\n".join(f"## {heading}\n\n{text}" for heading, text in sections(figures).items())


def document(figures: Figures) -> str:
    """Return docs/benchmarks.md."""
    from tests.benchmarks.prose import INTRODUCTION, NOTES

    server = ", ".join(f"{name} {value}" for name, value in figures.server.items())
    lines = "\n".join(f"- {line}" for line in (*machine.describe(), f"PostgreSQL: {server}"))
    body = "\n\n".join(
        f"## {heading}\n\n{NOTES[heading]}\n\n{text}" for heading, text in sections(figures).items()
    )
    date = datetime.now(UTC).date()
    return (
        f"{INTRODUCTION}\n\nMeasured on {date}, in {figures.minutes:.0f} minutes, on\n\n{lines}\n\n{body}\n"
    )

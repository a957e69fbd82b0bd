"""The figures as a page."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from statistics import median
from typing import Any

from tests.benchmarks.machine import describe

WRITERS = 8
#: What is promised: milliseconds from commit to client for 99 of 100, deliveries a second, connections to the database.
WITHIN, DELIVERIES, CONNECTIONS = 100, 5_000, 10


@dataclass(frozen=True)
class Scenario:
    """What is measured together.

    Attributes:
        name: What it is.
        subscribers: How many follow.
        rate: How many transactions each writer commits in a second.
        options: Further options of uvicorn.
        app: What uvicorn serves.
        timely: Whether the promise of time is about it: not where more is written than a process is promised to deliver.
    """

    name: str
    subscribers: int
    rate: float
    options: tuple[str, ...] = ()
    app: str = "tests.benchmarks.feeding.server:asgi"
    timely: bool = True


SCENARIOS = (
    Scenario("many entries for a few", 10, 20.0),
    Scenario("entries for many", 300, 2.5),
    Scenario(
        "the same without gc.freeze()",
        300,
        2.5,
        app="tests.graphql_schema.transports.server:asgi",
        timely=False,
    ),
    Scenario("many entries for many", 300, 10.0, timely=False),
    Scenario(
        "the same without uvloop and httptools", 300, 10.0, ("--loop=asyncio", "--http=h11"), timely=False
    ),
)

HEAD = """# Benchmarks of the feed

<!-- Written by `AUDIT_PGDATA=/var/tmp/audit-feed python -m tests.benchmarks.feed --write`. -->

{machine}. Python {python}, {packages}. The load of the machine was {load:.1f} in the end.

One uvicorn process serves all subscribers, by server-sent events. It has one of {cores} cores to itself but for PostgreSQL, which
takes either; {writers} writers, each a process, and all subscribers, together another one, have the rest. Each writer commits
single rows at even intervals for {seconds:.0f} seconds. In the middle of each run a transaction that has nothing to do with the
log is open for three seconds. Each subscriber asks for the id, action, name and actor of every entry, all in the same words.
Medians of {rounds} runs. The server ends its start with `gc.freeze()`, as [the guide](how-to/subscriptions.md) recommends: else
Python goes through all that Django has loaded once in a while, and everybody waits.

- *deliveries a second*: by the clock, from the first arrival to the last. What is written sets a limit to it (*offered*), and
  subscribers and writers, who take what is left of the machine, another one.
- *a second of CPU*: deliveries by the CPU time that the server used for them, connecting left out: what a process delivers
  that has a core for itself. The more arrives at once, the less each costs.
- *median* and *99 of 100*: the time from commit to client.
- *connections*: those to the database, from everybody but the writers; the most of all runs.

Writers do nothing for the feed: no trigger and no NOTIFY is there for it ([decision 8](decisions/0008-feed.md)).

## Targets

| | target | found | |
|---|---:|---:|---|
{verdicts}

**{met} of {of} are met.**

## Figures

| | subscribers | entries | missed | offered | deliveries a second | a second of CPU | median | 99 of 100 | connections |
|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|
{rows}
"""


@dataclass(frozen=True)
class Verdict:
    """One target, and what was found."""

    what: str
    target: str
    found: str
    met: bool


def page(results: Mapping[Scenario, Sequence[Mapping[str, Any]]], seconds: float, cores: int) -> str:
    """Return the page.

    Args:
        results: What all runs found.
        seconds: How long each wrote.
        cores: How many cores there were.
    """
    found = list(_verdicts(results))
    return HEAD.format(
        machine=describe()[0],
        python=platform.python_version(),
        packages=", ".join(_packages()),
        load=os.getloadavg()[0],
        cores=cores,
        writers=WRITERS,
        seconds=seconds,
        rounds=max(map(len, results.values())),
        verdicts="\n".join(
            f"| {one.what} | {one.target} | {one.found} | {'met' if one.met else 'missed'} |" for one in found
        ),
        met=sum(one.met for one in found),
        of=len(found),
        rows="\n".join(_row(scenario, runs) for scenario, runs in results.items()),
    )


def _verdicts(results: Mapping[Scenario, Sequence[Mapping[str, Any]]]) -> Iterator[Verdict]:
    for scenario, runs in results.items():
        if scenario.timely:
            late = _middle(runs, "p99")
            what = f"99 of 100 from commit to client, {scenario.name}"
            yield Verdict(what, f"at most {WITHIN} ms", f"{late:.0f} ms", late <= WITHIN)
    most = max(results, key=lambda scenario: (scenario.subscribers, scenario.rate, not scenario.options))
    for name, what in (("per_second", "by the clock"), ("per_cpu_second", "of CPU time")):
        rate = _middle(results[most], name)
        yield Verdict(
            f"deliveries in a second {what}, {most.name}",
            f"at least {DELIVERIES:,}",
            f"{rate:,.0f}",
            rate >= DELIVERIES,
        )
    used = max(run["connections"] for runs in results.values() for run in runs)
    what = f"connections with {most.subscribers} subscribers"
    yield Verdict(what, f"at most {CONNECTIONS}", str(used), used <= CONNECTIONS)
    missed = sum(run["missed"] for runs in results.values() for run in runs)
    yield Verdict("missed", "none", f"{missed:,}", missed == 0)


def _row(scenario: Scenario, runs: Sequence[Mapping[str, Any]]) -> str:
    offered = scenario.subscribers * scenario.rate * WRITERS
    return (
        f"| {scenario.name} | {scenario.subscribers} | {_middle(runs, 'entries'):.0f} | {sum(r['missed'] for r in runs)} "
        f"| {offered:,.0f} | {_middle(runs, 'per_second'):,.0f} | {_middle(runs, 'per_cpu_second'):,.0f} "
        f"| {_middle(runs, 'p50'):.0f} ms | {_middle(runs, 'p99'):.0f} ms | {max(r['connections'] for r in runs)} |"
    )


def _middle(runs: Sequence[Mapping[str, Any]], name: str) -> float:
    return float(median(run[name] for run in runs))


def _packages() -> Iterator[str]:
    for name in ("django", "uvicorn", "uvloop", "httptools", "strawberry-graphql", "graphql-core"):
        try:
            yield f"{name} {version(name)}"
        except PackageNotFoundError:
            yield f"no {name}"

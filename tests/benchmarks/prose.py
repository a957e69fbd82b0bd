"""What docs/benchmarks.md says around the figures."""

from __future__ import annotations

INTRODUCTION = """\
# Benchmarks

What recording costs, beside Django without any log and beside the other logs for Django. This file is written by
`tox -e bench -- --write`; change `tests/benchmarks/` and run that again rather than edit it.

Each contestant is a project of its own: a process, a database and the same models of twelve columns, with nothing
installed but its own log, set up as its documentation says. All share one server. They take turns in random order,
round after round, so that what disturbs one disturbs all; a round gives the median of its calls, and the tables show
the median over the rounds. A ratio compares rounds that lie next to each other. Writes of many rows
come after 1,000 single saves on the same connection, since by then PostgreSQL has cached its plans for one row."""

NOTES = {
    "Targets": (
        "Ratios are to plain Django unless the line says otherwise. The floor is what a trigger would take that knows "
        "nothing of who or what and inserts one constant entry for each row (below), on top of plain Django; for bytes, the "
        "row with the three indexes that any log needs: its key, a record's entries, a request's entries."
    ),
    "Times plain Django": (
        "The server waits for the disk at each commit, as it does by default. For plain Django the time of a call is "
        "given, for ours the quartiles as well. † The log got no row: this kind of write is not recorded there."
    ),
    "Times plain Django, synchronous_commit = off": (
        "The same without that wait, which otherwise hides a part of the cost. No target applies here."
    ),
    "Up to a million rows": "If the cost of a row grew with their number, the columns would rise.",
    "Bytes of an update": (
        "Two columns changed by `save()`, ten saves in a request. The context is stored once a request, so a tenth of it "
        "comes on top of each update."
    ),
    "The indexes of ours": (
        "Key, record and context are needed to read a log at all. The others make the filters of the admin and the live feed "
        "answer within milliseconds at ten million entries ([reading](explanation/reading.md))."
    ),
    "The server's part of a single write": (
        "From EXPLAIN ANALYZE, all on one connection in random order. The floor writes an entry of the same size, all of "
        "it constant. What ours takes beyond it finds out who is acting and turns the row into JSON."
    ),
}

"""Tables in Markdown, which is as easy to read in a terminal."""

from __future__ import annotations

from collections.abc import Sequence


def grid(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a table whose columns are aligned: the first to the left, the others to the right."""
    widths = [max(len(row[column]) for row in (header, *rows)) for column in range(len(header))]

    def line(cells: Sequence[str]) -> str:
        first, *others = zip(cells, widths, strict=True)
        return (
            "| "
            + " | ".join([first[0].ljust(first[1]), *(text.rjust(width) for text, width in others)])
            + " |"
        )

    marks = ["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])]
    return "\n".join([line(header), line(marks), *(line(row) for row in rows)])


def duration(seconds: float) -> str:
    """Return a duration in the unit that suits it."""
    if seconds < 0.001:
        return f"{seconds * 1e6:.0f} µs"
    return f"{seconds * 1e3:.3g} ms" if seconds < 1 else f"{seconds:.3g} s"

"""How far a long export has come, for somebody at a terminal."""

from __future__ import annotations

import time
from typing import TextIO

from django.utils.translation import gettext as _
from django.utils.translation import ngettext


class Progress:
    """Writes a line now and then: how many, how fast, how long it will take.

    Args:
        out: Where to; a terminal sees one line that changes.
        expected: About how many there will be.
    """

    def __init__(self, out: TextIO, expected: int) -> None:
        self.out = out
        self.expected = expected
        self.is_terminal = out.isatty()
        self.interval = 0.2 if self.is_terminal else 10.0
        self.started = self.shown = time.monotonic()
        self._width = 0

    def show(self, count: int) -> None:
        """Tell how many there are so far, if it is time to."""
        now = time.monotonic()
        if now - self.shown < self.interval:
            return
        self.shown = now
        rate = count / max(now - self.started, 0.001)
        line = _("%(count)s entries, %(rate)s a second") % {"count": f"{count:,}", "rate": f"{rate:,.0f}"}
        if rate and self.expected > count:
            left = (self.expected - count) / rate
            line += _(", about %(left)s left") % {"left": _time(left)}
        self._write(line, "\r" if self.is_terminal else "\n")

    def finish(self, count: int) -> None:
        """Tell how many there were in the end."""
        took = time.monotonic() - self.started
        line = ngettext("%(count)s entry", "%(count)s entries", count) % {"count": f"{count:,}"}
        self._write(f"{line}, {_time(took)}", "\n")

    def _write(self, line: str, end: str) -> None:
        # What was longer before is blanked out.
        padding = " " * max(0, self._width - len(line)) if self.is_terminal else ""
        self._width = len(line) if end == "\r" else 0
        self.out.write(line + padding + end)
        self.out.flush()


def _time(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes // 60}:{minutes % 60:02}:{rest:02}" if minutes >= 60 else f"{minutes}:{rest:02}"

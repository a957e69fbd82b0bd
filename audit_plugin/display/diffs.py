"""Differences inside a value: by key path in JSON, by word in long text."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import islice, zip_longest
from typing import Any

#: Beyond these a difference is shown as a whole: comparing takes long, and nobody reads that much.
MAX_DEPTH = 40
MAX_ITEMS = 500
MAX_CHANGES = 200
MAX_WORDS = 2000
_ABSENT: Any = object()


@dataclass(frozen=True)
class JsonChange:
    """A difference at one place of a JSON value. `kind` is `added`, `removed` or `changed`."""

    path: str
    kind: str
    old: Any = None
    new: Any = None


@dataclass(frozen=True)
class Span:
    """A piece of text that is `same`, `removed` or `added`."""

    kind: str
    text: str


class JsonDiff(list[JsonChange]):
    """Where two JSON values differ.

    Attributes:
        cut: Whether they differ in more places than these.
    """

    cut: bool = False


def json_diff(old: Any, new: Any) -> JsonDiff:
    """Return where two JSON values differ, by path such as `address.lines[0]`; at most `MAX_CHANGES` places."""
    places = _walk("", old, new, 0)
    found = JsonDiff(islice(places, MAX_CHANGES))
    found.cut = next(places, None) is not None
    return found


def word_diff(old: str, new: str) -> list[Span]:
    """Return two texts as one sequence of words that stayed, went and came."""
    before, after = (re.findall(r"\s+|\w+|[^\w\s]", text) for text in (old, new))
    if max(len(before), len(after)) > MAX_WORDS:
        return [Span(kind, text) for kind, text in (("removed", old), ("added", new)) if text]
    spans: list[Span] = []
    for kind, i1, i2, j1, j2 in _steps(before, after):
        if kind == "equal":
            spans.append(Span("same", "".join(before[i1:i2])))
            continue
        if i1 < i2:
            spans.append(Span("removed", "".join(before[i1:i2])))
        if j1 < j2:
            spans.append(Span("added", "".join(after[j1:j2])))
    return spans


def _walk(path: str, old: Any, new: Any, depth: int) -> Iterator[JsonChange]:
    if old is _ABSENT:
        yield JsonChange(path, "added", new=new)
    elif new is _ABSENT:
        yield JsonChange(path, "removed", old=old)
    elif depth < MAX_DEPTH and isinstance(old, dict) and isinstance(new, dict):
        for key in [*old, *(key for key in new if key not in old)]:
            yield from _walk(_inside(path, key), old.get(key, _ABSENT), new.get(key, _ABSENT), depth + 1)
    elif depth < MAX_DEPTH and isinstance(old, list) and isinstance(new, list):
        for before, after in _pairs(old, new):
            index = after if before is None else before
            yield from _walk(
                f"{path}[{index}]",
                _ABSENT if before is None else old[before],
                _ABSENT if after is None else new[after],
                depth + 1,
            )
    elif not _same(old, new):
        yield JsonChange(path, "changed", old, new)


def _pairs(old: list[Any], new: list[Any]) -> Iterator[tuple[int | None, int | None]]:
    """Yield the places of items that belong together, so that one put in front doesn't change all the others."""
    if max(len(old), len(new)) > MAX_ITEMS:
        yield from zip_longest(range(len(old)), range(len(new)))
        return
    before, after = ([json.dumps(item, sort_keys=True) for item in items] for items in (old, new))
    for kind, i1, i2, j1, j2 in _steps(before, after):
        if kind != "equal":
            yield from zip_longest(range(i1, i2), range(j1, j2))


def _steps(old: list[str], new: list[str]) -> Iterator[tuple[str, int, int, int, int]]:
    """Yield how one sequence becomes the other, as `SequenceMatcher` does, whatever is in them.

    That takes minutes where few different items come again and again. Most changes leave the beginning and the end as they
    are; of what is between, in a long sequence, only items that are not everywhere are looked for.
    """
    start, most = 0, min(len(old), len(new))
    while start < most and old[start] == new[start]:
        start += 1
    end = 0
    while end < most - start and old[-1 - end] == new[-1 - end]:
        end += 1
    if start:
        yield "equal", 0, start, 0, start
    middle = SequenceMatcher(None, old[start : len(old) - end], new[start : len(new) - end])
    for kind, i1, i2, j1, j2 in middle.get_opcodes():
        yield kind, start + i1, start + i2, start + j1, start + j2
    if end:
        yield "equal", len(old) - end, len(old), len(new) - end, len(new)


def _same(old: Any, new: Any) -> bool:
    # To Python, True is 1.
    return bool(old == new) and isinstance(old, bool) == isinstance(new, bool)


def _inside(path: str, key: str) -> str:
    if not re.fullmatch(r"[^\W\d]\w*", key):
        return f"{path}[{json.dumps(key, ensure_ascii=False)}]"
    return f"{path}.{key}" if path else key

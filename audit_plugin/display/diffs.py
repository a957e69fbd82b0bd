"""Differences inside a value: by key path in JSON, by word in long text."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any


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


def json_diff(old: Any, new: Any, path: str = "") -> list[JsonChange]:
    """Return where two JSON values differ, by path such as `address.lines[0]`."""
    if isinstance(old, dict) and isinstance(new, dict):
        found = []
        for key in [*old, *(key for key in new if key not in old)]:
            inner = f"{path}.{key}" if path else str(key)
            found += _at(inner, old, new, key in old, key in new, key)
        return found
    if isinstance(old, list) and isinstance(new, list):
        found = []
        for number in range(max(len(old), len(new))):
            found += _at(f"{path}[{number}]", old, new, number < len(old), number < len(new), number)
        return found
    return [] if old == new and type(old) is type(new) else [JsonChange(path, "changed", old, new)]


def _at(path: str, old: Any, new: Any, in_old: bool, in_new: bool, key: Any) -> list[JsonChange]:
    if not in_old:
        return [JsonChange(path, "added", new=new[key])]
    if not in_new:
        return [JsonChange(path, "removed", old=old[key])]
    return json_diff(old[key], new[key], path)


def word_diff(old: str, new: str) -> list[Span]:
    """Return two texts as one sequence of words that stayed, went and came."""
    before, after = (re.findall(r"\s+|\S+", text) for text in (old, new))
    spans = []
    for kind, i1, i2, j1, j2 in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind == "equal":
            spans.append(Span("same", "".join(before[i1:i2])))
            continue
        if i1 < i2:
            spans.append(Span("removed", "".join(before[i1:i2])))
        if j1 < j2:
            spans.append(Span("added", "".join(after[j1:j2])))
    return spans

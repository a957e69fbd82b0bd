"""Search over actor, model, key and name of the record.

Found are entries
- by somebody whose name contains the text,
- of a model whose name contains the text,
- of the record whose key is the text,
- of records whose name has all words of the text; the last one may be the beginning of a word.

An index answers each of these, for the whole log. Other parts of a name, changes and details are not searched: that
would read all of it.
"""

from __future__ import annotations

import re
from functools import reduce
from operator import or_

from django.apps import apps
from django.db.models import BooleanField, F, Func, Q, TextField, Value
from django.db.models.functions import Concat, Lower

from audit_plugin.finder import EntryQuerySet
from audit_plugin.finder.narrowing import LONGEST_VALUE, NameHasWords, TagsOverlap
from audit_plugin.rollup import Rollup
from audit_plugin.rollup.conditions import Wanted

#: Like `finder_v1.sql`: all of ASCII but letters and digits separates words.
SEPARATORS = r"[\x01-\x2f\x3a-\x40\x5b-\x60\x7b-\x7f]+"
MOST_WORDS = 8
#: With more names than this so much is found that it lies near at hand.
MOST_TAGS = 500
LONGEST_WORD = 100


class Matches(Func):
    """Whether a text matches a regular expression."""

    template = "%(expressions)s"
    arg_joiner = " ~ "
    output_field = BooleanField()


def search(entries: EntryQuerySet, text: str) -> EntryQuerySet:
    """Return the entries that a text finds.

    Args:
        entries: Among these.
        text: What was typed.
    """
    rollup = Rollup.now(entries.db)
    models = _models_named(text, rollup)
    actors = sorted({key for key, _label, _email in rollup.actors(Wanted(), named=text)})
    words = [word[:LONGEST_WORD] for word in re.split(SEPARATORS, text) if word][:MOST_WORDS]

    conditions = [Q(model__in=models), Q(actor_id__in=actors)]
    tags = [
        f"{letter}{value[:LONGEST_VALUE]}"
        for letter, found in (("a", actors), ("m", models))
        for value in found
    ]
    indexed = [Q(TagsOverlap(*tags))] if tags else []
    if keyed := rollup.models_with(text):
        key = Q(object_id=text, model__in=keyed)
        conditions.append(key)
        indexed.append(key)
    if words:
        conditions.append(_has_words(words))
        indexed.append(Q(NameHasWords(*words)))
    if not indexed:
        return entries.none()
    condition = reduce(or_, conditions)
    if len(tags) > MOST_TAGS:
        return entries.filter(condition)
    return entries.matching(condition, reduce(or_, indexed))


def _has_words(words: list[str]) -> Q:
    """Return what `NameHasWords` means without its index."""
    separator, name = SEPARATORS.removesuffix("+"), Lower(F("object_repr"))
    ends = [f"({separator}|$)"] * (len(words) - 1) + [""]
    patterns = [
        Concat(Value(f"(^|{separator})"), Lower(Value(word)), Value(end), output_field=TextField())
        for word, end in zip(words, ends, strict=True)
    ]
    return Q(*(Matches(name, pattern) for pattern in patterns))


def _models_named(text: str, rollup: Rollup) -> list[str]:
    known = {model._meta.label_lower for model in apps.get_models()}.union(rollup.models())
    return sorted(label for label in known if text.casefold() in _model_words(label))


def _model_words(label: str) -> str:
    try:
        model = apps.get_model(label)
    except (LookupError, ValueError):
        return label
    return f"{label} {model._meta.verbose_name} {model._meta.verbose_name_plural}".casefold()

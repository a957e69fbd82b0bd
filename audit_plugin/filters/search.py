"""Search over actor, model, key and name of the record.

Found are entries
- by somebody whose name contains the text,
- of a model whose name contains the text,
- of the record whose key is the text,
- of records whose name has, for each word of the text, a word that begins with it.

An index answers each of these, for the whole log. Other parts of a name, changes and details are not searched: that
would read all of it.
"""

from __future__ import annotations

import re

from django.apps import apps
from django.db.models import BooleanField, F, Func, Q, Value
from django.db.models.functions import Concat, Lower

from audit_plugin.finder import EntryQuerySet
from audit_plugin.finder.narrowing import LONGEST_VALUE, NameHasWords, TagsOverlap
from audit_plugin.rollup import Rollup
from audit_plugin.rollup.conditions import Wanted

#: Like `finder_v1.sql`: all of ASCII but letters and digits separates words.
SEPARATORS = r"[\x01-\x2f\x3a-\x40\x5b-\x60\x7b-\x7f]+"
MOST_WORDS = 8
MOST_ACTORS = 100
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
    rollup = Rollup(entries.db)
    known = known_models(rollup)
    models = [label for label in known if text.casefold() in _model_words(label)]
    actors = sorted({key for key, _label, _email in rollup.actors(Wanted(), named=text)})[:MOST_ACTORS]
    words = [word[:LONGEST_WORD] for word in re.split(SEPARATORS, text) if word][:MOST_WORDS]

    key = Q(object_id=text)
    condition = key | Q(model__in=models) | Q(actor_id__in=actors)
    tags = [
        f"{letter}{value[:LONGEST_VALUE]}"
        for letter, values in (("a", actors), ("m", models))
        for value in values
    ]
    # The index on records begins with the model, so all are named.
    indexed = key & Q(model__in=known)
    if tags:
        indexed |= Q(TagsOverlap(*tags))
    if words:
        condition |= Q(*(_begins_word(word) for word in words))
        indexed |= Q(NameHasWords(*words))
    return entries.matching(condition, indexed)


def known_models(rollup: Rollup) -> list[str]:
    """Return the labels of all models that may be in the log: those that exist, and those that were counted."""
    return sorted(
        {model._meta.label_lower for model in apps.get_models()}.union(rollup.values("model", Wanted()))
    )


def _begins_word(word: str) -> Q:
    pattern = Concat(Value(f"(^|{SEPARATORS[:-1]})"), Lower(Value(word)))
    return Q(Matches(Lower(F("object_repr")), pattern))


def _model_words(label: str) -> str:
    try:
        model = apps.get_model(label)
    except (LookupError, ValueError):
        return label
    return f"{label} {model._meta.verbose_name} {model._meta.verbose_name_plural}".casefold()

"""An entry as a sentence, in SQL.

The sentences are those of `display.describe`: it is asked what it says of made-up entries whose parts are
marked, and the columns go where the marks are. So wordings, translations and the host's own sentences have
one place.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from audit_plugin import actions
from audit_plugin.conf import settings
from audit_plugin.display import describe
from audit_plugin.display.values import NOTHING
from audit_plugin.exceptions import ConfigurationError
from audit_plugin.export.expressions import first_field
from audit_plugin.export.quoting import filled, quoted
from audit_plugin.export.rights import rights, rights_at_first
from audit_plugin.models import Context, Entry

#: What stands for each part; none of them can be in a wording.
MARKS = {"\x01": "n.phrase", "\x02": "n.subject", "\x03": "n.model", "\x04": "f.field", "\x05": "n.action"}

#: For how many more fields the plural form is asked for; beyond, the most frequent one stands.
_COUNTS = range(1, 41)


def description() -> str:
    """Return the entry as a sentence, in the current language; see `display.describe`."""
    cases = {"update": rights(_changed())}
    for action in (
        "create",
        "delete",
        "restore",
        "truncate",
        "baseline",
        *settings.ACTIONS,
        *actions.known(),
    ):
        cases[action] = _case(action)
    if not actions.given("create").get("sentence"):
        cases["create"] = rights_at_first(cases["create"])
    whens = "".join(f" WHEN {quoted(action)} THEN {sentence}" for action, sentence in cases.items())
    without = _sentence(_marked("\x05", object_id=""))
    return f"CASE e.action{whens} ELSE CASE WHEN n.subject = '' THEN {without} ELSE {_case(chr(5))} END END"


def _case(action: str) -> str:
    sentence = actions.given(action).get("sentence")
    if sentence:
        return _given(str(sentence), action)
    # A sentence either has the whole subject or only its model.
    said = describe(_marked(action))
    return _sentence(_marked(action, model="\x03", object_id="") if "\x02" not in said else _marked(action))


def _given(sentence: str, action: str) -> str:
    """Return a host's sentence: its places for details are marked by characters that no wording has."""
    own = {
        "actor": "n.phrase",
        "subject": f"coalesce(nullif(n.subject, ''), {quoted(NOTHING)})",
        "model": f"CASE WHEN e.model = '' THEN {quoted(NOTHING)} ELSE n.model END",
        "object": f"coalesce(nullif(e.object_repr, ''), nullif(e.object_id, ''), {quoted(NOTHING)})",
        "action": "n.action",
    }
    try:
        named = sorted(actions.placeholders(sentence, action))
        marks = {chr(0xE000 + number): name for number, name in enumerate(named)}
        marked = sentence % {name: mark for mark, name in marks.items()}
    except (ConfigurationError, TypeError, ValueError):
        return _sentence(_marked("\x05"))
    detail = "coalesce(e.details ->> {}, {})"
    places = {
        mark: own.get(name) or detail.format(quoted(name), quoted(NOTHING)) for mark, name in marks.items()
    }
    return filled(marked, MARKS | places)


def _changed() -> str:
    one, none = (_sentence(_marked("update", changes=_fields(number))) for number in (1, 0))
    forms: dict[str, list[int]] = {}
    for more in _COUNTS:
        said = describe(_marked("update", changes=_fields(more + 1)))
        forms.setdefault(said.replace(str(more), "\x06"), []).append(more)
    (most, _numbers), *others = sorted(forms.items(), key=lambda form: -len(form[1]))
    counted = {**MARKS, "\x06": "f.more"}
    special = "".join(
        f" WHEN f.more = ANY ('{{{','.join(map(str, numbers))}}}'::int[]) THEN {filled(form, counted)}"
        for form, numbers in others
    )
    said = f"CASE WHEN f.more < 0 THEN {none} WHEN f.more = 0 THEN {one}{special} ELSE {filled(most, counted)} END"
    # The barriers keep what the sentence names several times from being worked out as often.
    named = "SELECT ARRAY(SELECT jsonb_object_keys(e.changes)) || e.masked AS named OFFSET 0"
    fields = f"SELECT cardinality(f.named) - 1 AS more, {first_field()} AS field FROM ({named}) AS f OFFSET 0"
    return f"(SELECT {said} FROM ({fields}) AS f)"


def _fields(number: int) -> Mapping[str, Any]:
    return {"\x04" * (position + 1): [None, None] for position in range(number)}


def _marked(action: str, **parts: Any) -> Entry:
    values = {"model": "", "object_id": "\x02", "object_repr": "", "operation": "U", "changes": {}} | parts
    return Entry(action=action, context=Context(actor_kind="user", actor_label="\x01"), **values)


def _sentence(entry: Entry) -> str:
    return filled(describe(entry), MARKS)

"""The German catalogues: compiled, true to their placeholders, nearly complete."""

from __future__ import annotations

import ast
import gettext
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
#: How many texts each has at least, so that none goes missing unnoticed.
PACKAGES = {"audit_plugin": 400, "graphql_schema": 50}
CATALOGUE = Path("locale/de/LC_MESSAGES/django.po")
PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|\{\w+\}|%s")
#: New texts come with the code, their translation may come later; but not all of them.
COMPLETE = 0.95

Texts = dict[str, list[str]]


def texts(path: Path) -> Texts:
    """Return the translations of a `.po` file by their text; those of a plural after each other."""
    found: Texts = {}
    for block in path.read_text("utf-8").split("\n\n"):
        parts: dict[str, str] = {}
        name = ""
        for line in block.splitlines():
            if line.startswith("msg"):
                name, _, line = line.partition(" ")
                parts[name] = ""
            if line.startswith('"'):
                parts[name] += str(ast.literal_eval(line))
        if parts.get("msgid"):
            found[parts["msgid"]] = [text for key, text in parts.items() if key.startswith("msgstr")]
    return found


@pytest.fixture(params=PACKAGES)
def package(request: pytest.FixtureRequest) -> Path:
    """Each package with a catalogue."""
    return ROOT / str(request.param)


def test_the_compiled_catalogue_is_that_of_the_source(package: Path) -> None:
    with (package / CATALOGUE).with_suffix(".mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    found = texts(package / CATALOGUE)
    assert len(found) > PACKAGES[package.name]
    stale = [
        text
        for text, [first, *rest] in found.items()
        if (compiled.ngettext(text, text, 1) if rest else compiled.gettext(text)) != first
    ]
    assert stale == [], f"run: cd {package.name} && python -P -m django compilemessages"


def test_every_translation_has_the_placeholders_of_its_text(package: Path) -> None:
    wrong = [
        (text, translated)
        for text, translations in texts(package / CATALOGUE).items()
        for translated in translations
        # A singular may be said without its number: "once".
        if not set(PLACEHOLDER.findall(text)) <= set(PLACEHOLDER.findall(translated))
    ]
    assert wrong == []


def test_a_text_of_both_packages_is_translated_in_one_way() -> None:
    ours, theirs = (texts(ROOT / name / CATALOGUE) for name in PACKAGES)
    both = ours.keys() & theirs.keys()
    assert both and {text for text in both if ours[text] != theirs[text]} == set()


@pytest.mark.skipif(shutil.which("xgettext") is None, reason="gettext isn't installed")
def test_hardly_a_text_is_without_translation(package: Path, tmp_path: Path) -> None:
    copy = tmp_path / package.name
    shutil.copytree(package, copy, ignore=shutil.ignore_patterns("__pycache__", "static", "*.mo"))
    # -P: modules named like ours, such as types, are the standard library's.
    command = [sys.executable, "-P", "-m", "django", "makemessages", "--locale", "de", "--no-location"]
    # Without our settings, which can't be imported from there.
    environment = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    done = subprocess.run(command, cwd=copy, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    found = texts(copy / CATALOGUE)
    missing = [text for text, translations in found.items() if not all(translations)]
    assert len(missing) <= (1 - COMPLETE) * len(found), f"without translation: {missing}"

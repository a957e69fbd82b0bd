"""Generators of code on the schema that ships, and what a front end makes with them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from django.contrib.auth.models import Permission, User

from graphql_schema.sdl import COMMITTED
from tests.graphql_schema.clients.conftest import HERE, environment
from tests.graphql_schema.node import needs_packages, run_node
from tests.servers import ROOT, Server
from tests.testapp.models import Author

DEMO = ROOT / "sample_project" / "static"
PACKAGES = HERE / "node_modules"

pytestmark = needs_packages(HERE)


def project(name: str, tmp_path: Path, *documents: Path) -> Path:
    """Return a front end's folder beside the packages, with the schema and documents in it."""
    made = shutil.copytree(HERE / name, tmp_path / name)
    (made / "node_modules").symlink_to(PACKAGES)
    for path in (COMMITTED, *documents):
        shutil.copy(path, made)
    return made


@pytest.fixture
def typed(tmp_path: Path) -> Path:
    """A front end in TypeScript, with types of the demo's documents and of others."""
    folder = project("codegen", tmp_path, HERE / "operations.graphql", DEMO / "live" / "api.js")
    run_node(PACKAGES / ".bin" / "graphql-codegen", "--config", "codegen.ts", cwd=folder)
    return folder


def test_typescript_accepts_a_client_on_the_types_of_graphql_codegen(typed: Path) -> None:
    assert "@ts-expect-error" in (typed / "page.ts").read_text("utf-8")
    run_node(PACKAGES / ".bin" / "tsc", "--strict", "--noEmit", "--project", ".", cwd=typed)


@pytest.mark.django_db(transaction=True)
def test_that_client_lists_and_restores(
    typed: Path, server: Server, viewer: User, cookies: dict[str, str]
) -> None:
    viewer.user_permissions.add(
        *Permission.objects.filter(
            codename__in=["restore_entry", "change_author"], content_type__model__in=["entry", "author"]
        )
    )
    author = Author.objects.create(name="Ann")
    author.name = "Anne"
    author.save()
    bundle = ["--bundle", "--platform=node", "--format=esm", "--log-level=warning", "--outfile=bundle.mjs"]
    subprocess.run([PACKAGES / ".bin" / "esbuild", "main.mjs", *bundle], cwd=typed, check=True)
    told = json.loads(run_node("bundle.mjs", cwd=typed, **environment(server, cookies)))
    (change,) = told["changes"]
    assert (change["field"], change["old"], change["new"]) == ("name", "Ann", "Anne")
    assert told["listed"][:2] == ["update Anne", "create Ann"]
    assert told["undone"] == "undone: 1"
    author.refresh_from_db()
    assert author.name == "Ann"


def test_relay_compiler(tmp_path: Path) -> None:
    folder = project("relay", tmp_path)
    run_node(PACKAGES / "relay-compiler" / "cli.js", "relay.config.json", cwd=folder)
    made = {
        path.name.removesuffix(".graphql.js"): path for path in (folder / "src" / "__generated__").iterdir()
    }
    assert set(made) == {
        "LogFeedSubscription", "LogOneQuery", "LogPageQuery", "LogQuery", "LogUndoMutation",
        "Log_entries", "Log_entry", "Log_one",
    }  # fmt: skip
    # Pages both ways, fetched by a query that the compiler wrote.
    pages = made["Log_entries"].read_text("utf-8")
    assert '"direction": "bidirectional"' in pages and "LogPageQuery.graphql" in pages


def test_the_demos_bundle_is_what_the_packages_make(tmp_path: Path) -> None:
    committed = DEMO / "vendor" / "urql.js"
    script = json.loads((HERE / "package.json").read_text())["scripts"]["vendor"]
    made = tmp_path / "urql.js"
    command = script.replace("../../../sample_project/static/vendor/urql.js", str(made))
    path = f"{PACKAGES / '.bin'}:{os.environ['PATH']}"
    subprocess.run(
        command, cwd=HERE, shell=True, check=True, capture_output=True, env={**os.environ, "PATH": path}
    )
    assert made.read_bytes() == committed.read_bytes()

"""Nobody forgets to ask who may: every use case stands in a table of rights."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[2]
_PORTAL = _ROOT / "lkk_reflex"
#: Parts of use cases: they get the viewer to note who acts, or count by, and decide nothing about rights.
_PARTS = {
    "accounts.guests.guest_of": "whoever holds the token of a pass is its guest; the pass is the right",
    "accounts.guests.open_pass_to": "opens a pass to the account that its caller has found",
    "accounts.paperless.end_with": "ends choices for connections that its caller ends",
    "accounts.paperless.restore_with": "restores the choice of a connection whose end its caller takes back",
    "cabinet.purposes.owed_by": "a part of what the pay page offers; the bill itself asks who may",
    "identity.audit.record": "notes who acts",
    "identity.codes.check": "checks a code for what its caller has found by a cookie or by who is signed in",
    "identity.codes.send": "sends to what its caller has found by a cookie or by who is signed in",
    "identity.codes.shown": "shows what its caller has found by a cookie or by who is signed in",
    "identity.codes.begin": "begins what anybody may begin; the limits count by the address",
    "identity.consents.record": "stores the consent that its caller has asked for",
    "identity.own_changes.count": "counts what its caller lets the viewer change",
    "identity.registration.create_cabinet": "finishes a confirmation whose code or link has been checked",
    "identity.second_factor.require": "checks a code for whoever is named; part of signing in",
    "identity.sessions.open_session": "opens the session of a ticket that has been used up",
    "meters.messages.tell_sender": "tells of readings that have just been saved",
}


def _use_cases() -> Iterator[str]:
    """Yield `slice.module.function` of every public function that begins with a session and a viewer."""
    for file in sorted(_PORTAL.rglob("*.py")):
        if file.stem.endswith("repository"):
            continue
        module = ".".join(file.relative_to(_PORTAL).with_suffix("").parts)
        for node in ast.parse(file.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
                names = [argument.arg for argument in node.args.posonlyargs + node.args.args]
                if names[:2] == ["session", "viewer"] or (names[:1] == ["viewer"] and "viewer: Viewer" in _head(node)):
                    yield f"{module}.{node.name}"


def _head(node: ast.FunctionDef) -> str:
    return ast.unparse(node.args)


def _told() -> set[str]:
    """Return what the tables of rights name: `module.function`, or the function when it is imported by its name."""
    told: set[str] = set()
    for file in (_ROOT / "tests").rglob("test_who_may*.py"):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        modules = {alias.asname or alias.name: alias.name for alias in _imported(tree)}
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                told.add(f"{modules.get(node.value.id, node.value.id)}.{node.attr}")
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("lkk_reflex."):
                told |= {f"{str(node.module).rpartition('.')[2]}.{alias.name}" for alias in node.names}
    return told


def _imported(tree: ast.AST) -> Iterator[ast.alias]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            yield from node.names


def test_every_use_case_stands_in_a_table_of_rights() -> None:
    told = _told()
    forgotten = [name for name in _use_cases() if name not in _PARTS and _short(name) not in told]
    assert forgotten == []


def test_parts_of_use_cases_are_there_and_give_their_reason() -> None:
    known = set(_use_cases())
    assert known >= _PARTS.keys()
    assert all(re.search(r"\w{4}", reason) for reason in _PARTS.values())


def _short(name: str) -> str:
    return ".".join(name.split(".")[-2:])

"""The house rules that the import contracts of pyproject.toml cannot express, read from the source.

Each rule is a function from a module to the offences in it, so that it can be shown to catch what it forbids.
"""

import ast
from collections.abc import Callable, Iterator

import pytest

from tests.support.imports import PACKAGE, ROOT, Import, Module, modules

Rule = Callable[[Module], Iterator[str]]

SLICES = {
    "accounts",
    "api",
    "attachments",
    "cabinet",
    "help",
    "identity",
    "meters",
    "notifications",
    "operators",
    "outages",
    "payments",
    "support",
}
GLUE = {"pages", "components", "state", "guard"}
#: Rooms from the top of a slice to its ground; a room imports its own floor and those below.
FLOORS = {
    "pages": 0,
    "components": 1,
    "state": 2,
    "routes": 2,
    "webhook": 2,
    "guard": 3,
    "service": 4,
    "projection": 5,
    "adapter": 5,
    "repository": 6,
    "pure": 7,
    "rules": 7,
    "errors": 7,
    "models": 8,
    # Who acts is known to every room and itself knows none.
    "viewer": 9,
}
PURE = {"pure", "rules", "errors", "viewer"}
_TYPES_OF_A_DATABASE = {"Session", "Engine", "IntegrityError"}


def room_of(module: Module) -> str:
    """Return the kind of room: a room by name, an adapter of the outside world, pure by what it takes, or a service."""
    if module.room in FLOORS:
        return module.room
    if module.name.count(".") > 2:
        return "adapter"
    is_pure = all(taken.name != "Session" for taken in module.imports()) and all(
        _is_harmless(module, taken, imported) for taken, imported in _own(module)
    )
    return "pure" if is_pure else "service"


def _is_harmless(module: Module, taken: Import, imported: Module) -> bool:
    """Tell whether a pure room may take this: the kit, another pure room of its slice, words of an enum."""
    is_own_pure = imported.slice == module.slice and room_of(imported) in PURE
    is_enum = imported.name in {f"{PACKAGE}.{module.slice}.models", f"{PACKAGE}.settings"} and (
        taken.name in imported.enums()
    )
    return imported.slice == "kit" or is_own_pure or is_enum


def inside_a_slice_imports_go_down(module: Module) -> Iterator[str]:
    """pages -> components -> state -> service -> repository -> models."""
    if module.slice not in SLICES:
        return
    for taken, imported in _own(module):
        if imported.slice == module.slice and FLOORS[room_of(module)] > FLOORS[room_of(imported)]:
            yield f"{_where(module, taken)} reaches up to {imported.name}"


def pure_rooms_know_only_the_kit_and_own_enums(module: Module) -> Iterator[str]:
    """Rules and errors are tested without anything else, so they import nothing else but words of the settings."""
    if module.slice not in SLICES or room_of(module) not in PURE:
        return
    for taken, imported in _own(module):
        if not _is_harmless(module, taken, imported):
            yield f"{_where(module, taken)} takes {taken.name or taken.source} from {imported.name}"


def other_slices_are_entered_by_the_door(module: Module) -> Iterator[str]:
    """Another slice is entered through its use cases, never through its repository, its state or its pages."""
    for taken, imported in _own(module):
        if imported.slice not in SLICES or imported.slice == module.slice:
            continue
        is_composition = module.name == f"{PACKAGE}.{PACKAGE}" and imported.room == "pages"
        if imported.room in {"repository", "state", "pages"} and not is_composition:
            yield f"{_where(module, taken)} enters {imported.slice} through its {imported.room}"


def only_glue_knows_reflex(module: Module) -> Iterator[str]:
    """The core of a slice runs without the web framework."""
    allowed = module.slice in {"ui", "server", PACKAGE} or (module.slice in SLICES and module.room in GLUE)
    if not allowed:
        yield from _taken_from(module, "reflex", "reflex_base", "reflex_components_core")


def only_routes_know_http(module: Module) -> Iterator[str]:
    """Requests and responses stay where HTTP is spoken."""
    if module.slice not in {"api", "sandbox", "server", PACKAGE} and module.room not in {"routes", "webhook", "guard"}:
        yield from _taken_from(module, "starlette", "fastapi")


def only_repositories_write_sql(module: Module) -> Iterator[str]:
    """Other rooms may name a session or the error of a constraint, and nothing else of the database."""
    if module.slice not in SLICES or module.room in {"repository", "models"}:
        return
    for taken in module.imports():
        if taken.source.split(".")[0] in {"sqlalchemy", "sqlmodel"} and taken.name not in _TYPES_OF_A_DATABASE:
            yield f"{_where(module, taken)} takes {taken.name or taken.source} from {taken.source}"


def slices_never_commit(module: Module) -> Iterator[str]:
    """The edge opens the unit of work, and it alone commits."""
    if module.slice not in SLICES:
        return
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Attribute) and node.attr in {"commit", "rollback"}:
            yield f"{module.name}:{node.lineno} calls {node.attr}"


def vars_of_states_begin_blank(module: Module) -> Iterator[str]:
    """A projection made in the class is copied part by part for every tab that opens, on whatever page."""
    if module.room != "state":
        return
    states = [node for node in module.tree.body if isinstance(node, ast.ClassDef) and not node.decorator_list]
    for line in (line for state in states for line in state.body):
        made = line.value.func if isinstance(line, ast.AnnAssign) and isinstance(line.value, ast.Call) else None
        if isinstance(made, ast.Name) and made.id != "blank":
            yield f"{module.name}:{line.lineno} begins with {made.id}()"


RULES: list[Rule] = [
    inside_a_slice_imports_go_down,
    pure_rooms_know_only_the_kit_and_own_enums,
    other_slices_are_entered_by_the_door,
    only_glue_knows_reflex,
    only_routes_know_http,
    only_repositories_write_sql,
    slices_never_commit,
    vars_of_states_begin_blank,
]

OFFENCES: list[tuple[Rule, str, str]] = [
    (inside_a_slice_imports_go_down, "lkk_reflex.accounts.models", "from lkk_reflex.accounts.errors import Gone"),
    (inside_a_slice_imports_go_down, "lkk_reflex.accounts.errors", "from lkk_reflex.accounts import models, state"),
    (pure_rooms_know_only_the_kit_and_own_enums, "lkk_reflex.identity.rules", "import lkk_reflex.settings"),
    (pure_rooms_know_only_the_kit_and_own_enums, "lkk_reflex.payments.rules", "from lkk_reflex.identity import viewer"),
    (other_slices_are_entered_by_the_door, "lkk_reflex.cabinet.pay", "from lkk_reflex.payments import repository"),
    (other_slices_are_entered_by_the_door, "lkk_reflex.jobs", "from lkk_reflex.accounts.state import AccountState"),
    (only_glue_knows_reflex, "lkk_reflex.accounts.rules", "def later():\n    import reflex as rx"),
    (only_glue_knows_reflex, "lkk_reflex.kit.state", "import reflex as rx"),
    (only_routes_know_http, "lkk_reflex.accounts.linking", "from starlette.requests import Request"),
    (only_repositories_write_sql, "lkk_reflex.accounts.linking", "from sqlmodel import Session, select"),
    (slices_never_commit, "lkk_reflex.accounts.linking", "def link(session):\n    session.commit()"),
    (vars_of_states_begin_blank, "lkk_reflex.cabinet.pay_state", "class PayState:\n    desk: PayDesk = PayDesk()"),
]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_every_module_keeps_the_rule(rule: Rule) -> None:
    assert [offence for module in modules() for offence in rule(module)] == []


@pytest.mark.parametrize(
    ("rule", "name", "text"), OFFENCES, ids=[f"{rule.__name__}: {name}" for rule, name, _ in OFFENCES]
)
def test_the_rule_catches_an_offence(rule: Rule, name: str, text: str) -> None:
    assert len(list(rule(Module.from_text(name, text)))) == 1


def test_every_rule_is_shown_to_catch_something() -> None:
    assert {rule for rule, _, _ in OFFENCES} == set(RULES)


def test_alembic_directory_is_not_a_package() -> None:
    """A package of that name at the top would hide the library of the same name."""
    assert not (ROOT / "alembic" / "__init__.py").exists()


def _own(module: Module) -> Iterator[tuple[Import, Module]]:
    """Yield the imports that lead to modules of the package, with the module each leads to."""
    for taken in module.imports():
        if taken.source.split(".")[0] != PACKAGE:
            continue
        longer = f"{taken.source}.{taken.name}"
        if longer in _BY_NAME or longer.split(".")[-1] in FLOORS:
            yield taken, _BY_NAME.get(longer) or Module.from_text(longer, "")
        else:
            yield taken, _BY_NAME.get(taken.source) or Module.from_text(taken.source, "")


def _taken_from(module: Module, *libraries: str) -> Iterator[str]:
    for taken in module.imports():
        if taken.source.split(".")[0] in libraries:
            yield f"{_where(module, taken)} imports {taken.source}"


def _where(module: Module, taken: Import) -> str:
    return f"{module.name}:{taken.line}"


_BY_NAME = {module.name: module for module in modules()}

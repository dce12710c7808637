"""What each module of the package imports, read from its source without running it."""

import ast
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Self

PACKAGE = "lkk_reflex"
ROOT = Path(__file__).resolve().parents[2]

#: A slice with many pages names its rooms by page: `home_state` is a state as `state` is.
_ROOMS_BY_ENDING = {
    "page": "pages",
    "state": "state",
    "components": "components",
    "projection": "projection",
    "repository": "repository",
}


@dataclass(frozen=True)
class Import:
    """`name` taken from `source`; a plain `import source` has no name."""

    source: str
    name: str | None
    line: int


@dataclass(frozen=True)
class Module:
    """A module of the package and its syntax tree."""

    name: str
    tree: ast.Module

    @classmethod
    def from_text(cls, name: str, text: str) -> Self:
        """Make a module out of source text; tests use it to show that a rule catches what it forbids."""
        return cls(name, ast.parse(text))

    @property
    def slice(self) -> str:
        """The first name below the package: `payments` in `lkk_reflex.payments.rules`."""
        return self.name.split(".")[1] if "." in self.name else ""

    @property
    def room(self) -> str:
        """The last name: `rules` in `lkk_reflex.payments.rules`; `home_page` in the cabinet is one of its pages."""
        last = self.name.rpartition(".")[2]
        _, _, ending = last.rpartition("_")
        return _ROOMS_BY_ENDING.get(ending, last) if ending != last else last

    def imports(self) -> list[Import]:
        """Return every import, those inside functions and for types only too."""
        found = []
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                found += [Import(alias.name, None, node.lineno) for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.module:
                found += [Import(node.module, alias.name, node.lineno) for alias in node.names]
        return found

    def enums(self) -> set[str]:
        """Return the names of the classes that are closed lists of words or numbers."""
        return {
            node.name
            for node in ast.walk(self.tree)
            if isinstance(node, ast.ClassDef)
            and any(isinstance(base, ast.Name) and base.id.endswith(("Enum", "Flag")) for base in node.bases)
        }


@cache
def modules() -> tuple[Module, ...]:
    """Return every module of the package."""
    paths = sorted((ROOT / PACKAGE).rglob("*.py"))
    return tuple(Module.from_text(_name(path), path.read_text("utf-8")) for path in paths)


def _name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)

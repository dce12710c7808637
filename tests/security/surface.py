"""Everything of the portal that answers somebody, found by reflection so that nothing new is forgotten.

Run as a program in a process of its own, because importing the application registers its states for good; prints JSON.
"""

import inspect
import json
import os
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from starlette.routing import BaseRoute, Mount, Route

_ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Surface:
    """What answers: handlers with the names of their arguments, routes as `GET /path`, pages by their path."""

    handlers: dict[str, list[str]]
    background: list[str]
    routes: list[str]
    pages: list[str]


def reflect(data_dir: Path) -> Surface:
    """Return the surface of the portal in the demo mode; `data_dir` gets its secret."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("LKK_")}
    environment |= {"LKK_DATA_DIR": str(data_dir), "PYTHONPATH": str(_ROOT)}
    told = subprocess.run([sys.executable, __file__], env=environment, cwd=data_dir, capture_output=True, check=True)
    return Surface(**json.loads(told.stdout.splitlines()[-1]))


def _routes(found: Iterable[BaseRoute], prefix: str = "") -> Iterator[str]:
    for route in found:
        if isinstance(route, Mount):
            yield from _routes(route.routes, prefix + route.path)
        elif isinstance(route, Route):
            yield from (f"{method} {prefix}{route.path}" for method in route.methods or () if method != "HEAD")
        else:
            raise TypeError(f"a route of an unknown kind: {route!r}")


def _surface() -> Surface:
    from reflex_base.registry import RegistrationContext

    from lkk_reflex.lkk_reflex import app, routes

    registered = RegistrationContext.get().event_handlers
    return Surface(
        handlers={
            name: [argument for argument in inspect.signature(found.handler.fn).parameters if argument != "self"]
            for name, found in registered.items()
        },
        background=[name for name, found in registered.items() if found.handler.is_background],
        routes=sorted(set(_routes(routes()))),
        pages=sorted(f"/{route}" for route in app._unevaluated_pages),
    )


if __name__ == "__main__":
    print(json.dumps(asdict(_surface())))

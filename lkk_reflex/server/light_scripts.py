"""Lighter scripts for a first visit: what no page of the portal can use is not sent.

The framework lets Emotion create every element, so that a component may carry styles of its own; that is a
parser of style sheets in the browser. Such styles cannot work here anyway, as the content policy refuses
style sheets made by scripts, and all looks are in assets/portal.css. So React creates the elements itself. A
component with a style of its own stops the build, because it would come out bare.

And assets/portal.js, which does not go through the bundler, is sent without its comments and long names.
"""

import re
import subprocess
from pathlib import Path
from typing import Any, Final

import reflex as rx
from reflex_base.constants.base import ReactRouter

_ELEMENTS_FILE: Final = "utils/elements.js"
_ELEMENTS: Final = 'export { createElement as jsx } from "react";\n'
_ALIASES: Final = "alias: [\n"
_ELEMENTS_ALIAS: Final = (
    "      { find: /^@emotion\\/react$/, "
    f'replacement: fileURLToPath(new URL("./{_ELEMENTS_FILE}", import.meta.url)) }},\n'
)
#: How the framework writes a component's own style into what it compiles.
_OWN_STYLE: Final = re.compile(r"[{,]\s*css\s*:")
_COMPILED: Final = ("app", "app_components", "utils/components")
_MINIFY: Final = """
import { readFileSync, writeFileSync } from "node:fs";
import { minifySync } from "vite";
const file = process.argv[1];
const { code, errors } = minifySync(file, readFileSync(file, "utf8"), { module: false });
if (errors.length) throw new Error(errors[0].message);
writeFileSync(file, code);
"""


class LightScriptsError(Exception):
    """What the framework compiled does not fit the lighter scripts; the message says what."""


class LightScriptsPlugin(rx.plugins.Plugin):
    """Swaps the maker of elements before the bundler runs, and minifies the portal's own script after it."""

    def pre_compile(self, **context: Any) -> None:  # noqa: ANN401 - the signature is the framework's.
        """Add the maker of elements and tell the bundler to take it."""
        context["add_save_task"](lambda: (_ELEMENTS_FILE, _ELEMENTS))
        context["add_modify_task"](ReactRouter.VITE_CONFIG_FILE, with_plain_elements)

    def post_build(self, **context: Any) -> None:  # noqa: ANN401 - the signature is the framework's.
        """Check what was compiled and minify the script.

        Raises:
            LightScriptsError: if a component has a style of its own.
            subprocess.CalledProcessError: if the script cannot be parsed.
        """
        client = Path(context["static_dir"]).resolve()
        web = client.parents[1]
        refuse_own_styles(web)
        command = ["node", "--input-type=module", "--eval", _MINIFY, str(client / "portal.js")]
        subprocess.run(command, cwd=web, check=True)  # noqa: S603 - our own Node with fixed arguments.


def with_plain_elements(bundler_config: str) -> str:
    """Return the configuration of the bundler with React in the place of Emotion.

    Raises:
        LightScriptsError: if the framework has moved its list of aliases.
    """
    if _ELEMENTS_ALIAS in bundler_config:
        return bundler_config
    if bundler_config.count(_ALIASES) != 1:
        raise LightScriptsError(f"{ReactRouter.VITE_CONFIG_FILE} has no single list of aliases")
    return bundler_config.replace(_ALIASES, _ALIASES + _ELEMENTS_ALIAS)


def refuse_own_styles(web: Path) -> None:
    """Look through the compiled components for styles of their own.

    Raises:
        LightScriptsError: naming the first file that has one.
    """
    for folder in _COMPILED:
        for file in sorted((web / folder).rglob("*.js*")):
            if _OWN_STYLE.search(file.read_text(encoding="utf-8")):
                raise LightScriptsError(f"{file.relative_to(web)}: a style of a component; use a class of portal.css")

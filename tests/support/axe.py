"""The rules of accessibility that a machine can check: axe-core, as an npm package."""

from functools import cache

from tests.support.npm import installed


@cache
def axe_script() -> str:
    """Return the script that makes `axe` known to a page.

    Raises:
        NpmFailed: when it could not be installed.
    """
    home = installed("axe", lambda _: None, omit=("dev", "optional"))
    return (home / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")

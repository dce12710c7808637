"""A page without scripts, for routes that have something to say instead of a file."""

from jinja2 import Environment, PackageLoader

from lkk_reflex.settings import get_settings
from lkk_reflex.ui.theme import icon_address

_templates = Environment(loader=PackageLoader("lkk_reflex.ui", "templates"), autoescape=True)


def plain_page(title: str, message: str, *, link: str = "На главную", href: str = "/cabinet") -> str:
    """Return the page with one sentence and one way on. `plain_page("Нет такой страницы", Forbidden.text)`"""
    settings = get_settings()
    return _templates.get_template("plain.html").render(
        title=title,
        message=message,
        link=link,
        href=href,
        company=settings.company_name,
        icon=icon_address(settings.accent_color),
    )

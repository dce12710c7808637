"""A page without scripts, for routes that have something to say instead of a file."""

from jinja2 import BaseLoader, ChoiceLoader, Environment, PackageLoader

from lkk_reflex.settings import get_settings
from lkk_reflex.ui.theme import icon_address

_frames = PackageLoader("lkk_reflex.ui", "templates")
_templates = Environment(loader=_frames, autoescape=True)


def plain_page(title: str, message: str, *, link: str = "На главную", href: str = "/cabinet") -> str:
    """Return the page with one sentence and one way on. `plain_page("Нет такой страницы", Forbidden.text)`"""
    return _templates.get_template("plain.html").render(
        title=title, message=message, link=link, href=href, **frame_values()
    )


def with_frame(loader: BaseLoader) -> BaseLoader:
    """Let templates of a slice include the parts of the frame: `footer.html`. `with_frame(PackageLoader(…))`"""
    return ChoiceLoader([loader, _frames])


def frame_values() -> dict[str, str]:
    """Return what stands around every page: the company, its icon, and whom to ask."""
    settings = get_settings()
    return {
        "company": settings.company_name,
        "icon": icon_address(settings.accent_color),
        "phone": settings.support_phone,
        "email": settings.support_email,
        "hours": settings.support_hours,
    }

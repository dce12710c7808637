"""The composition root: the application, its pages, its routes and what runs beside it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import reflex as rx

from lkk_reflex.cabinet import documents
from lkk_reflex.help import pages as help_pages
from lkk_reflex.kit.db import bind, make_engine
from lkk_reflex.server import screens
from lkk_reflex.server.delivery import delivery
from lkk_reflex.server.event_limit import limit_events
from lkk_reflex.server.framework_log import keep_values_out
from lkk_reflex.server.health import database_answers, health_route
from lkk_reflex.settings import get_settings
from lkk_reflex.ui import layout

settings = get_settings()

routes = [health_route(database_answers)]


@asynccontextmanager
async def database() -> AsyncIterator[None]:
    """Hold the database of this process from its start to its end."""
    engine = make_engine(settings.database_url)
    bind(engine)
    yield
    engine.dispose()


app = rx.App(
    html_lang="ru",
    stylesheets=layout.STYLESHEETS,
    head_components=layout.head_components(),
    toaster=None,
    app_wraps=screens.app_wraps(),
    hydrate_fallback=screens.loading,
    backend_exception_handler=screens.on_handler_fault,
)
app.add_page(screens.not_found, route="404", title="Такой страницы нет")
for page in [*help_pages.PAGES, *documents.PAGES]:
    page.add_to(app)
app.api_transformer = delivery(settings, routes, app)
app.register_lifespan_task(database)
limit_events(app)
keep_values_out()

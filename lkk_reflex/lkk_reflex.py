"""The composition root: the application, its pages, its routes and what runs beside it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext

import reflex as rx
from starlette.routing import BaseRoute

from lkk_reflex import jobs
from lkk_reflex.cabinet import (
    account_page,
    bill_page,
    bills_page,
    closed_page,
    connect_page,
    documents_page,
    home_page,
    pay_page,
    payments_page,
    privacy_page,
    quick_page,
    return_page,
    settings_page,
)
from lkk_reflex.cabinet import routes as cabinet_routes
from lkk_reflex.help import guide_page
from lkk_reflex.help import pages as help_pages
from lkk_reflex.identity import notice_page
from lkk_reflex.identity import pages as identity_pages
from lkk_reflex.identity import routes as identity_routes
from lkk_reflex.identity.cookies import cookie_names
from lkk_reflex.identity.guard import AccessGate
from lkk_reflex.identity.sessions import resolve_session
from lkk_reflex.meters import readings_page
from lkk_reflex.meters import routes as meters_routes
from lkk_reflex.outages import outages_page
from lkk_reflex.payments import routes as payments_routes
from lkk_reflex.runtime import open_runtime
from lkk_reflex.sandbox import demo_bank, inbox
from lkk_reflex.server import home_screen, screens
from lkk_reflex.server.client_storage import remember_what_browsers_store
from lkk_reflex.server.delivery import delivery
from lkk_reflex.server.event_limit import limit_events
from lkk_reflex.server.framework_log import keep_values_out
from lkk_reflex.server.health import database_answers, health_route
from lkk_reflex.server.opening import until_it_answers
from lkk_reflex.settings import get_settings
from lkk_reflex.support import new_ticket_page, support_page, ticket_page
from lkk_reflex.support import routes as support_routes
from lkk_reflex.ui import layout

settings = get_settings()


def routes() -> list[BaseRoute]:
    """Return what the portal answers over HTTP beside its pages."""
    own: list[BaseRoute] = [
        health_route(database_answers),
        *identity_routes.routes,
        *cabinet_routes.routes,
        *payments_routes.routes(),
        *meters_routes.routes,
        *support_routes.routes,
        *home_screen.routes,
    ]
    return [*own, demo_bank.mounted(), *inbox.routes] if settings.is_demo else own


async def background(opening: asyncio.Task[bool], ending: asyncio.Event) -> None:
    """Run the jobs once the port answers, because some of them speak to the demo's bank through it."""
    await asyncio.wait([opening])
    if not ending.is_set():
        await jobs.run_jobs(ending)


@asynccontextmanager
async def beside() -> AsyncIterator[None]:
    """Hold the database, the demo's bank and the background jobs from the start of this process to its end."""
    with open_runtime(settings):
        async with demo_bank.running() if settings.is_demo else nullcontext():
            opening = asyncio.create_task(until_it_answers(settings.host, settings.port))
            ending = asyncio.Event()
            work = asyncio.create_task(background(opening, ending))
            yield
            ending.set()
            opening.cancel()
            await work


app = rx.App(
    html_lang="ru",
    stylesheets=layout.STYLESHEETS,
    head_components=layout.head_components(),
    toaster=None,
    app_wraps=screens.app_wraps(),
    hydrate_fallback=screens.loading,
    backend_exception_handler=screens.on_handler_fault,
)
for pages in (
    identity_pages,
    help_pages,
    guide_page,
    documents_page,
    home_page,
    connect_page,
    account_page,
    bills_page,
    bill_page,
    pay_page,
    return_page,
    payments_page,
    quick_page,
    readings_page,
    outages_page,
    settings_page,
    privacy_page,
    closed_page,
    notice_page,
    support_page,
    new_ticket_page,
    ticket_page,
):
    for page in pages.PAGES:
        page.add_to(app)
app.api_transformer = delivery(settings, routes, app)
app.register_lifespan_task(beside)
app.add_middleware(AccessGate(resolve_session, cookie_names(is_https=settings.is_https)))
app.add_middleware(screens.FaultEnds())
limit_events(app)
keep_values_out()
remember_what_browsers_store()

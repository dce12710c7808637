"""The blank lean app: everything as the framework has it, but no theme and one bundle for any port."""

import reflex as rx

from lkk_reflex.server.own_origin import PLACEHOLDER_ORIGIN, OwnOriginPlugin

config = rx.Config(
    app_name="lean",
    api_url=PLACEHOLDER_ORIGIN,
    plugins=[OwnOriginPlugin()],
    disable_plugins=[rx.plugins.SitemapPlugin],
    telemetry_enabled=False,
    show_built_with_reflex=False,
    # As the portal's, or the comparison of events would be one of state managers.
    state_manager_mode=rx.constants.StateManagerMode.MEMORY,
)

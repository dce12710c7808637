"""Configuration of the framework; everything an installation may change is in `lkk_reflex.settings`."""

import reflex as rx

from lkk_reflex.server.environment import framework_config

config: rx.Config = framework_config()

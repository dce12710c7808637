"""The field for the photo of a dial."""

import reflex as rx
from reflex_base.constants.compiler import MemoizationDisposition, MemoizationMode
from reflex_components_core.el.elements.base import BaseHTML

from lkk_reflex.attachments.files import PHOTO_TYPES
from lkk_reflex.help.components import help_tip
from lkk_reflex.meters.dial import photo_field_name
from lkk_reflex.meters.history_projection import PHOTOS_PATH
from lkk_reflex.meters.readings_projection import MeterForm


class PhotoField(BaseHTML):
    """The element of assets/portal.js that uploads one photo at once and names it in its hidden field."""

    tag = "photo-field"
    # The framework names a memoized part after its tag, and a dash is no letter of a name.
    _memoization_mode = MemoizationMode(disposition=MemoizationDisposition.NEVER)

    to: rx.Var[str]


def photo_field(meter: MeterForm) -> rx.Component:
    """Let add a photo to the reading of a meter; nobody has to."""
    choosing = rx.el.label(
        "Приложить фото",
        rx.el.input(type="file", accept=PHOTO_TYPES, class_name="sr-only"),
        class_name="button",
    )
    return PhotoField.create(
        rx.el.div(choosing, help_tip("meters.photo", of=meter.id), class_name="row"),
        rx.el.ul(class_name="facts", aria_live="polite"),
        rx.el.input(type="hidden", name=photo_field_name(meter.id)),
        to=f"{PHOTOS_PATH}/{meter.id}",
        class_name="field",
    )

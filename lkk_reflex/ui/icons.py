"""Icons: drawn for the portal on a 24 × 24 grid with one line width; decorations that screen readers skip."""

import reflex as rx

#: Name -> the lines of the icon, as path data.
_PATHS = {
    "account": "M6 3h12v18l-3-2-3 2-3-2-3 2zM9 8h6M9 12h6",
    "alert": "M12 4 2.8 20h18.4zM12 10v4M12 17v.01",
    "back": "m14 6-6 6 6 6",
    "bolt": "M13 3 5 13.5h6L10 21l8-10.5h-6z",
    "card": "M3 7a2 2 0 0 1 2-2h14a2 2 0 0 1 2 2v10a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2zM3 10h18M7 15h3",
    "chat": "M4 5h16v11h-9l-5 4v-4H4zM8 9.5h8M8 12.5h5",
    "check": "m5 12.5 4.5 4.5L19 7.5",
    "clock": "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18M12 7v5l3 2",
    "drop": "M12 3c3.5 4 6 7.2 6 10.5a6 6 0 0 1-12 0C6 10.2 8.5 7 12 3",
    "flame": "M12 3c.5 3.5 5.5 5.5 5.5 11a5.5 5.5 0 0 1-11 0c0-2.5 1.5-4 2.5-5.5.5 1 1 1.5 2 2C11 8 10.5 5.5 12 3",
    "gauge": "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18M12 13l3.500-4.500M7.500 13a4.500 4.500 0 0 1 2.500-4M12 13v.01",
    "help": "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18M9.5 9.5a2.5 2.5 0 1 1 3.6 2.200c-.8.4-1.1.9-1.1 1.800M12 16.5v.01",
    "home": "M4 11l8-7 8 7v8a1 1 0 0 1-1 1h-4v-6H9v6H5a1 1 0 0 1-1-1z",
    "house": "M5 21V5l8-2v18M13 8l6 2v11M3 21h18M8.5 8v.01M8.5 12v.01M8.5 16v.01M16 13v.01M16 17v.01",
    "info": "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18M12 11v5M12 8v.01",
    "mail": "M3 7a2 2 0 0 1 2-2h14a2 2 0 0 1 2 2v10a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2zM3.5 7l8.5 6 8.5-6",
    "next": "m10 6 6 6-6 6",
    "phone": "M5 4h4l1.5 4.5L8 10a12 12 0 0 0 6 6l1.5-2.5L20 15v4a1 1 0 0 1-1 1A15 15 0 0 1 4 5a1 1 0 0 1 1-1",
    "plus": "M12 5v14M5 12h14",
    "receipt": "M6 3h12v18l-3-2-3 2-3-2-3 2zM9.5 16V8h3a2.5 2.5 0 0 1 0 5H8",
    "search": "M10.5 4a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13M15.5 15.5 20 20",
    "shield": "M12 3l7 3v5c0 5-3 8.5-7 10-4-1.5-7-5-7-10V6zM9 12l2 2 4-4",
    "sign-out": "M14 4h4a1 1 0 0 1 1 1v14a1 1 0 0 1-1 1h-4M10 8l-4 4 4 4M6 12h9",
    "user": "M12 4a4 4 0 1 0 0 8 4 4 0 0 0 0-8M4.5 20c.8-3.5 3.8-5 7.5-5s6.7 1.5 7.5 5",
}
NAMES = frozenset(_PATHS)


def icon(name: str, *, small: bool = False) -> rx.Component:
    """Draw an icon. `icon("home")`

    Raises:
        KeyError: if there is no icon of this name.
    """
    return rx.el.svg(
        rx.el.path(d=_PATHS[name]),
        view_box="0 0 24 24",
        class_name="icon icon-small" if small else "icon",
        custom_attrs={"aria-hidden": "true", "focusable": "false"},
    )

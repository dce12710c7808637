"""A payment code as the picture that a bank's app reads."""

import segno

#: Of the code: a fifteenth may be lost to dirt and folds, as the standard of such codes asks for.
_CORRECTION = "m"
_QUIET_ZONE = 4


def code_svg(code: bytes) -> str:
    """Draw a QR code of these very bytes, with its quiet zone, as SVG without a size of its own.

    Raises:
        segno.DataOverflowError: for more than 2331 bytes.
    """
    made = segno.make(code, mode="byte", error=_CORRECTION, boost_error=False)
    return made.svg_inline(border=_QUIET_ZONE, omitsize=True)

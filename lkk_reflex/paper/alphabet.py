"""Which signs the fonts of the papers can draw; what they cannot is never left to chance."""

import unicodedata

#: In place of a sign that no font here has: an accessible PDF must not hold holes.
SUBSTITUTE = "?"
_LATIN = "".join(chr(code) for code in range(0x20, 0x7F))
_RUSSIAN = "".join(chr(code) for code in range(0x410, 0x450)) + "Ёё"
_MARKS = "§«°±²³·»×–—‘’“”„•…‹›₽№→−≈≤≥\N{NO-BREAK SPACE}\N{NON-BREAKING HYPHEN}\N{NARROW NO-BREAK SPACE}\N{THIN SPACE}"
#: Letters of the neighbours and of the peoples of Russia.
_MORE_CYRILLIC = (
    "ЂЃЄЅІЇЈЉЊЋЌЎЏђѓєѕіїјљњћќўџҐґҒғҔҕҖҗҘҙҚқҜҝҠҡҢңҤҥҪҫҮүҰұҲҳҶҷҸҹҺһӀӃӄӇӈӋӌӏӐӑӒӓӔӕӖӗӘәӚӛӜӝӞӟӢӣӤӥӦӧӨөӪӫӮӯӰӱӲӳӴӵӸӹԒԓ"
)
ALPHABET = frozenset(_LATIN + _RUSSIAN + _MARKS + _MORE_CYRILLIC)


def printable(text: str) -> str:
    """Return the text in signs that the fonts have: `Zoë` is `Zoe`, an emoji a question mark, a line break a space."""
    return "".join(_drawn(sign) for sign in unicodedata.normalize("NFC", text)).strip()


def _drawn(sign: str) -> str:
    if sign in ALPHABET:
        return sign
    if sign.isspace():
        return " "
    if unicodedata.category(sign) in {"Mn", "Cf", "Cc"}:
        return ""
    bare = "".join(part for part in unicodedata.normalize("NFKD", sign) if part in ALPHABET)
    return bare or SUBSTITUTE

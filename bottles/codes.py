"""Codes on crates: serials with a check character, GRAI, and the GS1 Digital Link a QR carries.

References
----------
GS1 General Specifications, release 24: GRAI (application identifier 8003), check digit (7.9).
ISO/IEC 7064:2003, system MOD 37,36: one check character over 0-9 A-Z; finds every slip and nearly every swap of neighbours.
"""

import re
from datetime import datetime

from biip import ParseError
from biip.gs1_digital_link_uris import GS1DigitalLinkURI

from .errors import Invalid, say

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
SERIAL = re.compile(r"[0-9A-Z]{4,16}")
AZERTY_DIGITS = str.maketrans("à&é\"'(-è_ç", "0123456789")
"""What a keyboard scanner types for digits when the phone or computer believes it has a French keyboard."""


def uuid7(at: datetime, randomness: int) -> str:
    """Make a UUIDv7: 48 bits of Unix milliseconds, then 74 of the 80 random bits given (RFC 9562, 5.7)."""
    milliseconds = int(at.timestamp() * 1000) & (1 << 48) - 1
    high, low = (randomness >> 62) & 0xFFF, randomness & (1 << 62) - 1
    text = f"{milliseconds << 80 | 0x7 << 76 | high << 64 | 0b10 << 62 | low:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def check_digit(digits: str) -> str:
    """Return the GS1 check digit of digits, weights 3 and 1 from the right."""
    total = sum(int(d) * (3 if i % 2 == 0 else 1) for i, d in enumerate(reversed(digits)))
    return str(-total % 10)


def check_character(body: str) -> str:
    """Return the ISO 7064 MOD 37,36 check character of a text over 0-9 A-Z."""
    carry = 36
    for character in body:
        carry = (carry + ALPHABET.index(character)) % 36 or 36
        carry = carry * 2 % 37
    return ALPHABET[(37 - carry) % 36]


def serial(number: int, letter: str = "J") -> str:
    """Make the serial of the n-th crate: a letter, six digits, a check character ("J000042" and one more)."""
    body = f"{letter}{number:06d}"
    return body + check_character(body)


def by_eye(code: str) -> str:
    """Space a serial so that a person reads it in groups: "J000 042K"."""
    return f"{code[:4]} {code[4:]}"


def is_ours(code: str) -> bool:
    """Say whether a serial bears a right check character."""
    return bool(SERIAL.fullmatch(code)) and check_character(code[:-1]) == code[-1]


def grai(asset_type: str, code: str) -> str:
    """Return the GRAI of a crate: "0", the 12 digits of our asset type, its check digit, the serial."""
    return f"0{asset_type}{check_digit(asset_type)}{code}"


def digital_link(host: str, asset_type: str, code: str) -> str:
    """Return the link a crate's QR carries, in capitals so that the QR needs only its compact alphabet."""
    return f"HTTPS://{host.upper()}/8003/{grai(asset_type, code)}"


def read(text: str) -> str:
    """Return the serial in what was scanned or typed: our link, a bare serial, with spaces, in any case, on any keyboard.

    Raises
    ------
    Invalid
        The text is no code of a crate, or its check character says it was misread.
    """
    typed = text.strip()
    if "8003/" in typed:
        return _checked(_serial_of_link(typed))
    if not re.search(r"\d", typed):
        typed = typed.translate(AZERTY_DIGITS)
    return _checked(re.sub(r"[\s.-]", "", typed).upper())


def _checked(code: str) -> str:
    if not SERIAL.fullmatch(code):
        raise Invalid(
            say("“%(code)s” is not the code of a crate: scan the QR, or type the letters and digits under it."), code=code
        )
    if not is_ours(code):
        raise Invalid(say("“%(code)s” was misread or mistyped: read it again."), code=code)
    return code


def _serial_of_link(link: str) -> str:
    tail = link[link.index("8003/") + 5 :]
    try:
        # the library wants a lower-case scheme and host, and does not mind whose host it is
        parsed = GS1DigitalLinkURI.parse(f"https://id.example/8003/{tail.upper()}")
    except ParseError as error:
        raise Invalid(
            say("“%(code)s” is not the code of a crate: scan the QR, or type the letters and digits under it."), code=link
        ) from error
    element = parsed.element_strings[0].value
    if check_digit(element[1:13]) != element[13]:
        raise Invalid(say("“%(code)s” was misread or mistyped: read it again."), code=link)
    return element[14:]

"""Codes on crates: serials with a check character, GRAI, and the GS1 Digital Link a QR carries.

A crate's code is the serial of its first label. A label printed anew bears a letter more, so that each edition can be told
from the others and all of them still name the same crate, with no list at hand. A crate of another network is called by its
whole GRAI.

References
----------
GS1 General Specifications, release 24: GRAI (application identifier 8003), check digit (7.9).
ISO/IEC 7064:2003, system MOD 37,36: one check character over 0-9 A-Z; finds every slip and nearly every swap of neighbours.
"""

import re
from collections.abc import Iterator
from datetime import datetime

from biip import ParseError
from biip.gs1_digital_link_uris import GS1DigitalLinkURI

from .errors import Invalid, say

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
SERIAL = re.compile(r"[0-9A-Z]{4,16}")
PRINTED = re.compile(r"([A-Z]\d{6,12})([B-Z])?([0-9A-Z])")
"""A serial as it is printed: letter and number, the edition from the second on, the check character."""
FOREIGN = re.compile(r"0\d{13}[!-~]{1,16}")
"""A whole GRAI: a nought, the asset type with its check digit, the operator's own serial."""
LAST_EDITION = 26
TYPED_AS = (
    str.maketrans("&é\"'(-è_çàaqzwmAQZWM?;:!§)", "1234567890qawz;QAWZ:M,./?-"),
    str.maketrans("&é\"'(-è_çà", "1234567890"),
    str.maketrans("!@#$%^&*()aqzw;AQZW:", "1234567890qawzmQAWZM"),
    str.maketrans("!@#$%^&*()", "1234567890"),
)
"""What a keyboard scanner meant, when it and the computer disagree on who is French: an AZERTY computer, its digit row
alone, a QWERTY computer, its digit row alone. A reading counts only when its check character is right."""

MISREAD = say("“%(code)s” was misread or mistyped: read it again.")
NO_CODE = say("“%(code)s” is not the code of a crate: scan the QR, or type the letters and digits under it.")


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


def serial(number: int, letter: str = "J", *, edition: int = 1) -> str:
    """Make the serial of the n-th crate: a letter, six digits, a check character ("J000042" and one more).

    From the second edition of its label on, a letter from B to Z stands before the check character.
    """
    body = f"{letter}{number:06d}{'' if edition == 1 else ALPHABET[9 + edition]}"
    return body + check_character(body)


def label(code: str, edition: int) -> str:
    """Return what the n-th edition of a crate's label says."""
    return code if edition == 1 else serial(int(code[1:-1]), code[0], edition=edition)


def printed(text: str) -> tuple[str, int]:
    """Return the crate that a serial names, and the edition of its label; another network's code is its own first edition.

    Raises
    ------
    Invalid
        It looks like one of our serials or like a GRAI, and its check says that it was misread.
    """
    if ours := PRINTED.fullmatch(text):
        body, letter, check = ours.groups()
        if check_character(body + (letter or "")) != check:
            raise Invalid(MISREAD, code=text)
        return (text, 1) if letter is None else (body + check_character(body), ALPHABET.index(letter) - 9)
    if FOREIGN.fullmatch(text) and check_digit(text[1:13]) != text[13]:
        raise Invalid(MISREAD, code=text)
    return text, 1


def by_eye(code: str) -> str:
    """Space a code so that a person reads it in groups: "J000 042K", "03700000000015 A17"."""
    group = 14 if is_foreign(code) else 4
    return f"{code[:group]} {code[group:]}"


def is_ours(code: str) -> bool:
    """Say whether a serial bears a right check character."""
    return bool(SERIAL.fullmatch(code)) and check_character(code[:-1]) == code[-1]


def is_foreign(code: str) -> bool:
    """Say whether a code is a whole GRAI, as crates of other networks are called."""
    return bool(FOREIGN.fullmatch(code))


def grai(asset_type: str, code: str) -> str:
    """Return the GRAI of a crate: "0", the 12 digits of our asset type, its check digit, the serial."""
    return code if is_foreign(code) else f"0{asset_type}{check_digit(asset_type)}{code}"


def digital_link(host: str, asset_type: str, code: str) -> str:
    """Return the link a crate's QR carries, in capitals so that the QR needs only its compact alphabet."""
    return f"HTTPS://{host.upper()}/8003/{grai(asset_type, code)}"


def read(text: str, ours: str) -> str:
    """Return the crate's code in what was scanned or typed: a link, a bare serial, with spaces, in any case, on any keyboard.

    Parameters
    ----------
    text
        What the camera read, or the keys that were pressed.
    ours
        The 12 digits of our own asset type; a link with another one names a crate of another network by its whole GRAI.

    Raises
    ------
    Invalid
        The text is no code of a crate, or its check character says it was misread.
    """
    return read_label(text, ours)[0]


def read_label(text: str, ours: str) -> tuple[str, int]:
    """Return the crate in what was scanned or typed, and the edition of its label; see `read`."""
    refusals = []
    for meant in _meanings(text.strip()):
        try:
            return _read(meant, ours)
        except Invalid as refusal:
            refusals.append(refusal)
    raise refusals[0]


def read_serial(text: str, ours: str) -> str:
    """Return the serial on the label that was scanned or typed, which tells its edition too; see `read`."""
    return label(*read_label(text, ours))


def _meanings(typed: str) -> Iterator[str]:
    """Yield what was typed, then what it may have been meant to be."""
    yield typed
    # a serial has more digits than anything else: where none came through, the keyboards did not agree
    if not re.search(r"\d{3}", typed):
        yield from (typed.translate(keys) for keys in TYPED_AS)


def _read(typed: str, ours: str) -> tuple[str, int]:
    named = (
        _in_link(typed) if "8003/" in typed else re.sub(r"^(\]C1|\x1d)?\(?8003\)?(?=0\d{13})", "", re.sub(r"[\s.-]", "", typed))
    )
    if is_foreign(named):
        if check_digit(named[1:13]) != named[13]:
            raise Invalid(MISREAD, code=typed)
        if named[1:13] != ours:
            return named, 1
        named = named[14:]
    code = named.upper()
    if not SERIAL.fullmatch(code):
        raise Invalid(NO_CODE, code=typed)
    if not is_ours(code):
        raise Invalid(MISREAD, code=typed)
    return printed(code)


def _in_link(link: str) -> str:
    """Return the GRAI in a Digital Link, whoever's host it names."""
    tail = link[link.index("8003/") + 5 :]
    try:
        # the library wants a lower-case scheme and host, and does not mind whose host it is
        parsed = GS1DigitalLinkURI.parse(f"https://id.example/8003/{tail}")
    except ParseError as error:
        raise Invalid(NO_CODE, code=link) from error
    return parsed.element_strings[0].value

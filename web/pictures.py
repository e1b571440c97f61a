"""Draws anew the pictures that people send: upright, at most 1,600 pixels, without what they say of place and camera."""

import hashlib
from io import BytesIO
from threading import Lock

from PIL import Image, ImageOps

from bottles.errors import say
from bottles.photos import Picture

from .errors import NoPicture, TooLarge

BYTES = 8 * 1024 * 1024
"""The largest picture that is taken."""

LONGEST, SMALL = 1600, 640
"""Pixels of the longest side, and of the small one's: a list shows it, and a phone keeps it for a hill without network."""

PIXELS = {"JPEG": 50_000_000, "PNG": 20_000_000, "WEBP": 20_000_000}
"""Pixels that are drawn at most; a JPEG's are read eight to one where that is enough."""

SCANS = 64
"""Passes over a JPEG; a camera makes one, a page's picture ten, and each of a thousand costs as much as the first."""

_desk = Lock()
"""Held while a picture is unfolded."""


def digest(body: bytes) -> str:
    """Return the name that an event has for a picture."""
    return hashlib.sha256(body).hexdigest()


def draw(body: bytes) -> Picture:
    """Read what was sent, and draw it anew.

    Raises
    ------
    NoPicture
        It is no JPEG, PNG or WebP, or it breaks off.
    TooLarge
        It would unfold to more than we draw.
    """
    if len(body) > BYTES:
        raise TooLarge(TOO_LARGE)
    try:
        # the worst takes 300 MB: of many at once a small machine would have no memory left
        with _desk, Image.open(BytesIO(body), formats=list(PIXELS)) as image:
            _measure(image, body)
            drawn = _drawn(image)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as bomb:
        raise TooLarge(UNFOLDS) from bomb
    except TooLarge:
        raise
    except Exception as wrong:
        # what a wrong byte leads a decoder to raise is nowhere written down
        raise NoPicture(say("This is no picture we can read: send a JPEG, PNG or WebP that is whole.")) from wrong
    small = drawn.copy()
    small.thumbnail((SMALL, SMALL))
    return Picture("image/jpeg", drawn.width, drawn.height, _written(drawn, 82), _written(small, 70))


TOO_LARGE = say("This picture is too large: send at most 8 megabytes.")
UNFOLDS = say("This picture has more pixels than we draw: make it smaller and send it again.")


def _measure(image: Image.Image, body: bytes) -> None:
    most = PIXELS.get(image.format or "", PIXELS["JPEG"])  # a phone's JPEG of several pictures has a name of its own
    if image.width * image.height > most or (body.startswith(b"\xff\xd8") and body.count(b"\xff\xda") > SCANS):
        raise TooLarge(UNFOLDS)


def _drawn(image: Image.Image) -> Image.Image:
    image.draft("RGB", (LONGEST, LONGEST))
    image.load()
    image.thumbnail((LONGEST, LONGEST))
    upright = ImageOps.exif_transpose(image)
    flat = Image.new("RGB", upright.size, "white")
    seen = upright.convert("RGBA") if upright.has_transparency_data else upright.convert("RGB")
    # a new image has none of the old one's words: comments, position, what made it
    flat.paste(seen, mask=seen if seen.mode == "RGBA" else None)
    return flat


def _written(image: Image.Image, quality: int) -> bytes:
    out = BytesIO()
    image.save(out, "JPEG", quality=quality, optimize=True)
    return out.getvalue()

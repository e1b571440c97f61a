"""Pictures that nobody should send: what is none, what breaks off, what unfolds, what is two things at once."""

import struct
import zlib
from io import BytesIO

import pytest
from PIL import Image
from sqlmodel import select

from bottles.db import reading
from bottles.people import Role
from bottles.photos import Photo
from web import pictures
from web.errors import NoPicture

from .api_clients import program
from .photos_sent import drawn, phone, put, sent, told

__all__ = ["phone", "program"]


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width: int, height: int, *, chunks: bytes = b"") -> bytes:
    """Write a PNG that says it is so large, in a few kilobytes."""
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunks + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")


def saved(kind: str, **options) -> bytes:
    out = BytesIO()
    Image.new("RGB", (64, 64)).save(out, kind, **options)
    return out.getvalue()


def scans(count: int) -> bytes:
    """Write a JPEG whose one pass is told again and again."""
    body = drawn()
    begin = body.rindex(b"\xff\xda")
    return body[:begin] + body[begin:-2] * count + body[-2:]


NONE = {
    "nothing": b"",
    "a text": b"hello",
    "a GIF": saved("GIF"),
    "a BMP": saved("BMP"),
    "a TIFF": saved("TIFF"),
    "an icon": saved("ICO"),
    "an SVG": b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
    "a page": b"<!doctype html><script>alert(1)</script>",
    "a PDF": b"%PDF-1.7\n1 0 obj\n<<>>\nendobj",
    "an archive": b"PK\x03\x04" + bytes(200),
    "PostScript": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n",
    "a JPEG that breaks off": drawn()[:-400],
    "a JPEG of its first bytes": drawn()[:20],
    "a PNG that breaks off": drawn(kind="PNG")[:-60],
    "a WebP that breaks off": drawn(kind="WEBP")[:-60],
    "a PNG without a picture": png(1000, 1000),
    "a PNG whose words unfold": png(8, 8, chunks=chunk(b"zTXt", b"k\0\0" + zlib.compress(bytes(80_000_000)))),
    "a PNG of no width": png(0, 10),
    "noise that says it is a JPEG": b"\xff\xd8\xff\xe0" + bytes(range(256)) * 40,
}

LARGE = {
    "a PNG of 2.5 thousand million pixels": png(50_000, 50_000),
    "a PNG of 100 million pixels": png(10_000, 10_000),
    "a PNG a little too large": png(5000, 4001),
    "a JPEG of a thousand passes": scans(1000),
    "a JPEG that says it is 65,000 wide": drawn().replace(struct.pack(">HH", 200, 400), struct.pack(">HH", 65_000, 65_000)),
    "nine megabytes": drawn() + bytes(9 * 1024 * 1024),
}


WORST = {name: (415, body) for name, body in NONE.items()} | {name: (413, body) for name, body in LARGE.items()}


def test_one_picture_is_drawn_at_a_time_and_a_bad_one_leaves_the_desk_free(monkeypatch):
    """A large one takes 300 MB while it is drawn."""
    free = []
    drawn_as_ever = pictures._drawn

    def watched(image):
        # another thread would come in here, if it could
        free.append(pictures._desk.acquire(blocking=False))
        return drawn_as_ever(image)

    monkeypatch.setattr(pictures, "_drawn", watched)

    with pytest.raises(NoPicture):
        pictures.draw(drawn()[:-400])
    pictures.draw(drawn())

    assert free == [False, False]


@pytest.mark.parametrize(("status", "body"), WORST.values(), ids=WORST)
def test_what_is_no_picture_or_too_large_is_refused_with_a_sentence_and_not_kept(phone, territory_engine, status, body):
    answer = put(phone, told(phone, body), body)

    assert answer.status_code == status
    assert answer.json["sentence"]
    assert "Nothing was" in answer.json["todo"] or status == 415
    with reading(territory_engine) as session:
        assert session.exec(select(Photo)).all() == []


def test_a_picture_in_chunks_is_read_and_its_limit_holds(phone):
    chunked = {"environ_overrides": {"wsgi.input_terminated": True, "CONTENT_LENGTH": "", "HTTP_TRANSFER_ENCODING": "chunked"}}
    good, large = drawn(), LARGE["nine megabytes"]

    assert put(phone, told(phone, good), good, **chunked).status_code == 200
    assert put(phone, told(phone, large), large, **chunked).status_code == 413


@pytest.mark.parametrize("tail", [b"<script>alert(1)</script>", b"PK\x03\x04 an archive", b"%PDF-1.7"])
def test_of_a_picture_that_is_something_else_besides_only_the_picture_is_left(phone, sign_in, tail):
    event = sent(phone, drawn(comment=tail) + tail)

    answer = sign_in(Role.COORDINATOR).get(f"/photos/{event}")

    assert tail not in answer.data
    assert (answer.mimetype, answer.headers["X-Content-Type-Options"]) == ("image/jpeg", "nosniff")


def test_a_moving_picture_stands_still(phone, sign_in):
    frames = [Image.new("RGB", (64, 64), colour) for colour in ("red", "blue", "green")]
    out = BytesIO()
    frames[0].save(out, "WEBP", save_all=True, append_images=frames[1:])
    event = sent(phone, out.getvalue())

    assert getattr(Image.open(BytesIO(sign_in(Role.COORDINATOR).get(f"/photos/{event}").data)), "n_frames", 1) == 1


@pytest.mark.parametrize("mode", ["L", "CMYK", "P", "1", "I;16", "LA", "F"])
def test_however_its_colours_are_told_a_picture_is_drawn(mode):
    out = BytesIO()
    kind = {"CMYK": "JPEG"}.get(mode, "PNG")
    Image.new("L" if mode == "F" else mode, (40, 30)).save(out, kind)

    assert pictures.draw(out.getvalue())[1:3] == (40, 30)


def test_words_of_a_camera_that_make_no_sense_spoil_no_server(phone):
    body = drawn(exif=b"Exif\0\0MM\0*\0\0\0\x08\xff\xff" + bytes(range(256)) * 8)

    assert put(phone, told(phone, body), body).status_code in (200, 415)

"""What tests of pictures share: pictures as phones make them, and a phone that hands them in."""

import hashlib
from io import BytesIO

import pytest
from PIL import Image
from PIL.ExifTags import GPS, IFD, Base

from bottles.people import Role

from .api_clients import DEVICE, Program, receipts

LEFT, RIGHT = (200, 30, 30), (30, 30, 200)


def drawn(width=400, height=200, kind="JPEG", **options) -> bytes:
    """Draw a picture whose left half is red and whose right half is blue."""
    image = Image.new("RGB", (width, height), LEFT)
    image.paste(RIGHT, (width // 2, 0, width, height))
    out = BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def located(orientation=1, **options) -> bytes:
    """Draw a picture that says where and with what it was taken, in every place a JPEG has for it."""
    exif = Image.Exif()
    exif[Base.Orientation] = orientation
    exif[Base.Make] = "Secret phone"
    exif.get_ifd(IFD.GPSInfo).update({GPS.GPSLatitudeRef: "N", GPS.GPSLatitude: (46.0, 54.0, 12.5)})
    return drawn(exif=exif, comment=b"Secret comment", xmp=b"<x>Secret xmp</x>", **options)


def name_of(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


def put(phone: Program, event: str, body: bytes, **options):
    return phone.call(f"/api/v1/events/{event}/photo", "PUT", data=body, content_type="image/jpeg", **options)


def told(phone: Program, body: bytes, **facts) -> str:
    """Tell of a photo, and return its event."""
    event = phone.note(kind="photo", photo=name_of(body)) | {"note": None} | facts
    assert receipts(phone.send({key: value for key, value in event.items() if value is not None})) == ["kept"]
    return event["id"]


def sent(phone: Program, body: bytes, **facts) -> str:
    """Tell of a photo and hand it in."""
    event = told(phone, body, **facts)
    assert put(phone, event, body).json == {"id": event, "receipt": "kept"}
    return event


@pytest.fixture
def phone(program) -> Program:
    return program(Role.DRIVER, DEVICE)

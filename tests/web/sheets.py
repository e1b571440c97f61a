"""Reads sheets of labels back, as a scanner and as a person do."""

from datetime import UTC, datetime

import pypdfium2
import zxingcpp
from PIL import Image

from bottles import codes
from bottles.codes import uuid7

from .centre_day import text
from .conftest import TUESDAY

NOON = datetime(2026, 10, 6, 10, 0, tzinfo=UTC)
DPI = 150
HOST = "BOUTEILLES.EXAMPLE"
ASSET, PREFIX = "999999900001", "9999999"


def pages(pdf: bytes, dpi: int = DPI) -> list[Image.Image]:
    return [page.render(scale=dpi / 72).to_pil().convert("L") for page in pypdfium2.PdfDocument(pdf)]


def words(pdf: bytes) -> str:
    return "".join(page.get_textpage().get_text_bounded() for page in pypdfium2.PdfDocument(pdf))


def read(page: Image.Image) -> list[str]:
    return [found.text for found in zxingcpp.read_barcodes(page)]


def serials(page: Image.Image) -> list[str]:
    return [codes.read(text, ASSET) for text in read(page)]


def printed(client, answer):
    """Follow an answer to its PDF, and return what the scanner reads on its first page."""
    assert answer.status_code == 303, text(answer)
    pdf = client.get(f"{answer.location}.pdf")
    assert pdf.mimetype == "application/pdf"
    return sorted(read(pages(pdf.data)[0]))


def an_id(number: int) -> str:
    return uuid7(TUESDAY, number)


def one(client, kind, number, **typed):
    data = {"copies": "2", "preset": "24", "start": "1", "event_id": an_id(20), **typed}
    return client.post(f"/centre/labels/{kind}/{number}", data=data)

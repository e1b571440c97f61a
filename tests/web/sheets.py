"""Reads sheets of labels back, as a scanner and as a person do."""

from datetime import UTC, datetime

import pypdfium2
import zxingcpp
from PIL import Image

from bottles import codes

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

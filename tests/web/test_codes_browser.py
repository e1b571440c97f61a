"""The code in a real browser: the office shows it, a scanner reads it off the screen, a thumb signs in with it."""

import io

import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import expect

from bottles.db import reading
from bottles.passes import DriverPass
from tests.browsers import DESK, PHONE

from .build_day import DAY

pytestmark = pytest.mark.browser


@pytest.fixture
def address(phone_server):
    return phone_server.address


@pytest.fixture
def address_of_ours(config):
    """The address the config says: codes name it, whatever the browser of the office has typed."""
    return config.server.public_url.rstrip("/")


@pytest.fixture
def office(phone):
    """Open a browser of the coordinator's, at some width."""
    return lambda width=DESK: phone(email="coordinator@example.org", width=width)


def scanned(screen) -> str:
    """Point a camera at the screen."""
    (found,) = zxingcpp.read_barcodes(Image.open(io.BytesIO(screen.screenshot())))
    return found.text


@pytest.mark.parametrize("width", [DESK, PHONE])
def test_a_code_is_read_off_the_screen_and_signs_the_phone_in(office, page, address, address_of_ours, width):
    screen = office(width)
    screen.goto(f"{address}/office/plan/{DAY}")
    screen.get_by_role("button", name="Code for the phone").click()
    expect(screen.get_by_role("img", name="Code to scan with the phone")).to_be_in_viewport(ratio=1)
    assert screen.evaluate("document.documentElement.scrollWidth <= innerWidth")

    where, secret = scanned(screen).split("#")
    assert where == f"{address_of_ours}/driver/in"
    phone, told = page(language="en"), []
    phone.on("request", lambda sent: told.append(sent.url + str(sent.headers.get("referer", ""))))
    phone.goto(f"{address}/driver/in#{secret}")
    button = phone.locator("#by-code button")
    assert button.bounding_box()["height"] >= 64
    assert secret not in phone.url
    button.tap()

    expect(screen.get_by_text("Signed in today at 9:00").first).to_be_visible()
    expect(screen.get_by_role("img", name="Code to scan with the phone")).to_have_count(0)
    expect(screen.get_by_text("Waits for the phone")).to_have_count(0)
    phone.goto(f"{address}/driver/in")
    assert told
    assert not any(secret in one for one in told)


def test_opening_the_code_without_a_tap_uses_nothing_up(office, page, address, phone_server):
    screen = office()
    screen.goto(f"{address}/office/plan/{DAY}")
    screen.get_by_role("button", name="Code for the phone").click()
    phone = page(language="en")

    phone.goto(f"{address}/driver/in#{scanned(screen).split('#')[1]}")

    expect(phone.get_by_role("button", name="Sign in")).to_be_visible()
    with reading(phone_server.engine) as session:
        assert session.get(DriverPass, 1).used_at is None


def test_without_a_code_and_without_scripts_the_page_says_what_to_do(page, address):
    bare, plain = page(language="en"), page(language="en", scripts=False)
    bare.goto(f"{address}/driver/in")
    plain.goto(f"{address}/driver/in#anything")

    expect(bare.get_by_text("Scan the code on the coordinator's screen")).to_be_visible()
    expect(bare.locator("#by-code")).to_be_hidden()
    expect(plain.get_by_text("allow JavaScript for this page")).to_be_visible()
    expect(plain.locator("#by-code")).to_be_hidden()

"""What the server gives the driver's app: a page for everybody, a list of all its parts, and its words."""

import gzip
import hashlib
import json
import re
from io import BytesIO

import pytest
from PIL import Image

from bottles.people import Role
from web import app_words, driver_assets


@pytest.fixture
def assets(client) -> dict[str, str]:
    listed = re.search(r"const ASSETS = (\{.*?\});", client.get("/driver/sw.js").text, re.DOTALL)
    return json.loads(listed.group(1))


def version(client) -> str:
    return re.search(r'const VERSION = "(\w+)"', client.get("/driver/sw.js").text).group(1)


def test_the_list_names_each_part_with_what_is_in_it(client, assets):
    for address, mark in assets.items():
        with client.get(address) as answer:
            assert (answer.status_code, hashlib.sha256(answer.data).hexdigest()) == (200, mark), address


def test_the_list_holds_all_that_the_page_loads(client, assets):
    page = client.get("/driver/").text

    loaded = re.findall(r'(?:href|src)="([^"]+)"', page.split("<noscript>")[0])
    assert len(loaded) > 5
    assert set(loaded) <= assets.keys()
    assert {"/driver/", "/driver/words-fr.json", "/driver/words-en.json"} <= assets.keys()


def test_a_part_is_the_same_whoever_asks_for_it_and_in_any_language(client, sign_in):
    driver = sign_in(Role.DRIVER)
    for address in ("/driver/", "/driver/sw.js", "/driver/words-fr.json", "/driver/manifest.webmanifest"):
        theirs = driver.get(address, headers={"Accept-Language": "fr", "Cookie": "language=fr"})

        assert theirs.data == client.get(address, headers={"Accept-Language": "en"}).data, address


def test_every_script_that_a_script_names_is_there():
    for name in driver_assets.scripts():
        assert (driver_assets.STATIC / name).is_file(), name


@pytest.mark.parametrize("changed", ["js/driver/words.js", "js/driver/sw.js", "css/field.css"])
def test_a_change_to_any_part_makes_another_version(client, make_app, monkeypatch, changed):
    before = version(client)
    path = driver_assets.STATIC / changed
    read_text, read_bytes = type(path).read_text, type(path).read_bytes
    more = f"{path.read_text()}\n// more"
    monkeypatch.setattr(type(path), "read_text", lambda self, **said: more if self == path else read_text(self, **said))
    monkeypatch.setattr(type(path), "read_bytes", lambda self: more.encode() if self == path else read_bytes(self))

    assert version(make_app().test_client()) != before


def test_the_manifest_opens_the_app_full_screen_with_icons_of_the_size_they_say(client):
    told = json.loads(client.get("/driver/manifest.webmanifest").data)

    assert (told["name"], told["start_url"], told["display"]) == ("J'aime mes bouteilles", "/driver/", "standalone")
    drawn = {(icon["sizes"], icon["purpose"]): icon["src"] for icon in told["icons"] if icon["type"] == "image/png"}
    assert drawn.keys() == {(size, purpose) for size in ("192x192", "512x512") for purpose in ("any", "maskable")}
    for (size, _purpose), address in drawn.items():
        with client.get(address) as answer:
            assert "{}x{}".format(*Image.open(BytesIO(answer.data)).size) == size


def test_the_words_come_in_the_language_of_the_address(client):
    french, english = (client.get(f"/driver/words-{language}.json").json for language in ("fr", "en"))

    assert english.keys() == french.keys()
    assert english["shell.new"] == "A new version is ready."


def test_a_language_nobody_offers_has_no_words(client):
    assert client.get("/driver/words-xx.json").status_code == 404


def test_no_name_stands_for_two_sentences():
    names = [name for screen in app_words.SCREENS for name in screen]

    assert len(names) == len(set(names))


NAMES = re.compile(r"""["'`]([a-z]+(?:\.[\w-]+)+)["'`]""")
"""How a script writes out the name of a sentence."""

BUILT = re.compile(
    r"changes\.(added|gone|fewer|cancelled|collect|drop|deliver)|count\.(collect|drop|deliver)|count\.(collect|drop)_of|kind\.\w+"
    r"|photo\.of_\w+|queue\.handover\.(shared|saved)|reason\.[\w-]+|scan\.(misread|no_code)|scan\.\w+_short"
    r"|scan\.(camera|title|was)_\w+|settings\.(hand|theme)_\w+|state\.\w+|stop\.scan_\w+|summary\.(of|sum)_\w+"
)
"""Names that scripts put together."""


@pytest.fixture
def scripts() -> str:
    return "\n".join(path.read_text(encoding="utf-8") for path in driver_assets.APP.rglob("*.js"))


def test_each_sentence_is_said_by_some_script(scripts):
    written = set(NAMES.findall(scripts))

    unsaid = {name for screen in app_words.SCREENS for name in screen if name not in written and not BUILT.fullmatch(name)}

    assert unsaid == set()


def test_each_sentence_that_a_script_asks_for_by_its_name_is_there(scripts):
    asked = set(re.findall(r"""\bt\(["'`]([a-z]+(?:\.[\w-]+)+)["'`]""", scripts))

    assert len(asked) > 100
    assert asked <= {name for screen in app_words.SCREENS for name in screen}


def test_all_that_a_phone_loads_is_under_250_kilobytes_compressed(client, assets):
    sizes = {}
    for address in assets:
        with client.get(address) as answer:
            sizes[address] = len(gzip.compress(answer.data))

    assert sum(sizes.values()) < 250_000, sorted(sizes.items(), key=lambda row: -row[1])[:10]


def test_the_page_names_every_script_the_app_cannot_begin_without(client):
    page = client.get("/driver/").text

    named = set(re.findall(r'rel="modulepreload" href="/static/([^"]+)"', page))
    assert named == set(driver_assets.first())
    assert {"js/driver/app.js", "js/driver/views/home.js", "vendor/lit-html/lit-html.js"} <= named
    assert {"vendor/leaflet/leaflet.js", "vendor/qr/decode.js", "js/driver/views/rest.js"}.isdisjoint(named)

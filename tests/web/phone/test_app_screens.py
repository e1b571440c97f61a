"""The driver's app as a thumb uses it: each screen, and what each act leaves with the server."""

import pytest
from playwright.sync_api import expect

from bottles.db import transaction
from bottles.routes import Task
from tests.phone import cut
from tests.web import build_day
from tests.web.build_day import CRATE

from .modules import STATIC
from .thumb import STATE, act, scan, screen, title, told

__all__ = ["screen", "told"]
pytestmark = pytest.mark.browser


def test_the_day_opens_with_what_comes_first_and_one_button_at_the_thumb(screen, phone_server):
    page = screen()

    expect(page.locator(".card-lead")).to_contain_text("Next: Domaine Chêne, Arbois")
    expect(page.locator(".day-progress")).to_contain_text("0 of 12")
    act(page)
    expect(title(page)).to_have_text("Loading list")
    act(page)
    expect(title(page)).to_have_text("Domaine Chêne")


def test_an_ordinary_stop_is_one_tap_and_the_next_one_is_there(screen, told, phone_server):
    page = screen(f"#/stop/{phone_server.day.stops[0]}")
    expect(title(page)).to_have_text("Domaine Chêne")

    act(page)

    expect(title(page)).to_have_text("Cellier 2")
    assert told(page) == [
        ("stop_reached", None, None, None, None, None),
        ("count", "collect", CRATE, 6, None, None),
        ("count", "drop", CRATE, 2, None, None),
        ("stop_done", None, None, None, None, None),
    ]


def test_the_second_tap_of_a_double_tap_ends_nothing(screen, told, phone_server):
    page = screen(f"#/stop/{phone_server.day.stops[0]}")
    expect(title(page)).to_have_text("Domaine Chêne")

    page.evaluate("() => { const button = document.querySelector('.thumb .main-act'); button.click(); button.click(); }")

    expect(title(page)).to_have_text("Cellier 2")
    assert [kind for kind, *_ in told(page)] == ["stop_reached", "count", "count", "stop_done"]


def test_ten_seconds_long_one_tap_takes_the_end_of_a_stop_back(screen, told, phone_server):
    page = screen(f"#/stop/{phone_server.day.stops[0]}")
    act(page)

    page.locator(".toast-undo").tap()

    expect(title(page)).to_have_text("Domaine Chêne")
    expect(page.locator(".page-head .badge")).to_have_text("There now")
    assert [kind for kind, *_ in told(page)] == ["stop_reached", "count", "count", "stop_done", "undo", "undo", "undo"]


def test_a_count_is_corrected_later_and_both_are_kept(screen, told, phone_server):
    stop = f"#/stop/{phone_server.day.stops[0]}"
    page = screen(stop)
    act(page)
    expect(title(page)).to_have_text("Cellier 2")
    page.evaluate("(hash) => { location.hash = hash; }", stop)

    page.get_by_role("button", name="Casier de 12, full, taken: one less").tap()
    act(page)

    expect(title(page)).to_have_text("Cellier 2")
    assert [(quantity) for kind, _, _, quantity, *_ in told(page) if kind == "count"] == [6, 2, 5, 2]


def test_a_stop_is_opened_anew_by_who_ended_it(screen, phone_server):
    stop = f"#/stop/{phone_server.day.stops[0]}"
    page = screen(stop)
    act(page)
    expect(title(page)).to_have_text("Cellier 2")
    page.evaluate("(hash) => { location.hash = hash; }", stop)

    page.get_by_role("button", name="Open this stop anew").tap()

    expect(page.locator(".page-head .badge")).to_have_text("There now")
    expect(page.locator(".day-progress")).to_contain_text("0 of 12")


def test_what_comes_and_goes_by_itself_moves_nothing_under_the_thumb(screen, phone_server):
    page = screen(f"#/stop/{phone_server.day.stops[0]}")
    act(page)
    expect(title(page)).to_have_text("Cellier 2")
    toast = page.locator(".toast")
    expect(toast).to_be_visible()
    before = page.get_by_role("link", name="Navigate").bounding_box()
    assert toast.bounding_box()["y"] + toast.bounding_box()["height"] < page.locator(".thumb .main-act").bounding_box()["y"]

    # by its place as a finger does: tap() may first scroll what it taps into the middle, and here nothing is to move
    box = page.get_by_role("button", name="Close").bounding_box()
    page.touchscreen.tap(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)

    expect(toast).to_have_count(0)
    assert page.get_by_role("link", name="Navigate").bounding_box() == before


def test_what_is_asked_comes_into_sight_wherever_the_driver_was(screen, phone_server):
    page = screen(f"#/stop/{phone_server.day.stops[0]}/problem")
    page.get_by_text("Another type of crate").scroll_into_view_if_needed()
    expect(page.get_by_label("Closed, nobody there")).not_to_be_in_viewport()

    page.get_by_role("button", name="Not done at all").tap()

    expect(page.get_by_role("alert")).to_be_in_viewport()


def test_what_waits_says_which_crates_were_counted(screen, phone_server):
    page = screen(f"#/stop/{phone_server.day.stops[0]}")
    cut(page)
    act(page)
    expect(title(page)).to_have_text("Cellier 2")

    page.evaluate("() => { location.hash = '#/queue'; }")

    expect(page.locator(".queue-list")).to_contain_text("Full crates taken Domaine Chêne · 6")
    expect(page.locator(".queue-list")).to_contain_text("Empty crates left Domaine Chêne · 2")


def test_who_drives_nothing_is_shown_the_way_to_their_own_page(phone, phone_server):
    page = phone(email="coordinator@example.org")

    page.goto(f"{phone_server.address}/driver/")

    expect(page.locator(".empty")).to_contain_text("You are signed in as somebody else")
    expect(page.get_by_role("link", name="Go to your own page")).to_have_attribute("href", "/")


def test_a_missed_stop_says_why_and_counts_nothing(screen, told, phone_server):
    page = screen(f"#/stop/{phone_server.day.stops[0]}/problem")
    missed = page.get_by_role("button", name="Not done at all")
    missed.tap()
    expect(page.get_by_role("alert")).to_contain_text("Choose a reason")

    page.get_by_label("Something else").check()
    missed.tap()
    expect(page.get_by_role("alert")).to_contain_text("in a few words")
    page.get_by_label("In your words").fill("The road is flooded")
    missed.tap()

    expect(title(page)).to_have_text("Cellier 2")
    assert told(page)[-1] == ("stop_missed", None, None, None, "other", "The road is flooded")


def test_a_stop_done_in_part_starts_from_what_was_done_so_far(screen, told, phone_server):
    page = screen(f"#/stop/{phone_server.day.stops[0]}/problem")

    page.get_by_label("The van is full").check()
    page.get_by_label("Casier de 12 asked: 6").fill("4")
    page.get_by_role("button", name="Partly done").tap()

    expect(title(page)).to_have_text("Cellier 2")
    assert told(page)[-3:] == [
        ("count", "collect", CRATE, 4, None, None),
        ("count", "drop", CRATE, 0, None, None),
        ("stop_partly", None, None, None, "van-full", None),
    ]


def test_a_killed_page_opens_at_the_same_step_with_what_was_typed(screen, phone_server):
    page = screen(f"#/stop/{phone_server.day.stops[0]}/problem")
    page.get_by_label("Not safe").check()
    page.get_by_label("In your words").fill("Ice on the ramp")
    again = page.context.new_page()
    page.close()

    screen(on=again)

    expect(title(again)).to_have_text("What stopped you?")
    expect(again.get_by_label("Not safe")).to_be_checked()
    expect(again.get_by_label("In your words")).to_have_value("Ice on the ramp")


def test_without_network_nothing_is_greyed_out_and_the_state_line_says_what_waits(screen, told, phone_server):
    page = screen(f"#/stop/{phone_server.day.stops[0]}")
    expect(page.locator(STATE)).to_contain_text("All sent")
    cut(page)

    act(page)

    expect(title(page)).to_have_text("Cellier 2")
    expect(page.locator(STATE)).to_contain_text("No network · 4 to send")
    expect(page.locator(":disabled")).to_have_count(0)
    page.locator(STATE).tap()
    expect(page.locator(".queue-list li")).to_have_count(4)
    page.context.set_offline(False)
    assert len(told(page)) == 4


def test_ticks_of_the_loading_list_stay_on_the_phone(screen, phone_server):
    page = screen("#/load")
    expect(page.locator(".card h2").first).to_have_text("Cave Exemple")
    page.get_by_role("checkbox").first.check()
    again = page.context.new_page()
    page.close()

    screen("#/load", on=again)

    expect(again.get_by_role("checkbox").first).to_be_checked()
    assert phone_server.told() == []


def test_a_stop_that_nobody_planned_is_found_by_its_name_and_done(screen, told, phone_server):
    with transaction(phone_server.engine) as session:
        spare = build_day.Point(id="spare", partner="domaine-chene", kind=build_day.PointKind.WINERY, name="Cave du Détour",
                                town="Pupillin", postcode="39600", lat=46.88, lon=5.76, hours=build_day.ALL_WEEK)  # fmt: skip
        session.add(spare)
    page = screen("#/add")

    page.get_by_label("Name or town").fill("detour")
    page.get_by_role("button", name="Cave du Détour").tap()
    expect(title(page)).to_have_text("Cave du Détour")
    page.get_by_text("Count what you take and leave").tap()
    page.get_by_label("Casier de 12, full, taken", exact=True).fill("3")
    act(page)

    expect(page.locator(".day-progress")).to_contain_text("1 of 13")
    assert [kind for kind, *_ in told(page)] == ["stop_added", "stop_reached", "count", "stop_done"]


def test_a_place_that_no_list_knows_becomes_a_note_to_the_office(screen, told):
    page = screen("#/add")

    page.get_by_label("Name or town").fill("Château Inconnu")
    page.get_by_role("button", name="Write the office a note").tap()
    expect(title(page)).to_have_text("My route")

    assert [(kind, note) for kind, *_, note in told(page)] == [
        ("note", "I stopped at a place that is not in the list: Château Inconnu")
    ]


def test_the_route_closes_when_the_balance_is_zero_or_explained(screen, told, phone_server):
    page = screen("#/summary")
    page.get_by_role("button", name="Close the route").tap()
    expect(page.get_by_role("alert")).to_contain_text("in a few words")

    page.get_by_label("Explain the difference").fill("Snow")
    page.get_by_role("button", name="washed: one less").first.tap()
    page.get_by_role("button", name="Close the route").tap()

    expect(page.locator(".main")).to_contain_text("Closed at")
    ((kind, *_, note),) = told(page)
    assert (kind, note) == ("route_closed", "Snow · Jura tradition 75 cl: 1")


def test_a_new_plan_is_told_in_words_until_it_was_seen(screen, phone_server):
    page = screen()
    expect(page.locator(".changes")).to_have_count(0)
    with transaction(phone_server.engine) as session:
        tasks = [[session.get(Task, key)] for key in phone_server.day.tasks[1:3]]
        build_day.plan(session, tasks)

    screen(on=page)

    expect(page.locator(".changes")).to_contain_text("Domaine Chêne is no longer on your route.")
    page.get_by_role("button", name="I have seen it").tap()
    expect(page.locator(".changes")).to_have_count(0)
    screen(on=page)
    expect(page.locator(".day-progress")).to_be_visible()
    expect(page.locator(".changes")).to_have_count(0)


def test_what_was_done_under_the_plan_before_stays_on_the_phone(screen, told, phone_server):
    page = screen(f"#/stop/{phone_server.day.stops[0]}")
    cut(page)
    act(page)
    expect(title(page)).to_have_text("Cellier 2")
    with transaction(phone_server.engine) as session:
        build_day.plan(session, [[session.get(Task, key)] for key in phone_server.day.tasks[1:3]])
    page.context.set_offline(False)

    screen("#/", on=page)

    expect(page.locator(".day-progress")).to_contain_text("1 of 3")
    assert len(told(page)) == 4


def test_settings_stay_and_the_language_changes_at_once(screen):
    page = screen("#/settings")

    page.get_by_label("For bright sun").check()
    page.get_by_label("the left hand").check()
    page.get_by_label("Français").check()
    expect(page.locator("html")).to_have_attribute("lang", "fr")
    page.reload()

    expect(page.locator("html")).to_have_attribute("data-theme", "sun")
    expect(page.locator("body")).to_have_class("field left")
    expect(page.locator("html")).to_have_attribute("lang", "fr")


def test_signing_out_with_something_unsent_warns_first(screen, phone_server):
    page = screen(f"#/stop/{phone_server.day.stops[0]}")
    cut(page)
    act(page)
    expect(title(page)).to_have_text("Cellier 2")

    page.evaluate("() => { location.hash = '#/settings'; }")

    expect(page.locator(".notice")).to_contain_text("4 acts are not sent yet")
    expect(page.get_by_role("button", name="Sign out", exact=True)).to_be_hidden()
    page.context.set_offline(False)


def test_signing_out_leaves_no_picture_of_a_place_behind(screen):
    page = screen("#/settings")
    page.evaluate("() => caches.open('places').then((places) => places.put('/photos/x/small', new Response('x')))")

    page.get_by_role("button", name="Sign out", exact=True).click()
    page.wait_for_url(lambda url: "/driver" not in url)

    assert page.evaluate("() => caches.has('places')") is False


def test_the_map_names_every_stop_in_its_list_and_opens_one_by_tapping_it(screen, phone_server):
    page = screen("#/map")

    expect(page.locator(".map-stop-number")).to_have_count(12)
    page.get_by_role("link", name="3. Cellier 3").tap()

    expect(title(page)).to_have_text("Cellier 3")


def test_each_crate_is_scanned_at_the_stop_and_counts_there(screen, told, phone_server):
    page = screen(f"#/stop/{phone_server.day.stops[0]}/scan/collect")
    expect(page.locator(".scan-count b")).to_have_text("0")

    for code in phone_server.made.crates[:3]:
        scan(page, code)

    expect(page.locator(".scan-count b")).to_have_text("3")
    page.get_by_role("link", name="Finish scanning").tap()
    expect(page.locator(".tile").first).to_contain_text("3 of 6 scanned")
    assert [kind for kind, *_ in told(page)] == ["stop_reached", "scan", "scan", "scan"]


def test_a_code_typed_on_a_screen_that_tells_no_keys_waits_for_a_yes(screen, told, phone_server):
    page = screen(f"#/stop/{phone_server.day.stops[0]}/scan/collect")
    page.locator("#code").tap()
    page.locator("#code").fill("NOT-OURS-1")

    page.get_by_role("button", name="Add").tap()

    expect(page.get_by_role("button", name="Count it all the same")).to_be_visible()
    assert told(page) == []


@pytest.mark.parametrize("where", ["guide", "queue", "settings", "map", "load", "summary", "add"])
def test_every_screen_has_one_title_words_for_all_it_says_and_a_name_for_each_control(screen, where):
    page = screen(f"#/{where}")
    expect(page.locator(".back")).to_be_visible()

    assert page.locator("h1").count() == 1
    assert page.evaluate("() => document.body.innerText.match(/\\b[a-z]+\\.[a-z_]{3,}\\b/g)") is None
    unnamed = page.evaluate(
        "() => [...document.querySelectorAll('button, a, input, textarea')].filter((node) => "
        "!node.innerText?.trim() && !node.ariaLabel && !node.labels?.length && !node.alt && node.type !== 'hidden').length"
    )
    assert unnamed == 0


def test_a_photo_and_a_signature_stay_with_the_stop_they_were_made_at(screen, told, phone_server):
    stop = f"#/stop/{phone_server.day.stops[0]}"
    page = screen(f"{stop}/photo")
    page.locator("#photo").set_input_files(STATIC / "icons" / "app-180.png")
    expect(page.get_by_role("status").filter(has_text="1 photo of this stop")).to_be_visible()

    page.evaluate("(hash) => { location.hash = hash; }", f"{stop}/signature")
    page.get_by_label("Name of who signs").fill("Camille Chêne")
    act(page)

    expect(title(page)).to_have_text("Domaine Chêne")
    assert [(kind, note) for kind, *_, note in told(page)] == [
        ("stop_reached", None),
        ("photo", None),
        ("signature", "Camille Chêne"),
    ]

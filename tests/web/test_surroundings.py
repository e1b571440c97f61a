"""A process learns from its environment where it is, and tells those it starts the same."""

from datetime import UTC, date, datetime

import pytest
import time_machine

from web.settings import SettingError
from web.surroundings import Surroundings, clock


def test_what_a_process_is_told_it_tells_on(tmp_path):
    told = Surroundings(instance=tmp_path, database="sqlite:///x.sqlite", port=8123, demo=True, days_ahead=-47)

    heard = Surroundings.read(told.environment())

    assert heard == told


def test_without_an_environment_the_config_decides():
    here = Surroundings.read({})

    assert here.config.server.port == 8000
    assert here.url.endswith("/instance/bouteilles.sqlite")
    assert here.now().tzinfo is UTC


def test_another_port_moves_the_address_in_links_only_where_it_is_this_machines():
    here = Surroundings(port=8123)

    assert (here.config.server.port, here.config.server.public_url) == (8123, "http://127.0.0.1:8123")


def test_a_number_that_is_none_is_one_sentence():
    with pytest.raises(SettingError, match='BOUTEILLES_PORT: expected a whole number, got "eight"'):
        Surroundings.read({"BOUTEILLES_PORT": "eight"})


@time_machine.travel(datetime(2026, 11, 22, 22, 30, tzinfo=UTC), tick=False)
def test_a_demo_believes_in_its_day_at_the_real_hour():
    here = Surroundings().on(date(2026, 10, 6))

    assert here.today() == date(2026, 10, 6)
    # half past eleven in the evening on the wall, in summer as in winter
    assert here.now() == datetime(2026, 10, 6, 21, 30, tzinfo=UTC)


@time_machine.travel(datetime(2026, 11, 22, 22, 30, tzinfo=UTC), tick=False)
def test_a_clock_that_is_not_ahead_is_the_real_one():
    assert clock(Surroundings().zone, 0)() == datetime(2026, 11, 22, 22, 30, tzinfo=UTC)


def test_outside_of_a_page_the_territorys_language_is_spoken(tmp_path):
    from web.formats import number

    with Surroundings(instance=tmp_path).speaking():
        assert number(1200) == "1\u202f200"

"""Which language a page speaks: the person's, else the browser's, else the territory's."""

import pytest
from sqlmodel import select

from bottles.db import reading
from bottles.people import Person, Role


@pytest.mark.parametrize(
    ("accepts", "language"), [("en-GB,en;q=0.9", "en"), ("de", "fr"), ("", "fr"), ("fr-FR,fr;q=0.9,en;q=0.5", "fr")]
)
def test_a_page_speaks_the_browsers_language_when_it_is_offered(make_app, accepts, language):
    client = make_app(language="fr").test_client()

    assert f'<html lang="{language}"' in client.get("/points", headers={"Accept-Language": accepts}).text


def test_a_chosen_language_stays_with_the_browser_and_the_person(sign_in, territory_engine):
    client = sign_in(Role.DRIVER)

    answer = client.post("/language", data={"language": "en", "next": "/points?town=Arbois"})

    assert answer.location == "/points?town=Arbois"
    assert '<html lang="en"' in client.get("/points").text
    with reading(territory_engine) as session:
        assert session.exec(select(Person).where(Person.role == Role.DRIVER)).one().language == "en"


def test_a_language_that_is_not_offered_changes_nothing(make_app):
    client = make_app(language="fr").test_client()

    client.post("/language", data={"language": "../../etc", "next": "/"})

    assert '<html lang="fr"' in client.get("/points").text

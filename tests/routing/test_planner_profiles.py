"""Vehicles that drive otherwise have ways of their own, from the config to the problem and to the engine's cache."""

from dataclasses import replace

import numpy as np
import pytest

from bottles.db import transaction
from bottles.vehicles import Vehicle
from routing import planner
from routing.checker import violations
from routing.planner.asking import read
from routing.search import first
from tests.web.days import DAWN, TUESDAY
from web import planning
from web.config import Size, Truck
from web.roads import travel_settings, truck_settings

from .road_engine import RoadEngine, serving


def problem_of(engine, config, **truck):
    config = replace(config, travel=replace(config.travel, truck=Truck(**truck)))
    settings = planning.planner_settings(config)
    with transaction(engine) as session:
        return planner.planning.with_ways(read(session, TUESDAY, settings, at=DAWN), settings).problem


def test_the_lorry_of_the_config_drives_as_a_truck_and_the_vans_as_cars(asked):
    with transaction(asked) as session:
        profiles = {van: session.get(Vehicle, van).profile for van in ("fourgon-1", "fourgon-hayon", "porteur-12t")}

    assert profiles == {"fourgon-1": "car", "fourgon-hayon": "car", "porteur-12t": "truck"}


def test_a_slower_truck_needs_longer_for_the_same_metres_and_its_plan_is_legal(asked, config):
    problem = problem_of(asked, config, slower=1.5)

    van, lorry = problem.vehicle["fourgon-1"], problem.vehicle["porteur-12t"]
    assert problem.ways(lorry).seconds.max() == pytest.approx(1.5 * problem.ways(van).seconds.max(), rel=0.01)
    assert np.array_equal(problem.ways(lorry).metres, problem.ways(van).metres)
    assert violations(problem, first(problem)) == []


def test_trucks_that_drive_like_the_others_are_no_kind_of_their_own(asked, config):
    problem = problem_of(asked, config)

    assert problem.others == ()
    assert {van.profile for van in problem.vehicles} == {0}


def test_an_engine_is_asked_for_cars_and_for_trucks_and_each_answer_is_kept_by_itself(asked, config, tmp_path):
    costings = []
    with serving(RoadEngine()) as engine:
        answer = engine._valhalla
        engine._valhalla = lambda path, body: costings.append(body["costing"]) or answer(path, body)
        travel = replace(
            config.travel, source="valhalla", url=engine.url, truck=Truck(profile="truck", vehicle=Size(height=3.2))
        )
        settings = planning.planner_settings(replace(config, travel=travel), tmp_path)
        with transaction(asked) as session:
            question = read(session, TUESDAY, settings, at=DAWN)
        planner.planning.with_ways(question, settings)
        asked_for = list(costings)
        planner.planning.with_ways(question, settings)

    assert asked_for.count("truck") == asked_for.count("auto") > 0
    assert costings == asked_for


def test_the_engine_of_the_trucks_may_listen_elsewhere(config):
    travel = replace(config.travel, source="osrm", url="http://127.0.0.1:5000", factor=1.1,
                     truck=Truck(url="http://127.0.0.1:5001", slower=1.2))  # fmt: skip

    cars, trucks = travel_settings(travel), truck_settings(travel)

    assert (cars.url, trucks.url) == ("http://127.0.0.1:5000", "http://127.0.0.1:5001")
    assert (cars.factor, trucks.factor) == (1.1, pytest.approx(1.32))

"""Days with pauses are the cheapest there are: every whole second of small days is tried beside them."""

import random

import pytest

from routing.problem import LIGHT, NO_RESTS, Rests, UnderWay, Vehicle
from routing.schedule.labels import rested
from routing.schedule.pauses import before_now, kept, owed, rested_by, within
from routing.schedule.timing import Line, Run, price
from tests.routing.build import HOUR, MINUTE, under_way, vehicle


def random_line(dice, rests, windows=1, halts=3):
    """A line of a few halts whose day is some 12 s long."""
    vehicle = Vehicle(
        "v", (0,), 0, 0, (dice.randint(0, 2), dice.randint(8, 15)), cost_per_hour=dice.choice([0, 1, 2]), rests=rests,
        overtime=dice.choice([0, 3]), cost_per_overtime_hour=dice.choice([0, 1, 5]),
        under_way=dice.choice([None, None, _under_way(dice)]),
    )  # fmt: skip
    count = dice.randint(1, halts)
    return Line(
        vehicle,
        [dice.randint(0, 3) for _ in range(count + 1)],
        [dice.randint(0, 2) for _ in range(count)],
        [_windows(dice, windows) for _ in range(count)],
        [dice.choice([0, 0, dice.randint(0, 6)]) for _ in range(count + 1)],
    )


def _under_way(dice):
    return UnderWay((0,), worked=dice.randint(0, 2), driven=dice.randint(0, 2), worked_today=3)


def _windows(dice, most):
    edges = sorted(dice.sample(range(16), 2 * dice.randint(1, most)))
    return tuple(zip(edges[::2], edges[1::2], strict=True)) if dice.random() < 0.7 else ((0, 100),)


def cheapest_of_all(line, pauses):
    """Give the least price of a day with at most so many pauses, trying every departure and second; None if there is none."""
    prices = [_cheapest_from(line, departure, pauses) for departure in range(line.vehicle.shift[0], line.late + 1)]
    return min((found for found in prices if found is not None), default=None)


def _cheapest_from(line, departure, pauses):
    had = before_now(line.vehicle)
    states = {(departure, had.worked, 0, had.driven, False, 0)}
    for gap, way in enumerate(line.ways):
        may_pause = gap or line.vehicle.under_way is not None
        states = _stand(line, states, pauses if may_pause else 0)
        states = {s for s in states if s[0] >= line.ready[gap]}
        states = {(t + way, w + way, p, d + way, part, n) for t, w, p, d, part, n in states}
        states = {s for s in states if within(s[3], line.vehicle.rests.driving)}
        if gap == len(line.spans):
            break
        states = _stand(line, states, pauses)
        states = {s for s in states if any(opens <= s[0] <= closes for opens, closes in line.windows[gap])}
        states = {(t + line.spans[gap], w + line.spans[gap], p, d, part, n) for t, w, p, d, part, n in states}
    ends = [
        price(line.vehicle, t - departure, t)
        for t, w, p, *_ in states
        if t <= line.late and within(w, line.vehicle.rests.work) and p >= owed(line.vehicle, t - departure - p)
    ]
    return min(ends, default=None)


def _stand(line, states, pauses):
    """Stand still for any time, waiting and pausing."""
    rests = line.vehicle.rests
    seen, todo = set(), list(states)
    while todo:
        state = todo.pop()
        t, worked, paused, driven, part, count = state
        if state in seen or t > line.late or not within(worked, rests.work):
            continue
        seen.add(state)
        todo.append((t + 1, worked + 1, paused, driven, part, count))
        if count < pauses:
            for length in range(rests.shortest, line.late - t + 1):
                todo.append((t + length, 0, paused + length, *rested_by(rests, length, driven, part), count + 1))
    return seen


RULES = {
    "none": NO_RESTS,
    "one pause": Rests.once(5, 2),
    "two sums": Rests(work=5, due=((5, 2), (7, 3)), shortest=1),
    "sums only": Rests(due=((4, 1), (6, 3)), shortest=1),
    "driving": Rests(driving=4, driving_pause=3, shortest=1),
    "driving in parts": Rests(work=6, due=((5, 2),), driving=4, driving_pause=3, parts=(1, 2), driving_day=8, shortest=1),
}

TRIALS = 6


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("windows", [1, 2])
def test_no_day_is_cheaper_than_the_one_found(rule, windows):
    dice = random.Random(f"{rule} {windows}")
    for number in range(TRIALS):
        line = random_line(dice, RULES[rule], windows)

        run = rested(line)

        least = cheapest_of_all(line, pauses=3)
        if isinstance(run, Run):
            assert kept(line, run), (number, line, run)
            assert price(line.vehicle, run.finish - run.departure, run.finish) == least, (number, line, run)
        else:
            assert least is None, (number, line, run)


def test_the_strict_reading_forgets_a_first_part_after_a_whole_driving_pause():
    rests = Rests(driving=100, driving_pause=45, parts=(15, 30))

    after_first = rested_by(rests, 15, driven=50, part=False)
    after_second = rested_by(rests, 30, *after_first)
    after_whole = rested_by(rests, 45, *after_first)

    assert after_first == (50, True)
    assert after_second == after_whole == (0, False)


def test_a_pause_too_short_for_a_part_changes_nothing():
    rests = Rests(driving=100, driving_pause=45, parts=(15, 30))

    assert rested_by(rests, 14, driven=50, part=False) == (50, False)


@pytest.mark.parametrize(("work", "pause"), [(6, 0), (7, 30), (9, 30), (10, 45)])
def test_what_a_day_owes_grows_with_its_work(work, pause):
    van = vehicle(rests=LIGHT)

    assert owed(van, work * HOUR) == pause * MINUTE


def test_what_was_worked_and_paused_before_counts_in_what_is_owed():
    van = vehicle(rests=LIGHT, under_way=under_way(worked_today=5 * HOUR, paused_today=10 * MINUTE))

    assert owed(van, 2 * HOUR) == 20 * MINUTE

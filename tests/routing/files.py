"""Small instance files of every form, for the tests that read them."""

SPOTS = ((30, 40), (37, 52), (49, 49), (52, 64), (20, 26), (40, 30))
"""A depot and five customers on a plane."""

SOLOMON = """C9

VEHICLE
NUMBER     CAPACITY
   3         50

CUSTOMER
CUST NO.  XCOORD.  YCOORD.  DEMAND  READY TIME  DUE DATE  SERVICE TIME

    0     30   40    0     0   300    0
    1     37   52   10     0   200   10
    2     49   49   20    10   250   10
    3     52   64   15     0   260   10
"""


def vrplib(kind="CVRP", depots=1, heads=(), spots=SPOTS, **sections):
    """Write a VRPLIB file; a section is a list with what stands after the index on each line."""
    heads = {"NAME": "small", "TYPE": kind, "DIMENSION": len(spots), "EDGE_WEIGHT_TYPE": "EUC_2D"} | dict(heads)
    lines = [f"{key} : {value}" for key, value in heads.items()]
    sections = {"NODE_COORD": [f"{x} {y}" for x, y in spots]} | {name.upper(): rows for name, rows in sections.items()}
    for name, rows in sections.items():
        lines += [f"{name}_SECTION", *(f"{number} {row}" for number, row in enumerate(rows, 1))]
    return "\n".join([*lines, "DEPOT_SECTION", *(str(number) for number in range(1, depots + 1)), "-1", "EOF", ""])


def change(text, old, new):
    """Write a file otherwise, at one place."""
    assert old in text
    return text.replace(old, new, 1)


DEMAND = [0, 10, 15, 5, 20, 10]
WINDOWS = ["0 400", "0 200", "10 250", "0 260", "50 390", "0 390"]
SERVICE = [0, 10, 10, 5, 5, 10]

COLLECTIONS = {
    "CVRP": (vrplib(heads={"CAPACITY": 40}, demand=DEMAND), "round", "Route #1: 1 2 3\nRoute #2: 4 5\n"),
    "VRPTW": (
        vrplib("VRPTW", heads={"CAPACITY": 40, "VEHICLES": 3, "SERVICE_TIME": 10}, demand=DEMAND, time_window=WINDOWS),
        "dimacs",
        "Route #1: 1 2 3\nRoute #2:\nRoute #3: 4 5\n",
    ),
    "VRPB": (
        vrplib("VRPB", heads={"CAPACITY": 40}, linehaul=[0, 10, 15, 5, 0, 0], backhaul=[0, 0, 0, 0, 20, 10]),
        "round",
        "Route #1: 1 2 3 5 4\n",
    ),
    "SDVRPTW": (
        vrplib(
            "SDVRPTW",
            heads={"VEHICLES": 2, "VEHICLES_MAX_DURATION": 150},
            demand=DEMAND,
            service_time=SERVICE,
            time_window=WINDOWS,
            capacity=[40, 60],
            vehicles_allowed_clients=["2 3 4", "2 5 6"],
        ),
        "exact",
        "Route #1: 1 2 3\nRoute #2: 4 5\n",
    ),
    "MTVRPTWR": (
        vrplib(
            "MTVRPTWR",
            heads={"CAPACITY": 30, "VEHICLES": 2, "SERVICE_TIME": 5},
            demand=DEMAND,
            time_window=WINDOWS,
            release_time=[0, 0, 0, 0, 60, 60],
            vehicles_reload_depot=["1", "1"],
        ),
        "dimacs",
        "Route #1: 1 2 3 0 5 4\n",
    ),
    "PCVRPTW": (
        vrplib(
            "PCVRPTW",
            heads={"CAPACITY": 40, "VEHICLES": 3},
            demand=DEMAND,
            time_window=WINDOWS,
            prize=[0, 0, 12, 7, 3, 9],
        ),
        "dimacs",
        "Route #1: 1 2 3\n",
    ),
    "MDVRPTW": (
        vrplib(
            "MDVRPTW",
            depots=2,
            heads={"CAPACITY": 40, "VEHICLES_MAX_DURATION": 200, "VEHICLES": 2},
            demand=[0, 0, 15, 5, 20, 10],
            service_time=[0, 0, 10, 5, 5, 10],
            time_window=WINDOWS,
            vehicles_depot=[1, 2],
        ),
        "exact",
        "Route #1: 4 5\nRoute #2: 2 3\n",
    ),
    "VRPSPD": (
        vrplib("VRPSPD", heads={"CAPACITY": 40}, linehaul=DEMAND, backhaul=[0, 5, 20, 10, 3, 17]),
        "exact",
        "Route #1: 1 2 3\nRoute #2: 4 5\n",
    ),
    "HFVRP": (
        vrplib(
            "HFVRP",
            heads={"VEHICLES": 2},
            demand=DEMAND,
            capacity=[40, 60],
            vehicles_fixed_cost=[300, 500],
            vehicles_unit_distance_cost=[100, 120],
        ),
        "exact",
        "Route #1: 1 2 3\nRoute #2: 4 5\n",
    ),
}
"""By type: a file, the rounding of its collection, and a legal plan."""

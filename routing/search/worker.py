"""A search on a core of its own: `python -m routing.search.worker`, started and ended by a `team.Crew`."""

from routing.search.process import talk
from routing.search.searcher import InRounds, Round


def main() -> None:
    """Serve whoever started this process, until its end."""
    import pyvrp.search  # noqa: F401 - loaded before the first question comes

    questions, say = talk()
    searcher: InRounds | None = None
    for message in questions:
        if not isinstance(message, Round):
            searcher = message.searcher()
        elif searcher is not None:
            say(searcher.run(message))


if __name__ == "__main__":
    main()

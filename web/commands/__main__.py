"""`python -m web.commands` is `bouteilles`, for processes that start one another."""

from web.commands import main

main(prog_name="bouteilles")

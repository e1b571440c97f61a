# Every target does its own set-up from nothing but python3, make and a network to package registries.
# With nothing changed that costs no Python at all: each step leaves a file behind that make compares.

PYTHON ?= python3
BIN := .venv/bin
LOCKED := .venv/.stamps/locked
PROJECT := .venv/.stamps/project
LIBRARIES := web/static/vendor/LICENCES.txt
CATALOGUES := $(patsubst %.po,%.mo,$(wildcard web/translations/*/LC_MESSAGES/messages.po))

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help install demo test fast check lint types contracts templates translations browser screens bench start events faults phone plan routes roads messages lock clean

help:
	@echo "make demo      set up, build a season and serve it    (ARGS='--seed 3 --port 8080')"
	@echo "make test      set up, run every test                 (ARGS='tests/bottles -x')"
	@echo "make fast      the tests under a second each, without browser or PostgreSQL"
	@echo "make check     ruff, mypy, import contracts, templates, translations"
	@echo "make browser   install a light Chromium for the browser tests, where it can; else any will do"
	@echo "make screens   make the pictures of the README anew"
	@echo "make bench     measure and print ratios               (make bench start, events, faults, phone, plan or routes)"
	@echo "make roads     fetch the road engines that some tests ask (see docs/roads.md)"
	@echo "make messages  bring the translation catalogues up to date with the sources"
	@echo "make lock      choose the newest allowed versions and write the lock files"
	@echo "make install   the set-up alone"
	@echo "make clean     remove what the set-up made; instance/ stays"

install: $(LOCKED) $(PROJECT) $(LIBRARIES) $(CATALOGUES)

NEEDED := install Python 3.11 or newer (Debian: apt-get install python3 python3-venv), or name one: make PYTHON=python3.12

$(LOCKED): requirements.lock
	@command -v $(PYTHON) >/dev/null || { echo "There is no $(PYTHON) here: $(NEEDED)" >&2; exit 1; }
	@$(PYTHON) -c "import sys; sys.exit(sys.version_info < (3, 11))" || { echo "$(PYTHON) is too old: $(NEEDED)" >&2; exit 1; }
	@$(PYTHON) -m tools.install locked
	@mkdir -p $(@D) && touch $@

$(PROJECT): pyproject.toml $(LOCKED)
	@$(PYTHON) -m tools.install project
	@mkdir -p $(@D) && touch $@

$(LIBRARIES): package-lock.json package.json tools/libraries.py tools/node.lock $(LOCKED)
	@$(BIN)/python -m tools.libraries

%.mo: %.po $(LOCKED)
	@$(BIN)/pybabel --quiet compile -i $< -o $@

demo: install
	@$(BIN)/bouteilles demo $(ARGS)

# where Python is told to keep nothing compiled, every process that tests start would compile all of it anew
test fast: export PYTHONDONTWRITEBYTECODE :=

# logical: one process a core, also where two cores share one chip's core; a file's tests share what takes seconds to make,
# and the files that take long come first, as tests/browsers.py orders them
ON_ALL_CORES := -n logical --dist loadfile --no-loadscope-reorder

test: install
	@$(BIN)/python -m tools.browser hint
	@$(BIN)/python -m pytest $(ON_ALL_CORES) $(ARGS)

fast: install
	@$(BIN)/python -m pytest $(ON_ALL_CORES) -m "not slow and not browser" $(ARGS)

check: lint types contracts templates translations

lint: install
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

types: install
	@$(BIN)/mypy

contracts: install
	@$(BIN)/lint-imports

templates: install
	@$(BIN)/djlint --lint --quiet web/templates

translations: install
	@$(BIN)/python -m tools.translations check

roads: install
	@$(BIN)/python -m tools.roads fetch

messages: install
	@$(BIN)/python -m tools.translations update

browser: install
	@$(BIN)/python -m tools.browser install

screens: install
	@BOUTEILLES_SCREENS=1 $(BIN)/python -m pytest tests/test_screens.py $(ARGS)

BENCHES := start events faults phone plan routes

bench: install
	@$(BIN)/python -m tools.bench $(NAME) $(filter $(BENCHES),$(MAKECMDGOALS)) $(ARGS)

# the second word of "make bench events"
$(BENCHES):
	@$(if $(filter bench,$(MAKECMDGOALS)),:,$(MAKE) --no-print-directory bench NAME=$@)

lock: install
	@$(BIN)/python -m tools.lock

clean:
	rm -rf .venv node_modules build web/static/vendor *.egg-info .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	rm -f web/translations/*/LC_MESSAGES/*.mo
	find bottles routing web tests tools -name __pycache__ -type d -prune -exec rm -rf {} +

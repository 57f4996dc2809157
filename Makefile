# Two commands: `make run` starts the product, `make test` runs the whole suite. Needs Python 3.11 or newer, make and git.

PYTHON := $(shell for p in $(PYTHON) python3 python3.13 python3.12 python3.11; do \
	command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; break; }; done)
BIN := .venv/bin
HOST ?= 127.0.0.1
PORT ?= 8000
PART ?= money
export HOST PORT

.PHONY: run test check lint browser faults bench clean help python
help:
	@sed -n 's/^\([a-z]*\):.*## /  make \1	/p' $(MAKEFILE_LIST)

run: .stamps/run ## start web and worker with the demo at http://$(HOST):$(PORT)
	@$(BIN)/socialshop up

test: .stamps/test ## the whole suite, on SQLite and on PostgreSQL
	$(BIN)/pytest -n 2 --dist loadfile --no-loadscope-reorder --database sqlite
	$(BIN)/pytest -n 2 --dist loadfile --no-loadscope-reorder --database postgresql

lint: .stamps/test ## ruff, mypy strict, import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

browser: .stamps/test ## only the journeys in a real Chromium
	$(BIN)/pytest tests/browser

bench: .stamps/test ## measure; PART=money, ARGS="--scale 0.01 --only live" for less
	@$(BIN)/python -m scripts.bench $(PART) $(ARGS)

faults: .stamps/test ## the long look for faults, on both databases: every kill, thousands of steps, databases that stand still (about three quarters of an hour; prints its seed)
	SOCIALSHOP_FAULTS_ALL=1 $(BIN)/pytest tests/faults tests/redirector --database sqlite
	SOCIALSHOP_FAULTS_ALL=1 $(BIN)/pytest tests/faults tests/redirector --database postgresql

check: lint test ## everything a change must pass

clean: ## remove the virtual environment and caches (never the instance folder)
	rm -rf .venv .stamps .pytest_cache .mypy_cache .ruff_cache .import_linter_cache build dist

.stamps/venv:
	@test -n "$(PYTHON)" || { echo "socialshop needs Python 3.11 or newer; none was found. Install one, or say which: make run PYTHON=/path/to/python3"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "Python's venv module is missing. On Debian or Ubuntu: apt install python3-venv"; exit 1; }
	@echo "Making a virtual environment with $$($(PYTHON) --version) …"
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@mkdir -p .stamps && touch $@

.stamps/run: .stamps/venv pyproject.toml constraints.txt
	@echo "Installing (once; about half a minute) …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[postgres]'
	@touch $@

.stamps/test: .stamps/run pyproject.toml constraints.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[postgres,test,browser,dev]'
	@touch $@

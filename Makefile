# Every habit of this project. `make help` explains them.

SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

PYTHON ?= python3
PORT ?= 8000
GIGNEO_HOME ?= $(CURDIR)/.home
PART ?=
ARGS ?=

BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet -c requirements.lock
SOURCES := setup.cfg pyproject.toml requirements.lock
CHROMIUM ?= $(shell command -v chromium || command -v chromium-browser || command -v google-chrome)
COMPILE := uv pip compile --universal --python-version 3.11 --all-extras --no-emit-index-url --no-emit-find-links --no-header --quiet

.PHONY: help run test soak mutants lint format docs bench screenshots lock audit clean

help: ## Explain every habit (this page).
	@printf 'Gigneo: make HABIT\n\n'
	@sed -nE 's/^([a-z]+):[^#]*## (.*)/  \1\t\2/p' $(MAKEFILE_LIST) | expand -t 16
	@printf '\n  PORT=8100 GIGNEO_HOME=/somewhere make run   a second site beside the first\n'
	@printf '  make test ARGS="tests/unit -x"              some tests only\n'
	@printf '  make soak PART=kills                        one long proof, tests/soak/test_kills.py\n'

run: .venv/.run ## Install into .venv, then run the product with the demo at http://127.0.0.1:$PORT/ (8000).
	@PORT='$(PORT)' GIGNEO_HOME='$(GIGNEO_HOME)' exec $(BIN)/gigneo run --demo

test: .venv/.test ## Run the tests: at most 12 minutes on two cores. Needs a Chromium for the browser's part.
	@if [ -z '$(CHROMIUM)' ]; then \
		echo 'No Chromium was found, so the tests in a browser will fail. On Debian: apt-get install chromium;'; \
		echo 'elsewhere: make test CHROMIUM=/path/to/chromium'; \
	fi
	CHROMIUM='$(CHROMIUM)' $(BIN)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder $(ARGS)

soak: .venv/.test ## Run the long proofs, each at most 40 minutes; PART=name runs one.
	@[ -z '$(PART)' ] || [ -f 'tests/soak/test_$(PART).py' ] || { \
		echo 'There is no part $(PART). Parts:' $$(ls tests/soak 2>/dev/null | sed -nE 's/^test_(.*)\.py$$/\1/p'); exit 2; }
	$(BIN)/python -m pytest -p no:xdist -s --timeout 2400 $(if $(PART),tests/soak/test_$(PART).py,tests/soak) $(ARGS)

mutants: .venv/.test ## Break the rules of orders one at a time, and show the test that turns red for each.
	$(BIN)/python -m tests.mutants $(ARGS)

lint: .venv/.dev ## Check style, types and who imports whom.
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: .venv/.dev ## Put the style right, as far as a tool can.
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs: .venv/.run ## Write the pages that are made from the code: docs/hooks.md and docs/process.md.
	@home=$$(mktemp -d); trap 'rm -rf "$$home"' EXIT; export GIGNEO_HOME="$$home"; \
		$(BIN)/gigneo db upgrade > /dev/null; $(BIN)/gigneo hooks --markdown > "$$home/hooks.md"; cp "$$home/hooks.md" docs/hooks.md; \
		$(BIN)/gigneo orders process --format markdown > "$$home/process.md"; cp "$$home/process.md" docs/process.md
	@echo 'Wrote docs/hooks.md and docs/process.md'

bench: .venv/.test ## Measure, as ratios to hand-written limits.
	$(BIN)/python -m bench $(ARGS)

screenshots: .venv/.test ## Take the pictures of docs/ in a Chromium, by day and by night.
	$(BIN)/python -m docs.screenshots $(ARGS)

lock: .venv/.dev ## Resolve every extra into requirements.lock, for all Pythons and systems at once.
	$(BIN)/$(COMPILE) --upgrade setup.cfg -o requirements.lock

audit: .venv/.dev ## Look the locked packages up in the list of known vulnerabilities.
	$(BIN)/pip-audit --strict --disable-pip -r requirements.lock --no-deps

clean: ## Delete what can be made again; the site's home stays.
	rm -rf .venv build dist *.egg-info .coverage* htmlcov .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo 'Gigneo needs Python 3.11 or newer: make PYTHON=python3.12 …'; exit 1; }
	@echo 'Making .venv …'
	@$(PYTHON) -m venv .venv || { echo 'On Debian: apt-get install python3-venv'; rm -rf .venv; exit 1; }

.venv/.run: $(SOURCES) | .venv/bin/python
	@echo 'Installing Gigneo into .venv …'
	@$(PIP) -e '.[postgres]'
	@touch $@

.venv/.test: .venv/.run
	@echo 'Installing what the tests need …'
	@$(PIP) -e '.[postgres,test]'
	@touch $@

.venv/.dev: .venv/.test
	@echo 'Installing what lint needs …'
	@$(PIP) -e '.[postgres,test,dev]'
	@touch $@

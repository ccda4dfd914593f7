# A fresh Linux with Python 3.11+, git and make is enough: every target sets up what it needs
# in .venv, once. `make` alone lists the targets.

VENV := .venv
BIN := $(VENV)/bin
# Two workers on two cores: more only makes the tests that measure time lie.
JOBS ?= 2
# Begun afresh by each `make demo`; what it leaves is there to be explored.
DEMO := sestina-demo
PYTEST := $(BIN)/python -m pytest
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check

.DEFAULT_GOAL := help
.PHONY: help demo test test-services bench lint types layers format docs clean

help: ## list the targets
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 24

demo: $(VENV)/.ready-demo ## train two models on real data and show what differs, under 2 minutes
	@rm -rf $(DEMO) && $(BIN)/sestina demo $(DEMO)

test: $(VENV)/.ready-test lint ## check style, types and layers, then run the tests
	@echo "== tests"
	@$(PYTEST) -n $(JOBS) -m "not services"

test-services: $(VENV)/.ready-test ## run what is heavy and real: installs, servers, big trainings
	@echo "== service tests"
	@$(PYTEST) -m services || { code=$$?; \
	if [ $$code -eq 5 ]; then echo "there is no test marked 'services' yet: nothing was run"; else exit $$code; fi; }

bench: $(VENV)/.ready-test ## measure the cost of capture on this machine
	@$(BIN)/python benchmarks/itself.py
	@$(BIN)/python benchmarks/capture.py

lint: $(VENV)/.ready-test ## style, types and layers
	@echo "== style (ruff)" && $(BIN)/ruff check
	@echo "== types (mypy)" && $(BIN)/mypy
	@echo "== layers (import-linter)" && $(BIN)/lint-imports --no-cache

format: $(VENV)/.ready-test ## lay out the source files
	@$(BIN)/ruff format && $(BIN)/ruff check --fix

docs: $(VENV)/.ready-test ## write the pages that are made from the code anew
	@$(BIN)/python docs/generate_cli.py
	@$(BIN)/python docs/generate_schemas.py

clean: ## remove what the other targets made
	rm -rf $(VENV) $(DEMO) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis

# One stamp per set of packages, so that the second call of a target starts at once.
$(VENV)/.ready-%: pyproject.toml .ci/venv
	@.ci/venv $(VENV)
	@echo "-- installing what 'make $*' needs into $(VENV) (once)"
	@$(PIP) --editable '.[$*]'
	@touch $@

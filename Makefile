# What the README names. Everything lives in .venv and .cache of this clone.

PYTHON ?= $(shell for name in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$name && break; done)
VENV := .venv
RUN := $(VENV)/bin/python
READY := $(VENV)/.ready

.PHONY: help setup demo test check fix bench docs clean
.DEFAULT_GOAL := help

help: ## Say what there is to make
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## */\t/' | expand -t 10

setup: $(READY) ## Make .venv with luml and all that it needs

$(READY): pyproject.toml requirements/constraints.txt
	@test -n "$(PYTHON)" || { echo "luml needs Python 3.11 or later: install one, or pass PYTHON=/path/to/python3"; exit 2; }
	@echo "Setting up $(VENV) with $$($(PYTHON) --version) ..."
	@$(PYTHON) -m venv $(VENV)
	@$(RUN) -m pip install --quiet --disable-pip-version-check -c requirements/constraints.txt -e '.[dev]'
	@touch $(READY)

demo: $(READY) ## See the main job done on six real artifacts
	@$(RUN) examples/demo.py

test: $(READY) ## Run every test
	@$(RUN) -m tools.run_tests

check: $(READY) ## Format, lint, types, generated code and docs
	@$(RUN) tools/check.py

fix: $(READY) ## Format, and write what is generated again
	@$(RUN) -m ruff check --quiet --fix-only .
	@$(RUN) -m ruff format --quiet .
	@$(RUN) tools/unasync.py
	@$(RUN) tools/reference.py

bench: $(READY) ## Measure, and write benchmarks/results/*.json
	@$(RUN) benchmarks/run.py

docs: $(READY) ## Write docs/reference from the code
	@$(RUN) tools/reference.py

clean: ## Remove what make has made
	rm -rf $(VENV) .cache .pytest_cache .mypy_cache .ruff_cache .hypothesis

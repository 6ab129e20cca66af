# Everything needs only python3 (3.11 or newer) with pip and venv, make and git; the targets set up the rest.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# hundreds of processes start in the tests: what they import is compiled once, whatever the machine is set to
unexport PYTHONDONTWRITEBYTECODE
INSTALL := $(BIN)/uv pip install --quiet --python $(BIN)/python --constraint constraints.txt

.DEFAULT_GOAL := help
.PHONY: help demo live test lint docs bench grafana-smoke constraints clean debian

help:  ## what there is to make
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

demo: $(VENV)/.demo  ## watch a real model go blind: trains, freezes a baseline, runs nine months, writes HTML
	@$(BIN)/barograph demo --out demo

live: $(VENV)/.live  ## watch the same model served: a year of traffic in two minutes, what /metrics says, which alerts come
	@$(call debian_packages,$(ALERTING),make live installs them as root) || echo "they could not be installed"
	@$(BIN)/python -m examples.flights_service

test: lint debian  ## everything: lint, types, unit, laws, oracles, doctests, documentation, architecture, browser
	$(BIN)/python -m pytest --numprocesses 2 --dist loadgroup

lint: $(VENV)/.dev  ## style and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

docs: $(VENV)/.dev  ## the documentation as a site in build/docs: guides, and a page for each metric, made from the code
	@$(BIN)/python -m docs.site

bench: $(VENV)/.dev  ## beside Evidently, whylogs and describe(): all cases into docs/benchmarks.md, or CASE="profile drift"
	$(BIN)/python -m benchmarks $(CASE)

grafana-smoke: $(VENV)/.dev  ## with Docker: start the generated stack, ask every panel of every dashboard through Grafana
	$(BIN)/python tests/stack/grafana_smoke.py

constraints: $(VENV)/.dev  ## compile constraints.txt anew from pyproject.toml, without addresses
	$(BIN)/uv pip compile --quiet --all-extras --universal --python-version 3.11 --upgrade --no-header \
	  --no-emit-index-url --no-annotate pyproject.toml -o constraints.txt

clean:  ## remove what the targets made
	rm -rf $(VENV) demo build dist .pytest_cache .ruff_cache .mypy_cache .hypothesis

$(BIN)/uv:
	@echo "Making a virtual environment in $(VENV) ..."
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed, this is " + sys.version.split()[0]) if sys.version_info < (3, 11) else 0'
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv

$(VENV)/.demo: $(BIN)/uv pyproject.toml constraints.txt
	@echo "Installing Barograph and scikit-learn ..."
	@$(INSTALL) --editable '.[demo]'
	@touch $@

$(VENV)/.live: $(BIN)/uv pyproject.toml constraints.txt
	@echo "Installing Barograph, scikit-learn, FastAPI and uvicorn ..."
	@$(INSTALL) --editable '.[demo,serve]'
	@touch $@ $(VENV)/.demo

$(VENV)/.dev: $(BIN)/uv pyproject.toml constraints.txt
	@echo "Installing Barograph and what its tests need ..."
	@$(INSTALL) --editable '.[demo,dev,docs]'
	@touch $@ $(VENV)/.demo

# Debian's packages, where they can be installed: pairs of package and program, and what is said where they cannot
define debian_packages
missing=""; \
for pair in $(1); do \
  command -v "$${pair#*:}" >/dev/null || missing="$$missing $${pair%%:*}"; \
done; \
if [ -z "$$missing" ]; then :; \
elif [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
  echo "Installing:$$missing ..."; \
  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends $$missing >/dev/null; \
else echo "not installed:$$missing; $(2)"; fi
endef
ALERTING := prometheus:promtool prometheus-alertmanager:amtool

# for the tests; elsewhere those that need them are skipped and say so
debian:
	@$(call debian_packages,chromium:chromium openjdk-17-jre-headless:java postgresql:pg_ctlcluster $(ALERTING),tests that need them will be skipped)

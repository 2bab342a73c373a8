# 物业·有据 — `make demo` and `make test` need Python ≥ 3.11 and make, nothing else.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
# What Python has compiled is kept: otherwise every process of the tests compiles everything anew.
export PYTHONDONTWRITEBYTECODE :=

.DEFAULT_GOAL := help
.PHONY: help demo test check mutants bench serve docs clean

help: ## what can be made
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## (.*)/  make \1\t\2/' | expand -t 16

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "需要 Python ≥ 3.11 / Python >= 3.11 is needed, this is " + sys.version.split()[0] + " (make PYTHON=python3.12 …)")'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $(READY)

demo: $(READY) ## play a year of one office and serve it
	@$(BIN)/wuye demo

serve: $(READY) ## serve what is there
	@$(BIN)/wuye serve

test: $(READY) ## install everything and run the tests, in less than five minutes
	$(BIN)/python -m pytest -n 2 --dist loadfile -m "not long" $(PYTEST)

check: $(READY) ## format, ruff, mypy, import contract, coverage of the domain, then every test, also the long ones
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest -n 2 -q tests/domain --cov --cov-report=term-missing:skip-covered
	$(BIN)/python -m pytest -n 2 --dist loadfile --hypothesis-profile=long $(PYTEST)

mutants: $(READY) ## plant more than six hundred bugs, one at a time, and see that the tests find each
	WUYE_MUTANTS=1 $(BIN)/python -m pytest -n 2 tests/mutants $(PYTEST)

bench: $(READY) ## the comparisons, as ratios of one run
	$(BIN)/python -m benchmarks

docs: $(READY) ## write the generated documents anew
	$(BIN)/python -m docs.generate

clean: ## remove what was installed and played here (asks nothing)
	@if [ -x $(BIN)/wuye ]; then $(BIN)/wuye clean --yes || true; fi
	rm -rf $(VENV) .mypy_cache .ruff_cache .hypothesis .coverage

# Two commands set everything up: `make run` (the product) and `make test` (the proof).
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; exit; }; done; echo python3)
PORT ?= 8000
VENV := .venv
export DAJIAN_HOME DAJIAN_DATABASE TEST_DEPTH TEST_SEED BENCH BENCH_SIZE

.PHONY: help run install install-dev test check bench fmt docs lock clean

help:           ## show the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 14

install:        ## the locked Python packages and browser libraries
	@$(PYTHON) -m build_tools.install

install-dev:    ## the same with what tests and checks need
	@$(PYTHON) -m build_tools.install --dev

run: install    ## the product with the jxc app and demo data (PORT, DAJIAN_HOME, DAJIAN_DATABASE)
	@exec $(VENV)/bin/dajian serve --demo --port $(PORT)

test: install-dev  ## everything, on SQLite and PostgreSQL, with Redis and Chromium (TEST_DEPTH, TEST_SEED)
	@$(VENV)/bin/python -m build_tools.test

check: install-dev ## format, lint, types, import contracts, templates, docs
	@$(VENV)/bin/python -m build_tools.check

bench: install-dev ## measure against the bare work of the same run (BENCH, BENCH_SIZE)
	@$(VENV)/bin/python -m bench.run

fmt: install-dev   ## format the Python code and sort its imports
	@$(VENV)/bin/ruff check --quiet --fix-only .
	@$(VENV)/bin/ruff format .

docs: install-dev  ## write docs/reference out of the code
	@$(VENV)/bin/python -m build_tools.reference

lock: install-dev  ## resolve the requirements*.in files again
	@$(VENV)/bin/python -m build_tools.lock

clean:          ## forget everything that was installed or built
	rm -rf $(VENV) node_modules static/vendor build dist *.egg-info test-artifacts bench/results
	rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage*

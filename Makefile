# The commands of this project. Each sets up what it needs; only Python 3.11 or later has to be there.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: run test check fix bench mutants lock vendor help

help:
	@echo "make run    start everything; prints the address and the demo sign-ins"
	@echo "make test   every test, the browser's too"
	@echo "make check  linters, types, import directions, migrations, deployment files"
	@echo "make fix    format the code and mend what the linter can"
	@echo "make bench  benchmarks"
	@echo "make mutants would the tests notice a wrong rule engine? A day for all; SAMPLE=600 SEED=1, or MODULES=\"score supply\""
	@echo "make lock   settle the versions after pyproject.toml changed (FLAGS=--upgrade: the newest)"
	@echo "make vendor fetch the browser's libraries anew (needs Node; running and testing do not)"

run: $(VENV)/local.stamp
	@exec $(BIN)/python -m apps.core.embedded.run

test: $(VENV)/dev.stamp
	@$(BIN)/python -m tests.browser_setup
	$(BIN)/python -m pytest --numprocesses 2 --dist loadfile $(TESTS)

check: $(VENV)/dev.stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/mypy
	$(BIN)/python manage.py makemigrations --check --dry-run
	$(BIN)/python manage.py check
	$(BIN)/python -m pytest --quiet tests/config/test_deployment_files.py tests/config/test_live_check.py

fix: $(VENV)/dev.stamp
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(VENV)/dev.stamp
	$(BIN)/python -m bench

# Niced and on one core: it runs for hours. What was found is kept in mutants/, so it can be stopped and taken up again.
MUTMUT := PYTHONPATH=$(CURDIR)/mutants PYTEST_DISABLE_PLUGIN_AUTOLOAD=1 nice -n 10 $(BIN)/mutmut run \
	--max-children $(or $(CHILDREN),1)
mutants: $(VENV)/dev.stamp
	@# mutmut copies data files once and never again.
	@[ ! -d mutants ] || find mutants/apps/rules -name '*.yaml' -delete
	$(MUTMUT) $(if $(SAMPLE),"apps.rules.settings.*",$(patsubst %,"apps.rules.%.*",$(MODULES)))
	$(if $(SAMPLE),$(MUTMUT) $$($(BIN)/python -m tests.rules.mutation_sample $(SAMPLE) $(or $(SEED),1)))
	$(BIN)/python -m tests.rules.mutation_report

# uv resolves and hashes; pip installs. No index address is written: each machine uses its own.
LOCK := $(BIN)/uv pip compile pyproject.toml --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --no-annotate --custom-compile-command "make lock" $(FLAGS)
lock: $(VENV)/dev.stamp
	$(LOCK) --output-file requirements/base.txt
	$(LOCK) --extra local --constraint requirements/base.txt --output-file requirements/local.txt
	$(LOCK) --extra local --extra dev --constraint requirements/local.txt --output-file requirements/dev.txt

vendor:
	@sh static/vendor/refresh.sh

# A stamp is older than its requirement file when that has changed; the development set contains the others.
$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "taperwatch needs Python 3.11 or later; this is " + sys.version.split()[0] + ". Name another with: make run PYTHON=python3.12")'
	@$(PYTHON) -m venv $(VENV) || { echo "The venv module is missing; on Debian: apt-get install python3-venv" >&2; rm -rf $(VENV); exit 1; }

$(VENV)/local.stamp: requirements/local.txt | $(VENV)/bin/python
	@if [ requirements/dev.txt -nt $(VENV)/dev.stamp ] || [ ! -e $(VENV)/dev.stamp ]; then \
		echo "installing dependencies …"; \
		$(BIN)/python -m pip install -qq --require-hashes --requirement requirements/local.txt; fi
	@touch $@

$(VENV)/dev.stamp: requirements/dev.txt | $(VENV)/bin/python
	@echo "installing dependencies …"
	@$(BIN)/python -m pip install -qq --require-hashes --requirement requirements/dev.txt
	@touch $(VENV)/local.stamp $@

# Every target sets up what it needs, in an environment of this folder, and repeats
# nothing that is already done. Another Python, beside the usual environment:
#   make test PYTHON=python3.13 VENV=.venv-313

PYTHON ?= python3
VENV ?= .venv
WORKERS ?= 2

OLDEST := .venv-oldest
BENCH := .venv-bench
METADATA := setup.cfg pyproject.toml

# One thread per worker: the linear algebra libraries would otherwise each take every core.
THREADS := OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 MKL_NUM_THREADS=1
PYTEST := -m pytest -n $(WORKERS)

export PIP_DISABLE_PIP_VERSION_CHECK := 1

.DEFAULT_GOAL := help
.NOTPARALLEL:
.DELETE_ON_ERROR:
.PHONY: help demo test test-all test-oldest lint docs figures bench clean

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' Makefile

demo: $(VENV)/.stamp-core ## run the demonstration and write its figures
	@$(VENV)/bin/lzopen demo

test: $(VENV)/.stamp-test ## run the tests, except the slow ones
	$(THREADS) $(VENV)/bin/python $(PYTEST) -m "not slow"

test-all: $(VENV)/.stamp-test ## run all tests, the slow ones too
	$(THREADS) $(VENV)/bin/python $(PYTEST)

test-oldest: $(OLDEST)/.stamp-test ## run the tests with the oldest supported dependencies
	$(THREADS) $(OLDEST)/bin/python $(PYTEST) -m "not slow"

lint: $(VENV)/.stamp-lint ## check style, types and spelling
	$(VENV)/bin/python -m ruff check
	$(VENV)/bin/python -m ruff format --check
	$(VENV)/bin/python -m mypy
	$(VENV)/bin/python -m codespell_lib

docs: $(VENV)/.stamp-docs ## build the documentation and run the code in it
	@rm -rf docs/_build docs/api/generated docs/gallery
	TQDM_DISABLE=1 $(VENV)/bin/python -m sphinx -q -W --keep-going -b html docs docs/_build/html
	TQDM_DISABLE=1 $(VENV)/bin/python -m sphinx -q -W --keep-going -b doctest -D plot_gallery=0 docs docs/_build/doctest
	@echo "The pages start at docs/_build/html/index.html"

figures: $(VENV)/.stamp-core ## draw the figures of all examples, with a page that shows them
	$(THREADS) $(VENV)/bin/python examples/draw_all.py figures

bench: $(BENCH)/.stamp-bench ## time lzopen and its peers, in an environment of their own
	$(THREADS) $(BENCH)/bin/python benchmarks/run.py

clean: ## remove the environments, caches, built pages and demo figures
	rm -rf .venv .venv-* docs/_build docs/api/generated docs/gallery build dist *.egg-info lzopen-demo figures
	rm -rf .pytest_cache .mypy_cache .ruff_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

# $(call environment,folder): a virtual environment, made afresh unless a sound one is there.
# A pip that does not answer means that an earlier attempt was interrupted.
define environment
@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	echo "lzopen needs Python 3.11 or newer, and $(PYTHON) is $$($(PYTHON) --version 2>/dev/null || echo missing)."; \
	echo "Name another one: make $(firstword $(MAKECMDGOALS)) PYTHON=python3.11"; exit 1; }
@$(1)/bin/python -c 'import sys, pip._internal.cli.main; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	echo "Making a virtual environment in $(1) ..."; $(PYTHON) -m venv --clear $(1); }
endef

# $(call install,folder,constraints file,requirements): the package, editable, with what it needs.
# Building without isolation pins setuptools too. A stamp is left only when all went well.
define install
@echo "Installing lzopen and what it needs into $(1), about a minute the first time ..."
@$(1)/bin/python -m pip install -qq -c $(2) setuptools
@$(1)/bin/python -m pip install -qq -c $(2) --no-build-isolation -e $(3)
@touch $@
endef

$(VENV)/.stamp-core: $(METADATA) constraints.txt
	$(call environment,$(VENV))
	$(call install,$(VENV),constraints.txt,.)

$(VENV)/.stamp-%: $(METADATA) constraints.txt
	$(call environment,$(VENV))
	$(call install,$(VENV),constraints.txt,".[$*]")

$(OLDEST)/.stamp-test: $(METADATA) constraints-oldest.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' 2>/dev/null || { \
		echo "The oldest dependencies need Python 3.11: make test-oldest PYTHON=python3.11"; exit 1; }
	$(call environment,$(OLDEST))
	$(call install,$(OLDEST),constraints-oldest.txt,".[test]")

$(BENCH)/.stamp-bench: $(METADATA) constraints.txt benchmarks/requirements.txt
	$(call environment,$(BENCH))
	$(call install,$(BENCH),constraints.txt,. -r benchmarks/requirements.txt)

# Yangfeng: `make demo` shows it, `make test` checks it. On Windows use the pip lines of the README.
PYTHON ?= python3
VENV ?= .venv
WORKERS ?= auto

INSTALLED := $(VENV)/.installed
RUN := $(VENV)/bin/python -m

.PHONY: demo test examples slow lint matrix bench env constraints clean

demo: $(INSTALLED)
	$(VENV)/bin/yangfeng compare yuyao_2020 --out results/demo

test: $(INSTALLED)
	$(RUN) pytest --numprocesses $(WORKERS)

# Every command that the pages and the help print, and what it shows.
examples: $(INSTALLED)
	$(RUN) tests.docs

slow: $(INSTALLED)
	$(RUN) pytest --numprocesses $(WORKERS) -m slow

lint: $(INSTALLED)
	$(RUN) ruff check .
	$(RUN) mypy

# One hash of results over Python versions and numbers of workers; PYTHONS="path …" names the interpreters.
matrix:
	$(PYTHON) tests/matrix.py

bench: $(INSTALLED)
	$(RUN) benchmarks

env: $(INSTALLED)

# uv is several times as fast as pip; where it cannot work, pip does the same.
$(INSTALLED): pyproject.toml constraints.txt
	test -x $(VENV)/bin/python || $(PYTHON) -m venv $(VENV)
	{ $(RUN) pip install --quiet --no-compile --constraint constraints.txt uv && \
	  $(RUN) uv pip install --quiet --python $(VENV)/bin/python --constraint constraints.txt \
	    --build-constraint constraints.txt --editable '.[test]'; } || \
	$(RUN) pip install --quiet --no-compile --constraint constraints.txt --editable '.[test]'
	touch $@

# For maintainers: pin anew for every supported Python and system.
constraints: $(INSTALLED)
	printf 'uv\nsetuptools\n' | $(RUN) uv pip compile --universal --upgrade --python-version 3.11 --all-extras \
	  --no-emit-index-url --no-header --no-annotate --quiet --output-file constraints.txt pyproject.toml -

clean:
	rm -rf .venv .venv-* build *.egg-info .pytest_cache .hypothesis .mypy_cache .ruff_cache results/demo
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

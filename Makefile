# Two commands matter: `make demo` and `make test`. Everything they need is installed into .venv.
PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.installed

.PHONY: install demo test test-all check bench serve lock messages format browser java clean
.DEFAULT_GOAL := help

help:  ## what there is
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/'

$(STAMP): pyproject.toml requirements.lock tools/hatch_build.py frontend/package-lock.json $(shell find frontend -name node_modules -prune -o -type f -print 2>/dev/null)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or newer is needed: make PYTHON=/path/to/python3.11 $(MAKECMDGOALS)" >&2; exit 1; }
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear .venv || \
		{ echo "No virtual environment could be made: on Debian, apt-get install python3-venv" >&2; exit 1; }
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps -e .
	@touch $(STAMP)

install: $(STAMP)  ## make .venv and everything in it
	@$(BIN)/python tools/messages.py compile

demo: install  ## load a zone of three districts, run one round, serve it
	$(BIN)/yicha demo

serve: install  ## serve what is in ./var
	$(BIN)/yicha serve

browser: install
	@$(BIN)/python -m tools.browser

java: install
	@$(BIN)/python -m tools.java

test: install browser java  ## all tests but the long ones
	$(BIN)/python -m pytest -m "not slow" -n 2 --dist loadfile

test-all: install browser java  ## the long tests too
	$(BIN)/python -m pytest -n 2 --dist loadfile

check: install  ## what CI runs
	$(BIN)/ruff format --check src tests tools
	$(BIN)/ruff check src tests tools
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/yicha manage makemigrations --check --dry-run
	$(BIN)/python tools/messages.py check
	$(MAKE) test

bench: install  ## measure; NAMES=a,b for some
	$(BIN)/python -m tools.bench $(if $(NAMES),--names $(NAMES))

messages: install  ## collect new messages into the catalogues
	$(BIN)/python tools/messages.py collect

format: install
	$(BIN)/ruff format src tests tools
	$(BIN)/ruff check --fix src tests tools

lock:  ## renew requirements.lock
	$(BIN)/uv pip compile --quiet --generate-hashes --no-emit-index-url --no-header --python-version 3.11 --extra dev pyproject.toml -o requirements.lock

clean:
	rm -rf .venv build dist

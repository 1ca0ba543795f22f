# Two commands: `make demo` and `make test`. Each first makes .venv ready (Headless/environment.sh).
#
#   make demo                          all modules on generated phantoms, one page in demo/
#   make demo DATA=../shared/data      the same on real pictures
#   make demo SHORT=1                  the quick version
#   make test                          style, types, all tests
#   PYTHON=python3.12                  choose the Python that .venv is made with

SHELL := /bin/bash
PY := .venv/bin/python
OUT ?= demo
DATA ?=
SHORT ?=
PYTEST_ARGS ?=
export PYTHON

.PHONY: help demo test lint environment clean
.DEFAULT_GOAL := help

help:
	@sed -n 's/^#  *\(make\|PYTHON\)/  \1/p' Makefile

environment:
	@bash Headless/environment.sh

demo: environment
	.venv/bin/deepmed demo --out $(OUT) $(if $(DATA),--data $(DATA)) $(if $(SHORT),--short)

lint: environment
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy

# One process a module: what one leaves behind in VTK, Qt or torch must not bring down the next.
test: lint
ifneq ($(strip $(PYTEST_ARGS)),)
	$(PY) -m pytest -q $(PYTEST_ARGS)
else
	$(PY) -m pytest -q --ignore=Testing/module
	set -e; for folder in Testing/module/*/; do case $$folder in *__pycache__*) ;; *) $(PY) -m pytest -q $$folder ;; esac; done
	$(PY) -m pytest -q Testing/module/test_*.py
endif

clean:
	rm -rf build/lib build/bdist.* *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis $(OUT)
	find . -name __pycache__ -not -path './.venv/*' -prune -exec rm -rf {} +

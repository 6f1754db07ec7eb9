.DEFAULT_GOAL := help
.PHONY: help setup demo test lint bench docs screenshots format lock
PYTEST_ARGS ?= -n auto --dist loadgroup
BENCH_ARGS ?=

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## make .venv, or see that it is as the lock says
	@scripts/setup.sh

demo: setup ## a whole network to try, on http://127.0.0.1:8000
	@.venv/bin/tierslieu demo

test: setup ## every test; one alone: .venv/bin/python -m pytest tests/test_shape.py
	@.venv/bin/python -m pytest $(PYTEST_ARGS)

lint: setup ## ruff, mypy --strict, and who may import whom
	@.venv/bin/ruff check . && .venv/bin/ruff format --check . && .venv/bin/mypy && .venv/bin/python scripts/imports.py

format: setup ## put the code in shape
	@.venv/bin/ruff check --fix-only --quiet . ; .venv/bin/ruff format .

bench: setup ## measure
	@.venv/bin/python -m benchmarks $(BENCH_ARGS)

docs: setup ## write again what is generated in the pages of docs/ and the README
	@.venv/bin/tierslieu docs

screenshots: setup ## pictures of the pages, at 390 and 1280, light and dark
	@.venv/bin/python scripts/screenshots.py

lock: setup ## pin the dependencies again after a change in pyproject.toml
	@scripts/lock.sh

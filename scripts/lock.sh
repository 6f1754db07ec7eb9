#!/usr/bin/env bash
# Pins every dependency with its hashes, for every platform; the file names no index.
# scripts/lock.sh            keeps the pins that still fit
# scripts/lock.sh --upgrade  takes the newest
set -euo pipefail
cd "$(dirname "$0")/.."
.venv/bin/uv pip compile --quiet --universal --python-version 3.11 --all-extras \
  --generate-hashes --no-emit-index-url --no-header "$@" pyproject.toml -o requirements.lock

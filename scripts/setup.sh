#!/usr/bin/env bash
# Makes .venv from requirements.lock. Quick when nothing has changed.
# With --browser it also sees to Chromium, which the journeys in the tests drive, and to calcurse,
# npm and qpdf: calendars and reports are read by other people's programmes.
set -euo pipefail
cd "$(dirname "$0")/.."

venv=.venv
pango=(libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-dejavu)
missing=()

say() { printf '%s\n' "$*" >&2; }
is_root() { [ "$(id -u)" = 0 ]; }
has_apt() { command -v apt-get >/dev/null 2>&1; }

# Wanted only where dpkg can tell: elsewhere the reader knows the names of these libraries better.
want_package() {
  if command -v dpkg-query >/dev/null 2>&1 &&
    ! dpkg-query -W -f '${Status}' "$1" 2>/dev/null | grep -q 'ok installed'; then
    missing+=("$1")
  fi
}

find_python() {
  local candidate
  for candidate in "${PYTHON:-}" python3 python3.14 python3.13 python3.12 python3.11; do
    if [ -n "$candidate" ] && command -v "$candidate" >/dev/null 2>&1 &&
      "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
      printf '%s\n' "$candidate"
      return
    fi
  done
  say "Python 3.11 or newer is needed and was not found. Name one with: PYTHON=/path/to/python3 make"
  exit 1
}

find_chromium() { command -v chromium || command -v chromium-browser || command -v google-chrome; }

install_or_explain() {
  [ "${#missing[@]}" -gt 0 ] || return 0
  if is_root && has_apt; then
    say "Installing system packages: ${missing[*]}"
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq >/dev/null
    apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null </dev/null
    return
  fi
  say "Some system packages are missing. Type this, then start again:"
  say ""
  say "  sudo apt-get install -y --no-install-recommends ${missing[*]}"
  exit 1
}

fingerprint() { cat requirements.lock pyproject.toml scripts/setup.sh | sha256sum | cut -d' ' -f1; }

python=$(find_python)
if ! "$python" -c 'import ensurepip' 2>/dev/null && [ ! -x "$venv/bin/uv" ]; then
  missing+=(python3-venv)
fi
for package in "${pango[@]}"; do want_package "$package"; done
if [ "${1:-}" = --browser ] && ! find_chromium >/dev/null; then
  missing+=(chromium)
fi
if [ "${1:-}" = --browser ]; then
  command -v calcurse >/dev/null 2>&1 || missing+=(calcurse)
  command -v qpdf >/dev/null 2>&1 || missing+=(qpdf)
  command -v npm >/dev/null 2>&1 || missing+=(nodejs npm)
fi
install_or_explain

stamp="$venv/.tierslieu-stamp"
wanted="$(fingerprint) $(pwd)"
if [ -x "$venv/bin/tierslieu" ] && [ "$(cat "$stamp" 2>/dev/null || true)" = "$wanted" ]; then
  exit 0
fi

if ! "$venv/bin/python" -c '' 2>/dev/null; then
  rm -rf "$venv"
  "$python" -m venv "$venv"
fi
if ! "$venv/bin/uv" --version >/dev/null 2>&1; then
  "$venv/bin/python" -m pip --version >/dev/null 2>&1 || "$venv/bin/python" -m ensurepip --upgrade >/dev/null
  # The very uv that the lock pins, held to its hashes.
  awk '/^uv==/ {on=1} on {print} on && !/\\$/ {exit}' requirements.lock >"$venv/uv.txt"
  "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes -r "$venv/uv.txt"
fi
say "Setting up .venv from requirements.lock"
export VIRTUAL_ENV="$PWD/$venv" UV_LINK_MODE="${UV_LINK_MODE:-copy}"
"$venv/bin/uv" pip sync --quiet --compile-bytecode requirements.lock
"$venv/bin/uv" pip install --quiet --no-deps --no-build-isolation -e .
printf '%s\n' "$wanted" >"$stamp"

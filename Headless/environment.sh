#!/usr/bin/env bash
# Make .venv ready: a fitting Python, the pinned packages, the system libraries. Safe to run again; quick when nothing changed.
#
#   PYTHON=/path/to/python3.12 bash Headless/environment.sh
#
# torch comes first and alone, so that no other package can choose its build: the CPU build unless the machine has an
# NVIDIA GPU. All other packages are installed exactly as listed in requirements.lock, without looking for dependencies.
set -euo pipefail
cd "$(dirname "$0")/.."

VENV=.venv
STAMP=$VENV/deepmed.stamp
CPU_INDEX=https://download.pytorch.org/whl/cpu

say() { printf '%s\n' "$*" >&2; }
stop() { say "deepmed: $*"; exit 1; }

# ---- apt, where it is allowed -----------------------------------------------------------------------------------------
apt_install() { # packages...; returns 1 and says the line to run where it is not allowed
  command -v apt-get >/dev/null || { say "Install these with your package manager (names as in Debian): $*"; return 1; }
  local as_root=()
  if [ "$(id -u)" != 0 ]; then
    if command -v sudo >/dev/null && sudo -n true 2>/dev/null; then as_root=(sudo -n); else
      say "Run this line, then make again:"
      say "  sudo apt-get update && sudo apt-get install -y --no-install-recommends $*"
      return 1
    fi
  fi
  say "Installing system packages: $*"
  "${as_root[@]}" apt-get update -qq </dev/null >&2 || true # an old list may still do
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" </dev/null >&2
}

# ---- a fitting Python -------------------------------------------------------------------------------------------------
answers_yes() { [ "$("$1" -c "$2" 2>/dev/null)" = yes ]; }
fits() { answers_yes "$1" 'import sys; print("yes" if (3, 11) <= sys.version_info[:2] <= (3, 13) else "no")'; }
makes_venv() { answers_yes "$1" 'import ensurepip, venv; print("yes")'; }

find_python() { # prints a Python 3.11 to 3.13 that can make virtual environments
  local candidates=(${PYTHON:-python3.11 python3.12 python3.13 python3 /usr/bin/python3}) candidate without_venv=""
  for candidate in "${candidates[@]}"; do
    fits "$candidate" || continue
    if makes_venv "$candidate"; then echo "$candidate"; return; fi
    without_venv=${without_venv:-$candidate}
  done
  [ -n "$without_venv" ] || stop "no Python 3.11, 3.12 or 3.13 found (looked for: ${candidates[*]}). Install one, or name it: make test PYTHON=/path/to/python3.12"
  local version
  version=$("$without_venv" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
  apt_install "python$version-venv" || exit 1
  makes_venv "$without_venv" || stop "$without_venv cannot make virtual environments: install python$version-venv."
  echo "$without_venv"
}

# ---- packages ---------------------------------------------------------------------------------------------------------
pip_install() { "$VENV/bin/python" -m pip install --disable-pip-version-check --quiet "$@" </dev/null; }

install_torch() {
  local torch
  torch=$(grep -E '^torch==' requirements.lock)
  if "$VENV/bin/python" -m pip show torch 2>/dev/null | grep -qE "^Version: ${torch#torch==}(\+|\$)"; then return; fi
  if command -v nvidia-smi >/dev/null && nvidia-smi -L 2>/dev/null | grep -q GPU; then
    say "Installing $torch for the NVIDIA GPU"
    pip_install "$torch" --constraint requirements.lock
    return
  fi
  say "Installing $torch, CPU build"
  if ! pip_install --no-deps --timeout 15 --retries 1 --index-url "$CPU_INDEX" "$torch"; then
    say "$CPU_INDEX cannot be reached; taking $torch from the usual index, where it may be the larger GPU build."
    pip_install "$torch" --constraint requirements.lock
  fi
}

install_packages() {
  install_torch
  say "Installing the packages of requirements.lock"
  pip_install --no-deps --requirement requirements.lock
  pip_install --no-deps --no-build-isolation --editable .
  "$VENV/bin/python" -m pip check >&2 || stop "requirements.lock does not fit together on this machine (see above)."
}

# ---- all together -----------------------------------------------------------------------------------------------------
case "$(uname -s)-$(uname -m)" in
  Linux-x86_64 | Darwin-arm64) ;;
  *) stop "slicer-core has no package for $(uname -s) on $(uname -m); use Linux on x86_64, macOS on Apple silicon, or Windows." ;;
esac

# A new package folder is a reason to install again: an editable installation knows the folders of its day only.
wanted=$( (cat requirements.lock pyproject.toml setup.py Headless/environment.sh; ls -d -- */*/__init__.py) | cksum)
if ! fits "$VENV/bin/python" || ! "$VENV/bin/python" -m pip --version >/dev/null 2>&1; then
  python=$(find_python)
  say "Making $VENV with $("$python" --version)"
  rm -rf "$VENV"
  "$python" -m venv "$VENV"
fi
if [ "$(cat "$STAMP" 2>/dev/null)" != "$wanted" ]; then
  install_packages
  echo "$wanted" >"$STAMP"
fi

# Checks the DICOM that the tests write; they do without, and say so.
command -v dciodvfy >/dev/null || apt_install dicom3tools || true

missing=$("$VENV/bin/python" Headless/system_libraries.py)
if [ -n "$missing" ]; then
  # shellcheck disable=SC2086 # a list of names
  apt_install $missing || exit 1
  missing=$("$VENV/bin/python" Headless/system_libraries.py)
  [ -z "$missing" ] || stop "these system packages are installed but do not work: $missing"
fi

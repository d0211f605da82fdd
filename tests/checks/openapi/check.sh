#!/usr/bin/env bash
# Holds the API to its description: validates functions/control/openapi.json, and has schemathesis make thousands of
# requests of it, to a local stack, under each kind of key. Expects `cargo build --workspace` to have been run. Installs what
# requirements.txt names below target/ at the first run. Ends with an error on any answer that the description does not
# allow, any request that it allows and that is refused, or any that it does not and that is taken.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../../.." && pwd)
target=$(realpath "${CARGO_TARGET_DIR:-$root/target}")
venv=$target/tools/openapi

# Installed anew when the list changes.
if ! cmp -s "$here/requirements.txt" "$venv/requirements.txt"; then
    echo "Installing schemathesis below $venv"
    rm -rf "$venv"
    python3 -m venv "$venv"
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --requirement "$here/requirements.txt"
    cp "$here/requirements.txt" "$venv/requirements.txt"
fi
PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 exec "$venv/bin/python" "$here/check.py" "$target"

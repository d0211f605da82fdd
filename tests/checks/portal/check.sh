#!/usr/bin/env bash
# The tenants' page in a real browser on a local stack: Debian's Chromium, driven by Playwright, and looked through by axe.
# Expects `cargo build --workspace` to have been run. Ends with an error on any failure.
#
#   tests/checks/portal/check.sh                          runs the stories
#   tests/checks/portal/check.sh --pictures docs/portal   takes the README's screenshots anew instead
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../../.." && pwd)
target=${CARGO_TARGET_DIR:-$root/target}
home=$target/portal
mkdir -p "$home"

chromium=${CHROMIUM:-$(command -v chromium || true)}
if [ -z "$chromium" ]; then
    if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
        echo "Chromium is missing. Install it (Debian: apt-get install chromium), or name its program in CHROMIUM." >&2
        exit 1
    fi
    echo "Installing Debian's chromium"
    export DEBIAN_FRONTEND=noninteractive
    if ! { apt-get update && apt-get install --yes --no-install-recommends chromium fonts-dejavu-core; } >"$home/apt.log" 2>&1; then
        tail -n 20 "$home/apt.log" >&2
        exit 1
    fi
    chromium=$(command -v chromium)
fi

echo "Installing Playwright and axe below $home"
cp "$here"/*.mjs "$here/package.json" "$here/package-lock.json" "$home/"
npm ci --prefix "$home" --no-audit --no-fund --ignore-scripts --loglevel error

if [ "${1:-}" = --pictures ]; then
    mkdir -p "$2"
    exec node "$home/pictures.mjs" "$target/debug/lab" "$chromium" "$(realpath "$2")"
fi
exec node "$home/portal.mjs" "$target/debug/lab" "$chromium"

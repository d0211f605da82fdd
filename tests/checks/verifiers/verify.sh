#!/usr/bin/env bash
# Records deliveries of a local stack and verifies them with the official Standard Webhooks libraries for Python and
# JavaScript, which share no code with ours. Tampered deliveries must be refused. Ends with an error on any failure.
#
#   tests/checks/verifiers/verify.sh          records anew, by the journey of that name
#   tests/checks/verifiers/verify.sh FILE     verifies what FILE holds; the libraries refuse what is older than five minutes
set -euo pipefail

python_library=standardwebhooks==1.1.0
node_library=standardwebhooks@1.1.1

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../../.." && pwd)
target=${CARGO_TARGET_DIR:-$root/target}
home=$target/verifiers
mkdir -p "$home"

echo "Installing $python_library and $node_library below $home"
if [ ! -x "$home/venv/bin/python" ]; then
    python3 -m venv "$home/venv"
fi
"$home/venv/bin/python" -m pip install --quiet --disable-pip-version-check "$python_library"
npm install --prefix "$home/npm" --no-save --no-audit --no-fund --ignore-scripts --loglevel error "$node_library"

if [ $# -gt 0 ]; then
    recorded=$1
else
    recorded=$target/tmp/recorded-deliveries.json
    rm -f "$recorded"
    echo "Recording deliveries"
    (cd "$root" && cargo test --quiet --workspace --test journeys -- secrets::verifiers::)
fi
if [ ! -s "$recorded" ]; then
    echo "There are no recorded deliveries at $recorded" >&2
    exit 1
fi

"$home/venv/bin/python" "$here/verify.py" "$recorded"
NODE_PATH=$home/npm/node_modules node "$here/verify.cjs" "$recorded"

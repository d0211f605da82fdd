#!/usr/bin/env bash
# Deploys infra/template.yaml by CloudFormation on MiniStack, a stand-in for AWS, and plays the main journeys by the
# API's routes, with each call of a function checked against its role's policies. Expects `cargo build --workspace` to
# have been run; writes below the target directory alone. Ends with an error on any failure. Python 3.11 or later.
set -euo pipefail

# MiniStack brings the botocore that it needs.
packages=(ministack==1.5.33 boto3==1.43.106 aws-sam-translator==1.115.0 standardwebhooks==1.1.0)

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../../.." && pwd)
target=$(realpath "${CARGO_TARGET_DIR:-$root/target}")
venv=$target/tools/ministack

if [ "$(cat "$venv/packages" 2>/dev/null)" != "${packages[*]}" ]; then
    echo "Installing ${packages[*]} below $venv"
    rm -rf "$venv"
    python3 -m venv "$venv"
    "$venv/bin/pip" install --quiet --disable-pip-version-check "${packages[@]}"
    echo "${packages[*]}" >"$venv/packages"
fi
PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 exec "$venv/bin/python" "$here/deploy.py" "$target"

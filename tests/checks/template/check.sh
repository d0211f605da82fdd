#!/usr/bin/env bash
# Checks infra/template.yaml without AWS: the linters, on the source and on what SAM makes of it, and the rules of
# template_test.py. Installs the tools below target/ at the first run; asks for no credentials.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/../../.."
here=tests/checks/template
home=${CARGO_TARGET_DIR:-$PWD/target}/tools/template
template=infra/template.yaml

# Installed anew when the list of tools changes.
if ! cmp -s "$here/requirements.txt" "$home/requirements.txt"; then
    echo "Installing $(grep -c == "$here/requirements.txt") linters below $home"
    rm -rf "$home"
    python3 -m venv "$home"
    "$home/bin/python" -m pip install --quiet --disable-pip-version-check --requirement "$here/requirements.txt"
    cp "$here/requirements.txt" "$home/requirements.txt"
fi

export SAM_CLI_TELEMETRY=0 AWS_EC2_METADATA_DISABLED=true AWS_DEFAULT_REGION=us-east-1
# By a relative path: checkov takes 40 letters and slashes in a row for a secret, as an absolute path may have.
expanded=$(realpath --relative-to=. "$home")/expanded.json

"$home/bin/cfn-lint" "$template"
"$home/bin/sam" validate --lint --template "$template"
"$home/bin/python" "$here/expand.py" "$template" >"$expanded"
"$home/bin/cfn-lint" "$expanded"
echo "cfn-lint: the source and what SAM makes of it are clean"
"$home/bin/python" "$here/accepted.py" infra/checkov-accepted.yaml "$template" "$expanded"
"$home/bin/python" -m unittest discover --start-directory "$here" --pattern '*_test.py'

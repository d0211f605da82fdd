#!/usr/bin/env bash
# Runs the commands of docs/OPERATIONS.md on dead letters, as they stand there, against a local stack's queues. Expects the
# binaries of `cargo build --workspace` to be there. Ends with an error when a command fails or does not do what the runbook says.
set -euo pipefail

aws_cli=awscli==1.46.3

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../.." && pwd)
target=${CARGO_TARGET_DIR:-$root/target}
home=$target/tools/awscli
run=$(mktemp -d)
stack_pid=
trap 'kill $stack_pid 2>/dev/null || true; rm -rf "$run"' EXIT

[ -x "$home/bin/python" ] || python3 -m venv "$home"
"$home/bin/python" -m pip install --quiet --disable-pip-version-check "$aws_cli"
export PATH="$home/bin:$PATH"

# Waits for a condition, 30 seconds at most.
until_true() {
    local end=$((SECONDS + 30))
    until "$@" >/dev/null 2>&1; do
        [ $SECONDS -lt $end ] || { echo "timed out: $*" >&2; return 1; }
        sleep 0.1
    done
}

"$target/debug/lab" up --endpoints --ephemeral --port 0 --ready-file "$run/ready" >"$run/stack.log" 2>&1 &
stack_pid=$!
until_true test -s "$run/ready" || { cat "$run/stack.log" >&2; exit 1; }
sqs=$(python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))["sqs"])' "$run/ready")
export AWS_DEFAULT_REGION=us-east-1 AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local AWS_EC2_METADATA_DISABLED=true

# This version of the AWS CLI takes the endpoint by a flag alone.
aws() { command aws --endpoint-url "$sqs" "$@"; }

# In the runbook this asks CloudFormation, which a local stack has not got.
output() { echo "$sqs/000000000000/${1%Url}"; }

# The runbook's block of this number, of those that are marked for this test.
block() {
    awk -v wanted="$1" '
        /tested by tests\/checks\/runbook\/dead_letters.sh/ { count++; here = count == wanted; next }
        here && /^```sh$/ { inside = 1; next }
        here && /^```$/ { exit }
        inside { print }' "$root/docs/OPERATIONS.md"
}

expect() { # what, in which text
    grep -qF -- "$1" <<<"$2" || { echo "FAILED: expected $1 in: $2" >&2; exit 1; }
}

letter() {
    aws sqs send-message --queue-url "$(output DeliveriesDeadLetterQueueUrl)" --message-body "$1" \
        --message-attributes '{"reason": {"DataType": "String", "StringValue": "put there by the test"}}' >/dev/null
}

is_visible() { [ "$(attribute "$1" ApproximateNumberOfMessages)" = "$2" ]; }

letter first
letter second
eval "$(block 1)" >"$run/count"
expect 2 "$(cat "$run/count")"
expect "put there by the test" "$(eval "$(block 2)")"
# Those that were looked at are out of sight for a while.
until_true is_visible "$dead" 2
moved=$(eval "$(block 3)")
expect COMPLETED "$moved"
expect '"ApproximateNumberOfMessagesMoved": 2' "$moved"
# Delivery has got them back, cannot read them either, and has put them away with a reason of its own.
until_true is_visible "$dead" 2
letters=$(eval "$(block 2)")
expect '"reason"' "$letters"
if grep -qF "put there by the test" <<<"$letters"; then
    echo "FAILED: these were not redriven: $letters" >&2
    exit 1
fi
eval "$(block 4)"
until_true is_visible "$dead" 0
[ "$(attribute "$dead" ApproximateNumberOfMessagesNotVisible)" = 0 ]
echo "ok      the runbook's commands on dead letters"

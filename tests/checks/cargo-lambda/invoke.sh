#!/usr/bin/env bash
# Invokes every function with its sample requests by `cargo lambda invoke`, through cargo-lambda's own Runtime API, against
# the stand-ins of a local stack. Expects `cargo build --workspace` to have been run. Ends with an error on any failure.
set -euo pipefail

cargo_lambda=cargo-lambda==1.9.2

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../.." && pwd)
target=${CARGO_TARGET_DIR:-$root/target}
home=$target/cargo-lambda
rm -rf "$home/run" && mkdir -p "$home/run"
started=()
trap 'for pid in "${started[@]}"; do kill "$pid" 2>/dev/null || true; done' EXIT

echo "Installing $cargo_lambda below $home"
[ -x "$home/venv/bin/python" ] || python3 -m venv "$home/venv"
"$home/venv/bin/python" -m pip install --quiet --disable-pip-version-check "$cargo_lambda"
export PATH="$home/venv/bin:$PATH"
cd "$root"

# Waits for a condition, 10 seconds at most.
until_true() {
    for _ in $(seq 100); do
        if "$@" >/dev/null 2>&1; then return 0; fi
        sleep 0.1
    done
    echo "timed out: $*" >&2
    return 1
}

"$target/debug/lab" up --endpoints --data "$home/run" --port 0 --ready-file "$home/run/ready" >"$home/run/stack.log" 2>&1 &
started+=($!)
until_true test -s "$home/run/ready"
key=$(python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))["admin_key"])' "$home/run/ready")
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')

cargo lambda watch --only-lambda-apis --invoke-address 127.0.0.1 --invoke-port "$port" >"$home/run/watch.log" 2>&1 &
started+=($!)
until_true bash -c "exec 3<>/dev/tcp/127.0.0.1/$port"

# shellcheck disable=SC1091
. "$home/run/env"
for function in control subscriptions intake history portal fanout delivery scheduler; do
    # The access key id says whose rights the stand-ins hold a call against; with the file above, which has them all, nobody's.
    AWS_ACCESS_KEY_ID=$function AWS_LAMBDA_FUNCTION_NAME=$function \
        AWS_LAMBDA_RUNTIME_API=http://127.0.0.1:$port/.rt/$function \
        "$target/debug/$function" >"$home/run/$function.log" 2>&1 &
    started+=($!)
done

failed=0
invoke() { # function, request, what the answer must hold
    sed "s/REPLACED_BY_YOUR_KEY/$key/" "functions/$1/requests/$2.json" >"$home/run/request.json"
    local answer
    answer=$(timeout 30 cargo lambda invoke "$1" --invoke-address 127.0.0.1 --invoke-port "$port" \
        --data-file "$home/run/request.json" 2>&1) || true
    if grep -qF -- "$3" <<<"$answer"; then
        echo "ok      $1 $2"
    else
        echo "FAILED  $1 $2: expected $3 in: $answer"
        failed=1
    fi
}

invoke control health '"statusCode":200'
invoke control put-tenant '"statusCode":201'
invoke control put-event-type '"statusCode":201'
invoke subscriptions list-subscriptions '"statusCode":200'
invoke intake publish '"statusCode":202'
invoke history list-events '"statusCode":200'
# Nobody's: there is no cookie.
invoke portal subscriptions 'opened by a link'
invoke fanout event '"batchItemFailures":[]'
invoke delivery task '"batchItemFailures":[]'
invoke scheduler tick 'null'
exit "$failed"

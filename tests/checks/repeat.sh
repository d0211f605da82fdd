#!/usr/bin/env bash
# Runs journeys again and again on a machine that is busy elsewhere, and fails if any run did.
#
#   tests/checks/repeat.sh 5                        all journeys, five times
#   tests/checks/repeat.sh 50 minutes               those whose outcome could depend on the minute or hour
#                                                   in which they start, fifty times
#   tests/checks/repeat.sh 20 deliver::retries …    those whose names contain one of these
#
# The load is a busy loop for each core. It is started and ended here. The output of each run that failed is kept
# below target/repeat/.
set -euo pipefail
cd "$(dirname "$0")/../.."

usage() { sed -n '2,/^set/p' "$0" | sed -n 's/^# \{0,1\}//p' >&2; exit 2; }
[[ "${1:-}" =~ ^[1-9][0-9]*$ ]] || usage
times=$1
shift
filters=("$@")
# What counts by the minute or the hour of the clock.
if [ "${filters[*]:-}" = minutes ]; then
    filters=(publish::flow statistics:: operate::figures portal::page access::keys)
fi

target=${CARGO_TARGET_DIR:-$PWD/target}
kept=$target/repeat
mkdir -p "$kept"
cargo build --quiet --workspace
cargo test --quiet --workspace --test journeys --no-run
export POSTRIDER_BINARIES=$target/debug

load=()
end() {
    for pid in "${load[@]:-}"; do
        if [ -n "$pid" ]; then
            kill "$pid" 2>/dev/null || true
            wait "$pid" 2>/dev/null || true
        fi
    done
}
trap end EXIT
for _ in $(seq "$(nproc)"); do
    (while :; do :; done) &
    load+=($!)
done

failed=0
for run in $(seq "$times"); do
    log=$kept/run-$run.txt
    if cargo test --quiet --workspace --test journeys -- "${filters[@]}" >"$log" 2>&1; then
        printf 'run %s of %s: %s\n' "$run" "$times" "$(grep '^test result' "$log" | tail -n 1)"
        if grep -q ' 0 passed' "$log"; then
            echo "no journey has such a name" >&2
            exit 2
        fi
        rm "$log"
    else
        failed=$((failed + 1))
        printf 'run %s of %s failed: %s\n' "$run" "$times" "$log"
        sed -n 's/^test \(.*\) \.\.\. FAILED$/  \1/p; s/^    \([a-z_:]*\)$/  \1/p' "$log" | sort -u
    fi
done
printf '%s of %s runs failed\n' "$failed" "$times"
[ "$failed" -eq 0 ]

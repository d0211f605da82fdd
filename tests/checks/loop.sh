#!/usr/bin/env bash
# Measures the loop: seconds of CPU and of the clock for a build after a change in `shared`, until the stack answers with
# it. Changes two files of a clean checkout for that, and puts them back.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
git diff --quiet -- shared || { echo "shared has changes of yours: commit or stash them first" >&2; exit 1; }
trap 'git checkout --quiet -- shared/src/core.rs shared/src/edges/api/problem.rs' EXIT
TIMEFORMAT='%U user + %S system, %R on the clock'

measure() { # words command...
    printf '%-42s ' "$1" >&2
    shift
    time "$@" >target/loop.log 2>&1
}

cargo build --quiet --workspace
echo '// A comment.' >>shared/src/core.rs
measure "a comment in shared" cargo build --workspace
sed -i 's/was changed by others at the same time/was changed by somebody else/' shared/src/edges/api/problem.rs
measure "a text in shared" cargo build --workspace
measure "the demo, until it ended" target/debug/lab demo --port 0 --receiver-port 0
measure "unit tests of one module after that" cargo test --workspace --lib -- retry::tests
measure "one journey after that" cargo test --workspace --test journeys -- health_needs_no_key

#!/usr/bin/env bash
# Builds the fuzz targets, and runs each for so many seconds (5 if none are given) from its corpus; `run.sh 60 schema` runs
# that one alone. Prints what each did, and ends with 1 at the first finding, whose input is under fuzz/findings/.
# KEEP=1 adds to the corpus what reaches something new, and makes it small again. The same inputs are made each time; SEED=2
# makes others.
set -euo pipefail
cd "$(dirname "$0")"
seconds=${1:-5}
targets=(messages publish settings endpoint request headers names schema)
[ $# -gt 1 ] && targets=("${@:2}")
target_dir=${CARGO_TARGET_DIR:-$PWD/../target}/fuzz

# What `cargo fuzz --sanitizer none` passes: LLVM's coverage, of stable Rust.
export RUSTFLAGS="--cfg fuzzing -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
 -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
 -Cllvm-args=-sanitizer-coverage-trace-compares"
# A target is named to cargo, so that build scripts are built without the flags: they have no such runtime to link to.
host=$(rustc -vV | sed -n 's/^host: //p')
CARGO_TARGET_DIR=$target_dir cargo build --quiet --release --locked --target "$host" --bins

mkdir -p findings
for target in "${targets[@]}"; do
    grown=$(mktemp -d)
    log=$grown/log
    mkdir "$grown/corpus"
    printf '%-9s ' "$target"
    if ! "$target_dir/$host/release/$target" -seed="${SEED:-1}" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=1024 -max_len=16384 \
        -print_final_stats=1 -artifact_prefix="findings/$target-" "$grown/corpus" "corpus/$target" >"$log" 2>&1; then
        tail -n 40 "$log"
        echo "a finding of $target: $(sed -n 's/.*Test unit written to /fuzz\//p' "$log")"
        exit 1
    fi
    runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
    reached=$(grep -o 'cov: [0-9]* ft: [0-9]*' "$log" | tail -n 1)
    printf '%s executions, %s\n' "$runs" "$reached"
    if [ -n "${KEEP:-}" ]; then
        mkdir "$grown/small"
        "$target_dir/$host/release/$target" -set_cover_merge=1 -use_counters=0 -max_len=1024 \
            "$grown/small" "corpus/$target" "$grown/corpus" >>"$log" 2>&1
        rm -rf "corpus/$target"
        mv "$grown/small" "corpus/$target"
    fi
    rm -rf "$grown"
done

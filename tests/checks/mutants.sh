#!/usr/bin/env bash
# Mutation tests of the decisions in shared/src/core, killed by its unit tests. Takes hours as a whole on two cores.
#
#   tests/checks/mutants.sh          all of them
#   tests/checks/mutants.sh 3/40     the fourth of forty samples, 0 to 39, in random order
#
# Prints the share that was killed, and ends with an error below 97 %. Survivors are in mutants.out/missed.txt of the target
# directory.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
shard=${1:-0/1}
target=${CARGO_TARGET_DIR:-$PWD/target}
# `--sharding` came with 26.0.
version=27.1.0
tool=$target/tools/cargo-mutants-$version
[ -x "$tool/bin/cargo-mutants" ] ||
    cargo install --quiet --locked --debug cargo-mutants --version "$version" --root "$tool"
status=0
"$tool/bin/cargo-mutants" mutants --shard "$shard" --sharding round-robin --shuffle --output "$target" --no-times \
    --colors never || status=$?
# 0: all were killed; 2: some survived; 3: some ran into the time limit, which counts as killed.
case $status in 0 | 2 | 3) ;; *) exit "$status" ;; esac
lines() { wc -l <"$target/mutants.out/$1.txt"; }
killed=$(($(lines caught) + $(lines timeout)))
all=$((killed + $(lines missed)))
echo "killed $killed of $all"
[ $((killed * 100)) -ge $((all * 97)) ]

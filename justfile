# What people do daily. `just` lists it; `cargo install just` installs it. Every recipe is one plain command to read and copy.

[private]
default:
    @just --list --unsorted

# Start the local stack, with a receiver that prints what it gets
up *options:
    cargo postrider up {{options}}

# Play one event of each of four platforms, and a shop's day
demo *options:
    cargo postrider demo {{options}}

# All tests
test:
    cargo test --workspace

# Journeys whose path or name contains NAME, such as `just journey breaker`
journey NAME:
    cargo test --workspace --test journeys -- {{NAME}}

# Unit tests whose path or name contains NAME, such as `just unit retry::tests`
unit NAME:
    cargo test --workspace --lib -- {{NAME}}

# Formatter, clippy, docs, dependencies, template: what CI asks first
check:
    .ci/run cheap

# All that CI asks, on this checkout
ci:
    .ci/run

# Journeys whose name contains FILTER, N times in a row with both cores busy
repeat N FILTER="":
    tests/checks/repeat.sh {{N}} {{FILTER}}

# What a change in `shared` costs until it runs
loop:
    tests/checks/loop.sh

# Write the API's description anew from the functions' types
openapi:
    cargo run --package openapi

# Show the documentation, private items included
doc:
    cargo doc --no-deps --workspace --document-private-items --open

# Mutation tests of the decisions in core; hours on two cores. Take a sample: `just mutants 0/8`
mutants SHARD="0/1":
    tests/checks/mutants.sh {{SHARD}}

# What only release builds show: sizes of the functions, their starts, the bench
release-checks:
    python3 infra/sizes.py --check
    cargo postrider starts
    cargo postrider bench 5000

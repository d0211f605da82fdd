#!/usr/bin/env python3
"""Builds the functions as they are deployed, zips each, and prints how large they are, as a table.

    infra/sizes.py            builds and prints
    infra/sizes.py --update   puts the table into README.md and the sizes into infra/sizes.json as well
    infra/sizes.py --check    builds and fails if a function's size is more than a tenth off infra/sizes.json
    infra/sizes.py --built    builds nothing: measures what was built last

For arm64 that takes cargo-lambda (`pip install cargo-lambda`) and the Rust target aarch64-unknown-linux-gnu
(`rustup target add`). Without the target it measures only what this machine's own architecture gives, and says so.
A test compares README.md with infra/sizes.json. The tests make no release build, so --check is for whoever makes one.
"""

import io
import json
import os
import platform
import re
import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SIZES = ROOT / "infra" / "sizes.json"
README = ROOT / "README.md"
ARM = "aarch64-unknown-linux-gnu"
FUNCTIONS = sorted(path.name for path in (ROOT / "functions").iterdir() if (path / "Cargo.toml").exists())
TOLERANCE = 0.1
TARGET = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))


def build(*command):
    if "--built" not in sys.argv[1:]:
        subprocess.run(command, cwd=ROOT, check=True)


def has_arm():
    targets = subprocess.run(["rustup", "target", "list", "--installed"], capture_output=True, text=True, check=False)
    return ARM in targets.stdout.split()


def size(binary):
    """Bytes of a binary, and of the archive that Lambda is given."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as zipped:
        zipped.write(binary, "bootstrap")
    return {"binary": binary.stat().st_size, "zipped": archive.getbuffer().nbytes}


def own():
    """Of this machine's architecture."""
    build("cargo", "build", "--release", "--workspace")
    return {name: size(TARGET / "release" / name) for name in FUNCTIONS}


def arm64():
    """As they are deployed."""
    packages = [part for name in FUNCTIONS for part in ("--package", name)]
    build("cargo", "lambda", "build", "--release", "--arm64", "--output-format", "binary", *packages)
    return {name: size(TARGET / "lambda" / name / "bootstrap") for name in FUNCTIONS}


def table(sizes):
    deployed = "arm64" if "arm64" in sizes else platform.machine()
    lines = [f"| function | {deployed} binary | zipped |", "|---|--:|--:|"]
    for name, found in sizes[deployed].items():
        lines.append(f"| {name} | {found['binary'] / 1e6:.1f} MB | {found['zipped'] / 1e6:.1f} MB |")
    return "\n".join(lines) + "\n"


def check(sizes, kept):
    """What is wrong with the sizes on record: a line each."""
    for architecture, found in sizes.items():
        known = kept.get(architecture, {})
        for name in sorted(found.keys() | known.keys()):
            if name not in found or name not in known:
                yield f"{name}, {architecture}: {'not on record' if name in found else 'on record, and there is no such function'}"
                continue
            for what, size in found[name].items():
                if abs(size - known[name][what]) > TOLERANCE * known[name][what]:
                    yield f"{name}, {architecture}: {what} has {size} bytes, not {known[name][what]}"


def main():
    sizes = {platform.machine(): own()}
    if has_arm():
        sizes["arm64"] = arm64()
    else:
        print(f"The Rust target {ARM} is not installed: these are not the sizes that are deployed.", file=sys.stderr)
    print(table(sizes), end="")
    if "--check" in sys.argv[1:]:
        wrong = list(check(sizes, json.loads(SIZES.read_text())))
        if wrong:
            sys.exit("\n".join([*wrong, "Run infra/sizes.py --update"]))
    if "--update" in sys.argv[1:]:
        # What another machine measured of its own architecture stays.
        kept = json.loads(SIZES.read_text()) if SIZES.exists() else {}
        SIZES.write_text(json.dumps(kept | sizes, indent=2) + "\n")
        place = re.compile(r"(?<=<!-- sizes -->\n).*?(?=<!-- /sizes -->)", re.DOTALL)
        README.write_text(place.sub(lambda _: table(sizes), README.read_text()))


main()

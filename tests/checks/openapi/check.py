"""Starts a local stack, prepares what requests can be about, and has schemathesis make requests of the description
under three keys: the admin key, a tenant's, and one that may only look. See hooks.py for what is done to each."""

import json
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

from openapi_spec_validator import OpenAPIV31SpecValidator, validate

from api import Api
from receiver import Receiver

HERE = Path(__file__).resolve().parent
DOCUMENT = HERE.parents[2] / "functions" / "control" / "openapi.json"
SEED = 20261122
# Requests for each operation in the phase that makes random ones, by key.
EXAMPLES = {"admin": 25, "tenant": 10, "read_only": 2}
LEAST_CASES = 5000


def main():
    target = Path(sys.argv[1])
    run = target / "openapi"
    shutil.rmtree(run, ignore_errors=True)
    run.mkdir(parents=True)
    validate(json.loads(DOCUMENT.read_text()), cls=OpenAPIV31SpecValidator)
    print(f"{DOCUMENT.name} is a valid OpenAPI 3.1 document")
    receiver = Receiver()
    stack = subprocess.Popen(
        [target / "debug" / "lab", "up", "--endpoints", "--data", run / "stack", "--port", "0"]
        + ["--ready-file", run / "ready", "--parameter", "LogLevel=warn"],
        stdout=(run / "stack.log").open("w"),
        stderr=subprocess.STDOUT,
    )
    try:
        failed = play(run, stack, receiver)
    finally:
        stack.terminate()
        stack.wait()
    logs = (run / "stack" / "logs").glob("*.log")
    errors = [line for log in logs for line in log.read_text().splitlines() if is_error(line)]
    print("\n".join([f"{len(errors)} errors in the functions' logs", *errors[:20]]))
    sys.exit(1 if failed or errors else 0)


def play(run, stack, receiver):
    """Every key's requests; whether any failed."""
    ready = run / "ready"
    started = time.monotonic()
    while not ready.exists():
        if stack.poll() is not None or time.monotonic() - started > 30:
            raise RuntimeError(f"the stack did not start: {(run / 'stack.log').read_text()}")
        time.sleep(0.1)
    addresses = json.loads(ready.read_text())
    admin = Api(addresses["api"], addresses["admin_key"])
    prepared = admin.prepare(receiver.url)
    keys = {"admin": addresses["admin_key"], "tenant": prepared.pop("full"), "read_only": prepared.pop("read_only")}
    failed, cases = [], 0
    for name, key in keys.items():
        report = run / f"{name}.ndjson"
        environment = os.environ | {
            "SCHEMATHESIS_HOOKS": str(HERE / "hooks.py"),
            "PYTHONPATH": str(HERE),
            "CHECK": json.dumps({"api": addresses["api"], "admin": addresses["admin_key"], "key": name, **prepared}),
        }
        command = [Path(sys.executable).parent / "st", "--config-file", HERE / "schemathesis.toml", "run", DOCUMENT]
        command += ["--url", addresses["api"], "--header", f"Authorization: Bearer {key}", "--seed", str(SEED)]
        command += ["--max-examples", str(EXAMPLES[name]), "--report-ndjson-path", report]
        started = time.monotonic()
        done = subprocess.run([str(part) for part in command], env=environment, cwd=run, check=False)
        made = count(report)
        cases += made
        print(f"{name}: {made} cases in {time.monotonic() - started:.0f} s")
        if done.returncode:
            failed.append(name)
    print(f"{cases} cases in all; failed under: {', '.join(failed) or 'none'}")
    if cases < LEAST_CASES:
        print(f"At least {LEAST_CASES} are wanted.")
    return failed or cases < LEAST_CASES


def count(report):
    """Requests that a run made."""
    scenarios = (json.loads(line).get("ScenarioFinished") for line in report.read_text().splitlines())
    return sum(len(scenario["recorder"].get("interactions", {})) for scenario in scenarios if scenario)


def is_error(line):
    """Of level ERROR; or no JSON, such as a panic."""
    try:
        return json.loads(line).get("level") == "ERROR"
    except ValueError:
        return not re.match(r"process .* ended: ", line)


if __name__ == "__main__":
    main()

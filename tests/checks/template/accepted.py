"""Runs checkov over templates and compares what it finds with what is accepted.

    accepted.py ACCEPTED TEMPLATE…

Ends with 1 on a finding that is not accepted, and on an acceptance that nothing needs any more.
"""

import json
import os
import subprocess
import sys

import yaml

CHECKOV = os.path.join(os.path.dirname(sys.executable), "checkov")


def findings(template):
    """Each finding: the check's id, its sentence, and the resource."""
    command = [CHECKOV, "--skip-download", "--framework", "cloudformation", "--quiet", "--compact", "-o", "json"]
    answer = subprocess.run([*command, "-f", template], capture_output=True, text=True, check=False)
    try:
        report = json.loads(answer.stdout)
    except json.JSONDecodeError:
        sys.exit(f"checkov did not answer for {template}: {answer.stdout}{answer.stderr}")
    if "results" not in report or report["summary"]["parsing_errors"] or not report["summary"]["passed"]:
        sys.exit(f"checkov could not read {template}: {answer.stdout}{answer.stderr}")
    return [(found["check_id"], found["check_name"], found["resource"]) for found in report["results"]["failed_checks"]]


def main(accepted_file, *templates):
    with open(accepted_file, encoding="utf-8") as file:
        accepted = yaml.safe_load(file)
    found = [(template, *finding) for template in templates for finding in findings(template)]
    unexplained = [finding for finding in found if finding[1] not in accepted]
    for template, check, sentence, resource in unexplained:
        print(f"{template}: {resource}: {check} {sentence}")
    needless = sorted(set(accepted) - {check for _, check, _, _ in found})
    for check in needless:
        print(f"{accepted_file}: {check} is accepted, and checkov does not find it any more")
    print(f"checkov: {len(found) - len(unexplained)} findings of {len(accepted)} checks accepted")
    return 1 if unexplained or needless else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))

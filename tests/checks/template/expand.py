"""Writes what CloudFormation gets: the template as SAM expands it.

    expand.py TEMPLATE > EXPANDED

Linters see less in the source: the functions as Lambda takes them, mappings and schedules are not in it.
"""

import json
import os
import sys

from samtranslator.translator.transform import transform
from samtranslator.yaml_helper import yaml_parse

# SAM asks for a region, and for nothing in it.
os.environ.setdefault("AWS_DEFAULT_REGION", "us-east-1")


class NoManagedPolicies:
    """Names of AWS's policies, which SAM would look up in an account. The template writes its own roles."""

    def load(self):
        return {}


def expand(path):
    with open(path, encoding="utf-8") as file:
        template = yaml_parse(file.read())
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            # Before a deployment, code is a folder here; CloudFormation sees where it was uploaded to.
            resource["Properties"]["CodeUri"] = "s3://bucket/key"
    return transform(template, {}, NoManagedPolicies())


if __name__ == "__main__":
    json.dump(expand(sys.argv[1]), sys.stdout, indent=1)

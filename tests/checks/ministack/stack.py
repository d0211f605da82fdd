"""MiniStack as a process, and the template deployed on it.

With AUTH=true MiniStack checks each request's action and resource against the policies of whoever has its access key. A
function has a key of a session of its own role, so that its calls need the template's grants. Not checked: signatures,
what Lambda itself does with a role (receiving from queues, writing logs), and AWS::Lambda::Permission.
"""

import contextlib
import io
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import time
import urllib.request
import zipfile

import boto3
from botocore.config import Config
from samtranslator.yaml_helper import yaml_parse

import differences

ROOT = pathlib.Path(__file__).resolve().parents[3]
REGION = "us-east-1"
# The access key of the account's root, and its secret.
ROOT_KEY = "root"
ARTIFACTS = "artifacts"
# Seconds that anything may take, on a slow machine with others at work on it.
PATIENCE = 60


def until(what, look, patience=PATIENCE):
    """Looks again and again until `look` answers with something found, and fails after `patience` seconds with what was
    seen last. `look` answers with a pair: what it found or a falsehood, and what it saw."""
    end = time.monotonic() + patience
    while True:
        found, seen = look()
        if found:
            return found
        assert time.monotonic() < end, f"{what}: not within {patience} s, but {seen}"
        time.sleep(0.1)


class MiniStack:
    """The process. It leads a process group, which ends with it: the functions are its children."""

    def __init__(self, program, home):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = home / "ministack.log"
        self.temporary = home / "tmp"
        self.temporary.mkdir(parents=True)
        # Nothing of ours but this: MiniStack hands its environment on to the functions.
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(home),
            "TMPDIR": str(self.temporary),
            "AUTH": "true",
            "BIND_HOST": "127.0.0.1",
            "GATEWAY_PORT": str(self.port),
            # Where the functions find AWS.
            "AWS_ENDPOINT_URL": self.url,
            "AWS_ACCESS_KEY_ID": ROOT_KEY,
            "AWS_SECRET_ACCESS_KEY": ROOT_KEY,
            "LAMBDA_EXECUTOR": "local",
            # Listeners of services that are not used here.
            "IOT_MTLS_ENABLED": "0",
            "SFTP_ENABLED": "0",
        }
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen([program], env=environment, cwd=home, stdin=subprocess.DEVNULL, stdout=log,
                                            stderr=subprocess.STDOUT, start_new_session=True)

    def ready(self):
        """Waits until it answers."""
        def look():
            assert self.process.poll() is None, f"MiniStack ended with {self.process.returncode}"
            try:
                with urllib.request.urlopen(f"{self.url}/_ministack/health", timeout=5) as answer:
                    health = json.load(answer)
                return health["auth"] == "enabled", health
            except OSError as error:
                return False, error
        until("MiniStack answers", look)

    def client(self, service):
        """A client of one of its services, as the account's root. Nothing is tried twice."""
        return boto3.client(service, endpoint_url=self.url, region_name=REGION, aws_access_key_id=ROOT_KEY,
                            aws_secret_access_key=ROOT_KEY, config=Config(retries={"total_max_attempts": 1}))

    def stop(self):
        """Ends the process and its functions, and removes the programs that it has unpacked."""
        # It may have ended by itself.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGTERM)
        try:
            self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        shutil.rmtree(self.temporary, ignore_errors=True)


def upload(ministack, template, binaries):
    """Uploads each function's program and names it in the template, as `sam package` does; answers with where the
    template is."""
    s3 = ministack.client("s3")
    s3.create_bucket(Bucket=ARTIFACTS)
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            function = pathlib.PurePath(resource["Properties"]["CodeUri"]).name
            code = io.BytesIO()
            with zipfile.ZipFile(code, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
                archive.write(binaries / function, "bootstrap")
            s3.put_object(Bucket=ARTIFACTS, Key=f"{function}.zip", Body=code.getvalue())
            resource["Properties"]["CodeUri"] = f"s3://{ARTIFACTS}/{function}.zip"
    s3.put_object(Bucket=ARTIFACTS, Key="template.json", Body=json.dumps(template))
    return f"{ministack.url}/{ARTIFACTS}/template.json"


def deploy(ministack, name, binaries, parameters):
    """Deploys the template with those of the parameters that it has; answers with the stack, and with what had to be
    changed for MiniStack."""
    template = yaml_parse((ROOT / "infra/template.yaml").read_text(encoding="utf-8"))
    given = {key: value for key, value in parameters.items() if key in template["Parameters"]}
    changes = differences.allow_for(template, given, ministack.url)
    cloudformation = ministack.client("cloudformation")
    cloudformation.create_stack(
        StackName=name,
        TemplateURL=upload(ministack, template, binaries),
        Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in given.items()],
        # The second is for the SAM transform.
        Capabilities=["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
    )

    def look():
        status = cloudformation.describe_stacks(StackName=name)["Stacks"][0]["StackStatus"]
        return None if status == "CREATE_IN_PROGRESS" else status, status

    status = until("the stack stands", look)
    assert status == "CREATE_COMPLETE", "; ".join([status, *failures(cloudformation, name)])
    return Stack(ministack, name), changes


def failures(cloudformation, name):
    """What failed, and why."""
    for event in cloudformation.describe_stack_events(StackName=name)["StackEvents"]:
        if event["ResourceStatus"].endswith("_FAILED"):
            yield f"{event['LogicalResourceId']}: {event.get('ResourceStatusReason')}"


class Stack:
    """The deployed stack, as the account's root sees it."""

    # As their folders are called.
    names = ["control", "subscriptions", "intake", "fanout", "delivery", "history", "scheduler", "portal"]

    def __init__(self, ministack, name):
        self.client = ministack.client
        stack = self.client("cloudformation").describe_stacks(StackName=name)["Stacks"][0]
        self.outputs = {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}
        resources = self.client("cloudformation").describe_stack_resources(StackName=name)["StackResources"]
        self.resources = {resource["LogicalResourceId"]: resource["PhysicalResourceId"] for resource in resources}
        functions = self.client("lambda").list_functions()["Functions"]
        self.functions = {function["FunctionName"]: function for function in functions}

    def function(self, name):
        """A function's configuration by the name of its folder, such as `intake`."""
        return self.functions[self.resources[f"{name.capitalize()}Function"]]

    def logs(self, name):
        """The lines that a function and its platform have logged so far."""
        group = self.function(name)["LoggingConfig"]["LogGroup"]
        logs = self.client("logs")
        groups = logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"]
        if group not in (known["logGroupName"] for known in groups):
            return []
        pages = logs.get_paginator("filter_log_events").paginate(logGroupName=group)
        return [event["message"] for page in pages for event in page["events"]]

    def runs(self, name):
        """How often a function has been invoked so far."""
        return sum(line.startswith("START ") for line in self.logs(name))

    def invoke(self, name, payload):
        """Invokes a function and waits for its end; answers with its error if there is one."""
        answer = self.client("lambda").invoke(FunctionName=self.function(name)["FunctionName"], Payload=payload)
        return answer["Payload"].read() if "FunctionError" in answer else None

    def send(self, queue, body):
        """Sends a message to a queue."""
        self.client("sqs").send_message(QueueUrl=self.resources[queue], MessageBody=body)

    def waiting(self, queue):
        """How many messages of a queue have been received and not deleted."""
        name = "ApproximateNumberOfMessagesNotVisible"
        answer = self.client("sqs").get_queue_attributes(QueueUrl=self.resources[queue], AttributeNames=[name])
        return int(answer["Attributes"][name])

    def take(self, queue):
        """Receives a message and deletes it; None where there is none."""
        url, sqs = self.resources[queue], self.client("sqs")
        for message in sqs.receive_message(QueueUrl=url, MessageAttributeNames=["All"]).get("Messages", []):
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
            return message
        return None

"""Deploys the template on MiniStack and plays the main journeys there: see deploy.sh."""

import pathlib
import shutil
import signal
import sys
import time
import traceback

import denials
import journeys
import stack
from world import Api, Receiver, World

# Those of them that the template has.
PARAMETERS = {
    # The receiver is on this machine, by plain http.
    "EgressAllow": "127.0.0.1/32",
    # A wait of three seconds is parked then.
    "HideLimitSeconds": "2",
}
# What is off by default and MiniStack can make; it has no addresses and gateways for StaticEgress.
OPTIONS = {
    "AlarmEmail": "alarms@example.com",
    "ApiAccessLog": "true",
    "CertificateArn": f"arn:aws:acm:{stack.REGION}:000000000000:certificate/00000000-0000-0000-0000-000000000000",
    "DomainName": "webhooks.example.com",
    "IntakeUrl": "true",
    "OrderedDelivery": "true",
    "Tracing": "Active",
}


def main(target):
    started = time.monotonic()
    home = target / "ministack"
    shutil.rmtree(home, ignore_errors=True)
    # So that what was started is stopped.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended by a signal"))
    receiver = Receiver()
    ministack = stack.MiniStack(target / "tools/ministack/bin/ministack", home)
    try:
        ministack.ready()
        steps = play(deploy(ministack, receiver, target / "debug"))
        deploy_with_options(ministack, target / "debug")
    except Exception:
        traceback.print_exc()
        print(f"FAILED after {time.monotonic() - started:.0f} s; what MiniStack said: {ministack.log}")
        return 1
    finally:
        ministack.stop()
        receiver.stop()
    print(f"deployed on MiniStack with AUTH=true: {steps} steps ok in {time.monotonic() - started:.0f} s")
    return 0


def deploy(ministack, receiver, binaries):
    """Deploys; answers with the world that the steps are played in."""
    deployed, changes = stack.deploy(ministack, "postrider", binaries, PARAMETERS)
    print(f"ok      deployed {len(deployed.resources)} resources")
    for change in changes:
        print(f"        as MiniStack needs it: {change}")
    secret = deployed.outputs["AdminKeySecretArn"]
    key = ministack.client("secretsmanager").get_secret_value(SecretId=secret)["SecretString"]
    return World(deployed, Api(deployed.outputs["ApiUrl"], key), receiver)


def deploy_with_options(ministack, binaries):
    """Deploys a second stack beside the first."""
    deployed, _ = stack.deploy(ministack, "postrider-options", binaries, PARAMETERS | OPTIONS)
    print(f"ok      deployed {len(deployed.resources)} resources with what is off by default")


def play(world):
    """Plays every step, and stops at the first that fails; answers with their number."""
    steps = [*journeys.STEPS, *denials.STEPS, journeys.schedule]
    for step in steps:
        start = time.monotonic()
        try:
            step(world)
            assert not world.receiver.unverified, world.receiver.unverified
        except Exception:
            print(f"FAILED  {step.__doc__}")
            for name, line in denials.complaints(world.stack):
                print(f"        {name}: {line}")
            raise
        print(f"ok      {step.__doc__} ({time.monotonic() - start:.1f} s)")
    return len(steps)


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1])))

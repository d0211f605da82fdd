"""That the functions work by the grants of their own roles: none lacks one, and without one the call is denied."""

import contextlib
import json

from stack import until
from world import Tenant

EVENT = {"type": "order.created", "data": 1}
QUEUES = {"fanout": "EventsQueue", "delivery": "DeliveriesQueue"}
UNREADABLE = "a message cannot be read; it goes to the dead-letter queue"


def nothing_denied(world):
    """no function was denied a call, and none logged an error but of the messages that nobody can read"""
    for name in world.stack.names:
        assert world.stack.runs(name) > 0, f"{name} never ran"
    found = list(complaints(world.stack))
    assert [name for name, line in found if UNREADABLE in line] == ["fanout", "delivery"], found
    assert all(UNREADABLE in line for _, line in found), found


def complaints(stack):
    """What functions have logged of errors and of calls that were denied to them, with their names."""
    for name in stack.names:
        yield from ((name, line) for line in stack.logs(name) if is_denial(line) or level(line) == "ERROR")


def is_denial(line):
    """Whether a log line tells that AWS denied a call."""
    return "AccessDenied" in line or "not authorized to perform" in line


def level(line):
    """The level of a line of ours; None for the platform's."""
    try:
        return json.loads(line).get("level")
    except (ValueError, AttributeError):
        return None


@contextlib.contextmanager
def without(world, function, action):
    """Takes the grants of an action from a function's role, and gives them back."""
    role, iam = world.stack.function(function)["Role"].rsplit("/", 1)[-1], world.stack.client("iam")
    names = iam.list_role_policies(RoleName=role)["PolicyNames"]
    policies = {name: iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"] for name in names}
    reduced = {name: reduce(policy, action) for name, policy in policies.items()}
    assert reduced != policies, f"the role of {function} does not grant {action}"

    def put(documents):
        for name, document in documents.items():
            iam.put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=json.dumps(document))

    put(reduced)
    yield
    put(policies)


def reduce(policy, action):
    """A policy that does not grant an action, nor its batch; see `differences.batches_by_name`."""
    statements = []
    for statement in policy["Statement"]:
        actions = statement["Action"]
        actions = [actions] if isinstance(actions, str) else actions
        kept = [one for one in actions if one not in (action, f"{action}Batch")]
        if kept:
            statements.append(statement | {"Action": kept})
    return policy | {"Statement": statements}


def denied(world, function, action):
    """Waits until the function has logged that this action was denied to a session of its own role."""
    role = world.stack.function(function)["Role"].rsplit("/", 1)[-1]

    def look():
        lines = [line for line in world.stack.logs(function) if is_denial(line)]
        right = [line for line in lines if f"assumed-role/{role}/" in line and f"perform: {action}" in line]
        return right, lines[-3:]
    until(f"{action} is denied to {function}", look)


def without_a_grant(world):
    """with one grant taken from its role, a function that is called is denied its own call; given back, it works"""
    def answered(method, path, body=None):
        return lambda: world.api.request(method, path, body)[0] < 300

    calls = [
        ("control", "dynamodb:UpdateItem", answered("PUT", "/v1/tenants/shop-3", {})),
        ("intake", "sqs:SendMessage", answered("POST", "/v1/tenants/shop-2/events", EVENT)),
        ("history", "dynamodb:Query", answered("GET", "/v1/tenants/shop-2/events")),
        ("scheduler", "dynamodb:Query", lambda: world.run_scheduler() is None),
    ]
    for function, action, works in calls:
        with without(world, function, action):
            assert not works(), f"{function} works without {action}"
            denied(world, function, action)
        assert works(), f"{function} does not work with {action} again"


def without_a_grant_in_the_background(world):
    """the same of those that work for a queue: what was denied stays in it, and what comes later is delivered"""
    shop = Tenant(world.api, "shop-2")
    subscription = shop.subscribe(world.receiver, "/denials")
    for function, action in [("fanout", "dynamodb:PutItem"), ("delivery", "dynamodb:PutItem")]:
        with without(world, function, action):
            refused = shop.publish(1)
            denied(world, function, action)
        shop.delivery(subscription, shop.publish(2), "delivered", 1)
        assert world.stack.waiting(QUEUES[function]) > 0, f"{refused} is lost"
    shop.unsubscribe(subscription)


STEPS = [nothing_denied, without_a_grant, without_a_grant_in_the_background]

"""What is done to schemathesis's requests, and which of its findings are none.

Ids are mostly those of what was prepared, so that requests get further than 404. What a request removes is made for it. No
URL leads away from this machine."""

import json
import os
import re
import zlib

import schemathesis
from schemathesis.core.parameters import ParameterLocation

from api import Api

CHECK = json.loads(os.environ["CHECK"])
ADMIN = Api(CHECK["api"], CHECK["admin"])
IDS = CHECK["ids"]
TENANT = IDS["tenant"]

# To JSON Schema 1.0 is an integer; here a number with a fraction is none.
WHOLE_NUMBER = "invalid type: floating point"
PAGE = {"cursor": "a cursor is what an earlier page gave"}
WINDOW = {"from": "it is of 1970 or later, and earlier than the other end", "to": "it is of 1970 or later"}
EXAMPLE = {
    "example": "it fits the schema, and can be split",
    "schema": "it is a JSON Schema, with no reference outside of it",
    "enforce_schema": "there is one",
}
SECRET = {
    "secret": "it fits the profile's signature, and what follows its prefix is base64 of a key",
    "secret_type": "it fits the profile's signature, and no secret is given beside it",
}
POLICY = {
    "overrides.signature": "the sender's own headers stay its own",
    "overrides.body": "it is a template: 8 KB, and only the placeholders that there are",
    r"overrides\.(success|disable_on)_status": "a status is written without a fraction",
    "overrides.delete_on_response_text": "its length counts in bytes",
    "headers": "the sender's own headers stay its own, and none is there twice but for case",
    "url": "it is a URL whose host may be reached",
}
# What the product holds a request to beyond its schema: by operation, the fields that it may find fault with, and what they
# are held to that no schema says.
BEYOND_THE_SCHEMA = {
    "listTenants": PAGE,
    "listEventTypes": PAGE,
    "listSubscriptions": PAGE,
    "listEvents": PAGE | WINDOW,
    "listDeliveries": PAGE | WINDOW | {"status": "it does not contradict `success`"},
    "listDeliveriesOfEvent": PAGE,
    "listResends": PAGE,
    "getTenantStatistics": PAGE | WINDOW | {
        "limit|cursor|order": "there is a page only by subscription, and by the hour the answer holds so many",
    },
    "getSubscriptionStatistics": WINDOW,
    "startResend": WINDOW,
    "putTenant": {"retention_days": "the deployment keeps nothing for longer"},
    "putEventType": EXAMPLE,
    "importEventTypes": {rf"event_types\[\d+\]\.{field}": why for field, why in EXAMPLE.items()},
    "createSubscription": SECRET | POLICY,
    "patchSubscription": SECRET | POLICY,
    "rotateSecret": SECRET,
    "pushTest": {"data": "a body in XML can have it"},
}


@schemathesis.hook
def before_call(context, case, kwargs):
    name = case.operation.definition.raw["operationId"]
    parameters = case.path_parameters
    if is_positive(case, ParameterLocation.PATH) and parameters and chosen(case):
        parameters.update({variable: IDS[variable] for variable in parameters})
        prepare(name, parameters)
    if parameters is not None:
        protect(name, parameters)
    if isinstance(case.body, dict):
        body = local(case.body)
        if is_positive(case, ParameterLocation.BODY):
            body = known_types(name, body)
        # What is set counts as changed, even if it is the same.
        if body != case.body:
            case.body = body


def is_positive(case, location):
    found = case.meta.components.get(location) if case.meta else None
    return found is not None and found.mode.is_positive


def chosen(case):
    """Four of five, always the same."""
    return zlib.crc32(repr(sorted(case.path_parameters.items())).encode()) % 5 > 0


def prepare(name, parameters):
    """Makes what the request removes or replaces."""
    match name:
        case "putTenant":
            parameters["tenant"] = "shop-2"
        case "putEventType" | "deleteEventType":
            parameters["name"] = "order.changed"
        case "deleteTenant" | "erasePayloads" if CHECK["key"] == "admin":
            parameters["tenant"] = f"gone-{os.urandom(4).hex()}"
            ADMIN.ask("PUT", f"/v1/tenants/{parameters['tenant']}")
        case "deleteKey" if CHECK["key"] == "admin":
            parameters["key"] = ADMIN.ask("POST", f"/v1/tenants/{TENANT}/keys")["id"]
        case "deleteSubscription":
            parameters["subscription"] = ADMIN.subscribe(TENANT, CHECK["receiver"])
        case "erasePayload":
            parameters["event"] = ADMIN.publish(TENANT)


def protect(name, parameters):
    """Nothing removes what was prepared."""
    match name:
        case "putTenant" if parameters.get("tenant") == TENANT:
            parameters["tenant"] = "shop-2"
        case "deleteTenant" | "erasePayloads" if parameters.get("tenant") in (TENANT, "shop-2"):
            parameters["tenant"] = "gone"
        case "deleteKey" if parameters.get("key") == IDS["key"]:
            parameters["key"] = IDS["key"][:-1] + "0"
        case "deleteSubscription" if parameters.get("subscription") == IDS["subscription"]:
            parameters["subscription"] = IDS["subscription"][:-1] + "0"
        case "erasePayload" if parameters.get("event") == IDS["event"]:
            parameters["event"] = IDS["event"][:-1] + "0"
        case "putEventType" | "deleteEventType" if parameters.get("name") == "order.created":
            parameters["name"] = "order.changed"


AUTHORITY = re.compile(r"^https?:[/\\]*[^/\\?#]*", re.IGNORECASE)


def local(body):
    """With each URL that of the receiver."""
    if isinstance(body.get("url"), str):
        return body | {"url": AUTHORITY.sub(CHECK["receiver"], body["url"])}
    return body


def known_types(name, body):
    """With event types that are in the catalogue, and none of a prepared name that is replaced."""
    if name == "publishEvents":
        body = body | ({"type": "order.created"} if isinstance(body.get("type"), str) else {})
        if isinstance(body.get("events"), list):
            body["events"] = [event | {"type": "order.created"} for event in body["events"]]
    elif name == "pushTest":
        body = body | {"event_type": "order.created"}
    elif name == "importEventTypes":
        renamed = [entry | {"name": "order.changed"} if entry["name"] == "order.created" else entry
                   for entry in body["event_types"]]
        body = body | {"event_types": renamed}
    return body


def is_among(fields, path):
    return any(re.match(rf"({field})($|[./\[])", path) for field in fields)


@schemathesis.hook
def filter_failure(context, failure, case, response):
    """Whether it is a finding."""
    name = case.operation.definition.raw["operationId"]
    match type(failure).__name__:
        case "RejectedPositiveData" if response.status_code == 422:
            beyond = BEYOND_THE_SCHEMA.get(name, {})
            errors = response.json()["errors"]
            return not all(WHOLE_NUMBER in error["message"] or is_among(beyond, error["path"]) for error in errors)
        case "AcceptedNegativeData":
            # A parameter without a value is one that is not given.
            return "" not in (case.query or {}).values()
        case "AllowHeaderMismatch":
            # `import` is also a name: what GET, PUT and DELETE take is another path of the description.
            return case.operation.path != "/v1/event-types/import"
        case "UndefinedStatusCode" if response.status_code == 405:
            # API Gateway hands on paths decoded: what follows a `?` in an id counts as the query, and the path is another.
            values = [str(value) for value in (case.path_parameters or {}).values()]
            return not any("?" in value or "%3F" in value for value in values)
        case "EnsureResourceAvailability":
            # The answer's `key` is the key itself; the path's is its id.
            return name != "deleteKey"
    return True

#!/usr/bin/env python3
"""Sends again what a subscription's receiver did not take, until nothing is left of it or nothing more improves.

    export POSTRIDER_URL=https://webhooks.example.com POSTRIDER_KEY=pr_...
    python3 resend_failed.py --tenant store-1 --subscription sub_01J9Z3K8D5Q6W7E8R9T0Y1M2N3

It lists what is not delivered (`success=false`) page by page, asks for one more attempt of each, waits until all of
these attempts have been made, and lists again. Deliveries that wait for a paused subscription, and those whose payload
was erased, are left alone.

Where nothing of your own has to be decided about each delivery, one request does the same:
`POST /v1/tenants/{tenant}/subscriptions/{subscription}/resend`.

Exit code: 0 when nothing is left, 1 when some is, 2 when the API cannot be used as asked. Python 3.8 or later; no
packages.
"""

import argparse
import http.client
import json
import os
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

# How often a request is sent that is answered with 429 or 5xx, or not at all.
TRIES = 5
# How often the list is read, and each time resent, before the rest is left to a human.
ROUNDS = 20
# How often it is looked whether the attempts have been made; with a pause of 5 seconds, for 10 minutes.
LOOKS = 120


class Failed(Exception):
    """The API did not do what it was asked for."""

    def __init__(self, message, status=None):
        super().__init__(message)
        self.status = status


class Api:
    """The part of Postrider that belongs to one subscription."""

    def __init__(self, url, key, tenant, subscription, pause):
        segments = (urllib.parse.quote(segment, safe="") for segment in (tenant, subscription))
        self.deliveries = "{}/v1/tenants/{}/subscriptions/{}/deliveries".format(url.rstrip("/"), *segments)
        self.key, self.pause = key, pause

    def call(self, method, url):
        """Sends one request, again where that may help, and answers with its JSON."""
        headers = {"authorization": "Bearer " + self.key}
        request = urllib.request.Request(url, method=method, headers=headers)
        for attempt in range(1, TRIES + 1):
            try:
                with urllib.request.urlopen(request, timeout=30) as answer:
                    return json.load(answer)
            except urllib.error.HTTPError as error:
                problem, status = describe(error), error.code
                if status != 429 and status < 500:
                    raise Failed(problem, status) from None
            except (OSError, http.client.HTTPException, ValueError) as error:
                # An attempt may be asked for twice this way: receivers know an event by its id.
                problem, status = "no answer from {}: {}".format(url, error), None
            if attempt == TRIES:
                raise Failed(problem, status)
            time.sleep(self.pause * attempt)

    def failed(self):
        """All that is not delivered, oldest first, page by page."""
        cursor = ""
        while cursor is not None:
            query = {"success": "false", "order": "asc", "limit": 250, "cursor": cursor}
            page = self.call("GET", self.deliveries + "?" + urllib.parse.urlencode(query))
            yield from page["items"]
            cursor = page["next_cursor"]

    def resend(self, event):
        """Asks for one more attempt."""
        self.call("POST", "{}/{}/resend".format(self.deliveries, event))


def describe(error):
    """What an answer that is no success says, in a line."""
    try:
        detail = json.loads(error.read())["detail"]
    except (ValueError, KeyError, TypeError, OSError):
        detail = error.reason
    return "{} {}: {}".format(error.code, error.geturl(), detail)


def resend_all(api, failed):
    """Asks for one more attempt of each; answers with the number of attempts that each had before, by event."""
    asked = {}
    for delivery in failed:
        event = delivery["event"]
        try:
            api.resend(event)
        except Failed as failure:
            # 404: it has just been removed. 409: its payload was erased, or the subscription is disabled.
            if failure.status not in (404, 409):
                raise
            print("  {} cannot be sent again: {}".format(event, failure))
            continue
        asked[event] = delivery["attempt_count"]
    return asked


def wait_for(api, asked):
    """Waits until each has been attempted; answers with what is still not delivered."""
    for _ in range(LOOKS):
        failed = list(api.failed())
        # What is not listed any more has been delivered.
        waiting = [one for one in failed if one["attempt_count"] <= asked.get(one["event"], -1)]
        if not waiting:
            return failed
        time.sleep(api.pause)
    print("  {} of the attempts have not been made yet".format(len(waiting)))
    return failed


def run(api):
    """Sends again until nothing is left or nothing improves; answers with what is left."""
    failed = list(api.failed())
    for number in range(1, ROUNDS + 1):
        if not failed:
            break
        wanted = [delivery for delivery in failed if delivery["status"] != "held"]
        print("round {}: {} not delivered, {} to send again".format(number, len(failed), len(wanted)))
        asked = resend_all(api, wanted)
        before, failed = len(failed), wait_for(api, asked)
        print("  {} attempted, {} left".format(len(asked), len(failed)))
        if not asked or len(failed) >= before:
            break
    return failed


def arguments():
    """What the command line and the environment say."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--url", default=os.environ.get("POSTRIDER_URL"), help="the API's address (POSTRIDER_URL)")
    parser.add_argument("--tenant", default=os.environ.get("POSTRIDER_TENANT"), help="POSTRIDER_TENANT")
    subscription = os.environ.get("POSTRIDER_SUBSCRIPTION")
    parser.add_argument("--subscription", default=subscription, help="POSTRIDER_SUBSCRIPTION")
    parser.add_argument("--pause", type=float, default=5, help="seconds between two looks at the list (5)")
    found = parser.parse_args()
    # The key is taken from the environment alone: others on the same machine can read a command line.
    found.key = os.environ.get("POSTRIDER_KEY")
    missing = [name for name in ("url", "tenant", "subscription", "key") if not getattr(found, name)]
    if missing:
        parser.error("set " + ", ".join("POSTRIDER_" + name.upper() for name in missing))
    if not found.url.startswith(("http://", "https://")):
        parser.error("the address starts with https://")
    return found


def main():
    given = arguments()
    api = Api(given.url, given.key, given.tenant, given.subscription, given.pause)
    try:
        left = run(api)
    except Failed as failure:
        print("error: {}".format(failure), file=sys.stderr)
        return 2
    for delivery in left:
        attempt = delivery.get("last_attempt") or {}
        answer = attempt.get("status") or attempt.get("error_class") or "no attempt"
        print("left: {} ({}, {})".format(delivery["event"], delivery["status"], answer))
    print("{} left".format(len(left)) if left else "nothing is left")
    return 1 if left else 0


if __name__ == "__main__":
    sys.exit(main())

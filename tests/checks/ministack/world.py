"""What the journeys are played with: the API by its routes, a tenant, and a receiver that checks signatures."""

import collections
import http.client
import http.server
import json
import threading
import urllib.parse

from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from stack import ROOT, until

TICK = (ROOT / "functions/scheduler/requests/tick.json").read_bytes()


class World:
    """The stack, its API with the admin key, a receiver, and the tenant of the journeys once it stands."""

    def __init__(self, stack, api, receiver):
        self.stack, self.api, self.receiver = stack, api, receiver
        self.shop = None
        self.ticks = 0

    def run_scheduler(self):
        """Runs the scheduler once; answers with its error if there is one."""
        self.ticks += 1
        return self.stack.invoke("scheduler", TICK)

    def tick(self):
        """Runs the scheduler once, without an error."""
        error = self.run_scheduler()
        assert error is None, error


class Api:
    """The API, with a key."""

    def __init__(self, address, key):
        self.address, self.key = address, key

    def request(self, method, path, body=None, headers=None):
        """One request with the key; answers with its status and parsed body."""
        sent = {"authorization": f"Bearer {self.key}", "content-type": "application/json"}
        answer, text = self.send(method, path, None if body is None else json.dumps(body), sent | (headers or {}))
        return answer.status, json.loads(text) if text else None

    def send(self, method, path, body, headers):
        """One request as it stands; answers with the response and its body. MiniStack finds the API by the request's
        host, a name below `localhost`, which not every resolver knows."""
        host = urllib.parse.urlsplit(self.address)
        connection = http.client.HTTPConnection("127.0.0.1", host.port, timeout=40)
        try:
            connection.request(method, path, body, {"host": host.netloc} | headers)
            answer = connection.getresponse()
            return answer, answer.read()
        finally:
            connection.close()

    def call(self, method, path, body=None, expect=200, headers=None):
        """One request that must be answered with a status; answers with the body."""
        status, answer = self.request(method, path, body, headers)
        assert status == expect, f"{method} {path}: {status} instead of {expect}: {answer}"
        return answer

    def until(self, path, what, right=lambda _: True, status=200):
        """What the path shows, once it does with this status and is right."""
        def look():
            found, shown = self.request("GET", path)
            return found == status and right(shown) and (shown or True), f"{found}: {shown}"
        return until(what, look)


class Tenant:
    """A tenant, by one of the keys that reach it."""

    def __init__(self, api, tenant):
        self.api, self.path = api, f"/v1/tenants/{tenant}"

    def call(self, method, rest, body=None, expect=200, headers=None):
        """One request below the tenant's path."""
        return self.api.call(method, self.path + rest, body, expect, headers)

    def until(self, rest, what, right=lambda _: True):
        """What a path below the tenant's shows, once it is there and right."""
        return self.api.until(self.path + rest, what, right)

    def subscribe(self, receiver, path, waits=(), **settings):
        """Subscribes a path of the receiver to everything, with these waits; answers with the subscription's id."""
        overrides = {"retry_waits_seconds": list(waits), "jitter_percent": 0}
        body = {"url": receiver.url + path, "event_types": ["*"], "overrides": overrides} | settings
        subscription = self.call("POST", "/subscriptions", body, 201)["id"]
        receiver.trust(path, self.call("GET", f"/subscriptions/{subscription}/secret")["secret"])
        return subscription

    def unsubscribe(self, subscription):
        """Deletes a subscription, so that nothing more is delivered to it."""
        self.call("DELETE", f"/subscriptions/{subscription}", expect=204)

    def publish(self, data, key=None, expect=202):
        """Publishes one event, with an idempotency key if there is one; answers with its id."""
        body = {"type": "order.created", "data": data}
        headers = {"idempotency-key": key} if key else None
        return self.call("POST", "/events", body, expect, headers).get("id")

    def publish_many(self, count):
        """Publishes a batch; answers with the ids."""
        events = [{"type": "order.created", "data": n} for n in range(count)]
        return [one["id"] for one in self.call("POST", "/events", {"events": events}, 202)["events"]]

    def delivery(self, subscription, event, status, attempts, meanwhile=lambda: None):
        """A delivery, once it has this status and so many attempts. `meanwhile` is done before each look."""
        def right(shown):
            meanwhile()
            return (shown["status"], shown["attempt_count"]) == (status, attempts)
        path = f"/subscriptions/{subscription}/deliveries/{event}"
        return self.until(path, f"{event} is {status} after {attempts} attempts", right)

    def failed(self, subscription):
        """The events that a subscription's receiver does not have."""
        path = f"/subscriptions/{subscription}/deliveries?success=false"
        return [one["event"] for one in self.call("GET", path)["items"]]


class Receiver:
    """A receiver on a loopback port. It answers what a path's script says, 200 where that has ended, and 401 to what is
    not signed with the path's secret."""

    def __init__(self):
        self.secrets, self.scripts = {}, collections.defaultdict(list)
        self.bodies, self.unverified = collections.defaultdict(list), []
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["content-length"]))
                self.send_response(receiver.take(self.path, dict(self.headers), body))
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *_):
                """Nothing: what came is on record in the receiver."""

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def trust(self, path, secret):
        """Requests to a path must be signed with this secret."""
        self.secrets[path] = secret

    def script(self, path, *statuses):
        """The next answers of a path."""
        self.scripts[path] = list(statuses)

    def take(self, path, headers, body):
        """Records a request that is signed as it must be; answers with the status that it gets."""
        try:
            event = Webhook(self.secrets[path]).verify(body, headers)
        except (KeyError, WebhookVerificationError) as problem:
            self.unverified.append(f"{path}: {problem!r}")
            return 401
        self.bodies[path].append(event)
        return self.scripts[path].pop(0) if self.scripts[path] else 200

    def events(self, path):
        """The ids of the events that came to a path so far."""
        return [body["id"] for body in self.bodies[path]]

    def wait(self, path, count):
        """Waits for so many requests to a path; answers with their bodies."""
        until(f"{count} requests came to {path}", lambda: (len(self.bodies[path]) >= count, self.events(path)))
        return list(self.bodies[path])

    def stop(self):
        """Closes the port."""
        self.server.shutdown()
        self.server.server_close()

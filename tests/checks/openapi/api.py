"""The API as the admin uses it: to prepare what requests are about."""

import json
import time
import urllib.request


class Api:
    def __init__(self, url, key):
        self.url, self.key = url, key
        # What is asked for here is on this machine.
        self.opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def ask(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        headers = {"authorization": f"Bearer {self.key}", "content-type": "application/json"}
        request = urllib.request.Request(self.url + path, data, headers, method=method)
        with self.opener.open(request, timeout=30) as answer:
            text = answer.read()
            return json.loads(text) if text else None

    def subscribe(self, tenant, url):
        asked = {"url": f"{url}/prepared", "event_types": ["order.*"], "overrides": {"retry_waits_seconds": [60]}}
        return self.ask("POST", f"/v1/tenants/{tenant}/subscriptions", asked)["id"]

    def publish(self, tenant):
        asked = {"type": "order.created", "data": {"order": 1, "total": 42.5}}
        return self.ask("POST", f"/v1/tenants/{tenant}/events", asked)["id"]

    def prepare(self, url):
        """A tenant with one of everything, and a type that may be changed."""
        for tenant in ("shop-1", "shop-2"):
            self.ask("PUT", f"/v1/tenants/{tenant}", {"name": tenant})
        schema = {"type": "object", "required": ["order"]}
        for name in ("order.created", "order.changed"):
            self.ask("PUT", f"/v1/event-types/{name}", {"example": {"order": 1}, "schema": schema})
        keys = {scope: self.ask("POST", "/v1/tenants/shop-1/keys", {"scope": scope}) for scope in ("full", "read_only")}
        subscription, event = self.subscribe("shop-1", url), self.publish("shop-1")
        delivery = f"/v1/tenants/shop-1/subscriptions/{subscription}/deliveries?status=delivered"
        for _ in range(100):
            if self.ask("GET", delivery)["items"]:
                break
            time.sleep(0.1)
        else:
            raise TimeoutError("the event was not delivered")
        resend = self.ask("POST", f"/v1/tenants/shop-1/subscriptions/{subscription}/resend", {"which": "missing"})["id"]
        ids = {"tenant": "shop-1", "subscription": subscription, "event": event, "resend": resend}
        ids |= {"name": "order.created", "profile": "standard", "key": keys["read_only"]["id"]}
        return {"ids": ids, "receiver": url, "full": keys["full"]["key"], "read_only": keys["read_only"]["key"]}

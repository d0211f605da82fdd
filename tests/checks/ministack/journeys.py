"""The main journeys, in their order. A step's docstring is the line that is printed of it; a step that fails raises."""

import secrets

from stack import until
from world import Api, Tenant


def set_up(world):
    """a tenant, its key and an event type; without a key, and with another tenant's, there is nothing"""
    for tenant in ["shop-1", "shop-2"]:
        world.api.call("PUT", f"/v1/tenants/{tenant}", {"name": tenant}, 201)
    world.api.call("PUT", "/v1/event-types/order.created", {"example": {"order": 1}}, 201)
    key = world.api.call("POST", "/v1/tenants/shop-1/keys", {"name": "shop"}, 201)["key"]
    world.shop = Tenant(Api(world.api.address, key), "shop-1")
    for path in ["/events", "/subscriptions", "/stats"]:
        Api(world.api.address, "pr_nobody").call("GET", world.shop.path + path, expect=401)
        world.shop.api.call("GET", f"/v1/tenants/shop-2{path}", expect=404)
    world.shop.api.call("GET", "/v1/nothing", expect=404)


def publish_one(world):
    """an event is published, delivered signed, and on record with its attempt"""
    subscription = world.shop.subscribe(world.receiver, "/one")
    event = world.shop.publish({"order": 1})
    delivery = world.shop.delivery(subscription, event, "delivered", 1)
    [body] = world.receiver.bodies["/one"]
    assert (body["id"], body["type"], body["data"]) == (event, "order.created", {"order": 1}), body
    [attempt] = delivery["attempts"]
    assert (attempt["outcome"], attempt["status"]) == ("succeeded", 200), attempt
    world.shop.unsubscribe(subscription)


def publish_a_batch(world):
    """a batch goes to both subscriptions that want it, each event once"""
    paths = ["/batch-a", "/batch-b"]
    subscriptions = [world.shop.subscribe(world.receiver, path) for path in paths]
    events = world.shop.publish_many(25)
    for path in paths:
        world.receiver.wait(path, len(events))
        assert sorted(world.receiver.events(path)) == sorted(events), path
    for subscription in subscriptions:
        world.shop.unsubscribe(subscription)


def publish_a_large_one(world):
    """a payload that fits no message goes by way of the log"""
    subscription = world.shop.subscribe(world.receiver, "/large")
    data = secrets.token_urlsafe(150_000)
    event = world.shop.publish(data)
    [body] = world.receiver.wait("/large", 1)
    assert body["data"] == data
    shown = world.shop.until(f"/events/{event}", "it is on record")
    assert (shown["matched"], shown["data"]) == (1, data)
    world.shop.unsubscribe(subscription)


def publish_with_a_key(world):
    """an idempotency key: the same again is answered the same and delivered once, something else is refused"""
    subscription = world.shop.subscribe(world.receiver, "/key")
    event = world.shop.publish(1, key="k")
    assert world.shop.publish(1, key="k") == event
    world.shop.publish(2, key="k", expect=409)
    other = world.shop.publish(2)
    for one in [event, other]:
        world.shop.delivery(subscription, one, "delivered", 1)
    assert sorted(world.receiver.events("/key")) == sorted([event, other])
    world.shop.unsubscribe(subscription)


def retry(world):
    """a receiver fails twice: one retry waits hidden, one is parked and released by the scheduler; delivered"""
    subscription = world.shop.subscribe(world.receiver, "/retry", waits=[1, 3])
    world.receiver.script("/retry", 500, 503)
    event = world.shop.publish(1)
    world.shop.delivery(subscription, event, "pending", 2)
    delivery = world.shop.delivery(subscription, event, "delivered", 3, meanwhile=world.tick)
    outcomes = [(one["number"], one["outcome"], one["status"]) for one in delivery["attempts"]]
    assert outcomes == [(1, "rejected", 500), (2, "rejected", 503), (3, "succeeded", 200)], outcomes
    assert world.receiver.events("/retry") == [event] * 3
    world.shop.unsubscribe(subscription)


def exhaust_and_resend(world):
    """given up, told of as an operational event, listed as failed; resent, delivered, and listed no more"""
    operations = Tenant(world.api, "_operations")
    listening = operations.subscribe(world.receiver, "/operations", event_types=["delivery.exhausted"])
    subscription = world.shop.subscribe(world.receiver, "/exhausted", waits=[1])
    world.receiver.script("/exhausted", 500, 500)
    event = world.shop.publish(1)
    world.shop.delivery(subscription, event, "exhausted", 2)
    [told] = world.receiver.wait("/operations", 1)
    assert (told["data"]["event"], told["data"]["subscription"]) == (event, subscription), told
    operations.unsubscribe(listening)
    assert world.shop.failed(subscription) == [event]
    world.shop.call("POST", f"/subscriptions/{subscription}/deliveries/{event}/resend", {}, 202)
    delivery = world.shop.delivery(subscription, event, "delivered", 3)
    assert [attempt["trigger"] for attempt in delivery["attempts"]] == ["event", "event", "resend"]
    assert world.shop.failed(subscription) == []
    world.shop.unsubscribe(subscription)


def resend_many(world):
    """everything that a receiver refused is resent in the background"""
    subscription = world.shop.subscribe(world.receiver, "/many")
    world.receiver.script("/many", *[500] * 12)
    for event in world.shop.publish_many(12):
        world.shop.delivery(subscription, event, "exhausted", 1)
    path = f"/subscriptions/{subscription}/resend"
    resend = world.shop.call("POST", path, {"which": "failed"}, 202)["id"]

    def done(shown):
        world.tick()
        return shown["status"] == "done"

    shown = world.shop.until(f"{path}s/{resend}", "the resend is done", done)
    assert [shown[name] for name in ["found", "sent", "delivered", "failed"]] == [12, 12, 12, 0], shown
    assert world.shop.failed(subscription) == []
    world.shop.unsubscribe(subscription)


def pause_and_resume(world):
    """paused, what comes is held; resumed, the scheduler releases it, and each arrives once"""
    subscription = world.shop.subscribe(world.receiver, "/paused")
    world.shop.call("PATCH", f"/subscriptions/{subscription}", {"status": "paused"})
    events = world.shop.publish_many(3)
    for event in events:
        world.shop.delivery(subscription, event, "held", 0)
    assert world.receiver.events("/paused") == []
    world.shop.call("PATCH", f"/subscriptions/{subscription}", {"status": "active"})
    for event in events:
        world.shop.delivery(subscription, event, "delivered", 1, meanwhile=world.tick)
    assert sorted(world.receiver.events("/paused")) == sorted(events)
    world.shop.unsubscribe(subscription)


def receiver_is_gone(world):
    """a receiver that answers 410 disables its subscription"""
    subscription = world.shop.subscribe(world.receiver, "/gone", waits=[1])
    world.receiver.script("/gone", 410)
    world.shop.delivery(subscription, world.shop.publish(1), "exhausted", 1)
    path = f"/subscriptions/{subscription}"
    shown = world.shop.until(path, "it is disabled", lambda one: one["status"] == "disabled")
    assert "410" in shown["status_reason"], shown
    world.shop.unsubscribe(subscription)


def push_and_rotate(world):
    """a test push goes out at once; after a rotation the new secret signs"""
    subscription = world.shop.subscribe(world.receiver, "/push")
    path = f"/subscriptions/{subscription}"
    pushed = world.shop.call("POST", f"{path}/test", {"event_type": "order.created"})
    assert pushed["attempt"]["outcome"] == "succeeded", pushed
    assert world.receiver.events("/push") == [pushed["event"]]
    rotated = world.shop.call("POST", f"{path}/secret/rotate", {"overlap_seconds": 0})
    world.receiver.trust("/push", rotated["secret"])
    pushed = world.shop.call("POST", f"{path}/test", {"event_type": "order.created"})
    assert pushed["attempt"]["outcome"] == "succeeded", pushed
    world.shop.unsubscribe(subscription)


def history(world):
    """history shows events, an event's deliveries, a subscription's, and statistics, and erases a payload"""
    subscription = world.shop.subscribe(world.receiver, "/history")
    delivered = world.shop.publish({"n": 1})
    world.shop.delivery(subscription, delivered, "delivered", 1)
    world.receiver.script("/history", 500)
    refused = world.shop.publish({"n": 2})
    world.shop.delivery(subscription, refused, "exhausted", 1)
    listed = [one["id"] for one in world.shop.call("GET", "/events?limit=2")["items"]]
    assert listed == [refused, delivered], listed
    [went_to] = world.shop.call("GET", f"/events/{refused}/deliveries")["items"]
    assert (went_to["subscription"], went_to["status"]) == (subscription, "exhausted"), went_to
    log = world.shop.call("GET", f"/subscriptions/{subscription}/deliveries?include_payload=true&include_attempts=true")
    shown = [(one["event"], one["data"], len(one["attempts"])) for one in log["items"]]
    assert shown == [(refused, {"n": 2}, 1), (delivered, {"n": 1}, 1)], shown
    for path in [f"/subscriptions/{subscription}/stats", "/stats"]:
        counts = world.shop.until(path, "all is counted", lambda stats: stats["complete"])["deliveries"]
        assert (counts["delivered"], counts["exhausted"]) == (1, 1), counts
    world.shop.call("DELETE", f"/events/{delivered}/payload", expect=204)
    erased = world.shop.call("GET", f"/events/{delivered}")
    assert erased["payload_erased"] and "data" not in erased, erased
    world.shop.unsubscribe(subscription)


def portal(world):
    """a link opens the tenants' page, which asks the API; without its token, and with one of no account, there is nothing"""
    subscription = world.shop.subscribe(world.receiver, "/portal")
    token = world.api.call("POST", f"{world.shop.path}/portal-links", {}, 201)["token"]
    answer, _ = world.api.send("GET", f"/portal?token={token}", None, {})
    assert (answer.status, answer.headers["location"]) == (303, "/portal/subscriptions"), answer.status
    cookie = answer.headers["set-cookie"].split(";")[0]
    answer, page = world.api.send("GET", f"/portal/subscriptions/{subscription}", None, {"cookie": cookie})
    assert answer.status == 200 and f"{world.receiver.url}/portal" in page.decode(), (answer.status, page)
    for headers in [{}, {"cookie": cookie + "x"}]:
        answer, page = world.api.send("GET", "/portal/subscriptions", None, headers)
        assert answer.status == 401 and "text/html" in answer.headers["content-type"], (answer.status, page)
    world.shop.unsubscribe(subscription)


def unreadable(world):
    """a message that nobody can read ends in its dead-letter queue with the reason, and what follows is delivered"""
    for queue in ["Events", "Deliveries"]:
        world.stack.send(f"{queue}Queue", "not JSON")
        letters = f"{queue}DeadLetterQueue"
        letter = until("the dead letter is there", lambda name=letters: (world.stack.take(name), "nothing"))
        reason = letter["MessageAttributes"]["reason"]["StringValue"]
        assert letter["Body"] == "not JSON" and reason.startswith("expected"), letter
    subscription = world.shop.subscribe(world.receiver, "/after")
    world.shop.delivery(subscription, world.shop.publish(1), "delivered", 1)
    world.shop.unsubscribe(subscription)


def delete_the_tenant(world):
    """a deleted tenant is not found, its key is worth nothing, and its record is erased in the background"""
    world.api.call("DELETE", world.shop.path, expect=202)
    world.api.until(world.shop.path, "it is not found", status=404)
    world.shop.api.until(f"{world.shop.path}/events", "its key is refused", status=401)

    def looked_once(shown):
        world.tick()
        # The second look comes twenty minutes later.
        return shown["look"] == 2

    shown = world.api.until(f"{world.shop.path}/erasure", "its record is erased", looked_once)
    assert shown["events"] > 0, shown


def schedule(world):
    """the schedule runs the scheduler by itself"""
    def look():
        runs = world.stack.runs("scheduler")
        return runs > world.ticks, f"it ran {runs} times, {world.ticks} of them by hand"
    # The first run comes a minute after the rule was made.
    until("it runs", look, patience=120)


STEPS = [
    set_up,
    publish_one,
    publish_a_batch,
    publish_a_large_one,
    publish_with_a_key,
    retry,
    exhaust_and_resend,
    resend_many,
    pause_and_resume,
    receiver_is_gone,
    push_and_rotate,
    history,
    portal,
    unreadable,
    delete_the_tenant,
]

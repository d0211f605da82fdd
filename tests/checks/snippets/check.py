"""Holds the code for Python that the tenants' page shows against recorded deliveries: what was sent verifies, what was
changed, or signed too long ago, does not.

    check.py HMAC.py ED25519.py RECORDED.json
"""

import base64
import hashlib
import hmac
import json
import runpy
import sys
import time
from email.message import Message

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

VERIFY = [runpy.run_path(path)["verify"] for path in sys.argv[1:3]]


def shown(key):
    """A public key as the API shows it."""
    return "whpk_" + base64.b64encode(key.public_key().public_bytes_raw()).decode()


def verifies(secret, headers, body):
    """Whether a request is taken, with headers as servers hand them over: their names in any case."""
    given = Message()
    for name, value in headers.items():
        given[name.title()] = value
    return VERIFY[secret.startswith("whpk_")](secret, given, body)


def changed(secret, headers, body):
    """Each way in which a delivery can be changed, none of which may verify."""
    stamp, signature = headers["webhook-timestamp"], headers["webhook-signature"]

    def each(change):
        return " ".join(change(*one.split(",")) for one in signature.split(" "))

    yield "body", secret, headers, body + b" "
    yield "id", secret, headers | {"webhook-id": headers["webhook-id"][:-1]}, body
    for other in [str(int(stamp) + 1), "", "now", "-1", "1e999", "nan", "9" * 5000, "\u00b2"]:
        yield f"time {other[:9]}", secret, headers | {"webhook-timestamp": other}, body
    signatures = [
        each(lambda version, text: f"{version},{text[-2::-1]}="),
        each(lambda version, text: f"{version},{text[:40]}"),
        each(lambda version, text: f"{'v1a' if version == 'v1' else 'v1'},{text}"),
        *["", " ", ",", "v1", "v1,", "v1a,", "v1,%%%", "v1a,%%%", "v1,\u00b2", "v1a,\u00b2"],
    ]
    for other in signatures:
        yield f"signature {other}", secret, headers | {"webhook-signature": other}, body
    for name in headers:
        yield f"headers: no {name}", secret, {key: value for key, value in headers.items() if key != name}, body
    other = {"whsec_": "whsec_" + "A" * 32, "whpk_": shown(Ed25519PrivateKey.generate())}
    yield "secret", other.get(kind(secret), secret + "."), headers, body


def kind(secret):
    """What a secret begins with."""
    return next((prefix for prefix in ["whsec_", "whpk_"] if secret.startswith(prefix)), "plain")


def signed(seconds, make):
    """A request signed so many seconds from now, by this file's own means."""
    headers = {"webhook-id": "evt_1", "webhook-timestamp": str(int(time.time()) + seconds)}
    headers["webhook-signature"] = make(f"evt_1.{headers['webhook-timestamp']}.".encode() + b"{}")
    return headers, b"{}"


def main(path):
    with open(path, encoding="utf-8") as file:
        recorded = [(one["secret"], one["headers"], one["body"].encode()) for one in json.load(file)]
    assert {kind(secret) for secret, _, _ in recorded} == {"whsec_", "whpk_", "plain"}, "each kind of secret is recorded"
    refused = 0
    for delivery in recorded:
        assert verifies(*delivery) is True, delivery[1]
        for what, *other in changed(*delivery):
            assert verifies(*other) is False, f"a delivery with another {what} was accepted: {other[1]}"
            refused += 1
    key = Ed25519PrivateKey.generate()
    ways = [
        ("a plain one", lambda text: "v1," + base64.b64encode(hmac.digest(b"a plain one", text, hashlib.sha256)).decode()),
        (shown(key), lambda text: "v1a," + base64.b64encode(key.sign(text)).decode()),
    ]
    for secret, make in ways:
        for seconds, right in [(0, True), (-290, True), (290, True), (-310, False), (310, False)]:
            assert verifies(secret, *signed(seconds, make)) is right, f"{seconds} seconds from now"
    print(f"Python: {len(recorded)} deliveries verified, {refused} changed ones refused, and old ones")


main(sys.argv[3])

"""Verifies recorded deliveries with the official Standard Webhooks library for Python."""

import json
import sys

from standardwebhooks.webhooks import Webhook, WebhookVerificationError

OTHER_SECRET = "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"


def tampered(delivery):
    """Each way in which a delivery can be changed, none of which may verify."""
    headers, body, secret = delivery["headers"], delivery["body"], delivery["secret"]
    later = str(int(headers["webhook-timestamp"]) + 1)
    signature = headers["webhook-signature"]
    parts = [one.split(",") for one in signature.split(" ")]
    flipped = " ".join(f"{version},{text[-2::-1]}=" for version, text in parts)
    yield "body", headers, body.replace("order.created", "order.deleted"), secret
    yield "white space", headers, body + " ", secret
    yield "timestamp", {**headers, "webhook-timestamp": later}, body, secret
    yield "id", {**headers, "webhook-id": "evt_00000000000000000000000000"}, body, secret
    yield "signature", {**headers, "webhook-signature": flipped}, body, secret
    yield "version", {**headers, "webhook-signature": signature.replace("v1,", "v2,")}, body, secret
    yield "secret", headers, body, OTHER_SECRET
    yield "no signature", {k: v for k, v in headers.items() if k != "webhook-signature"}, body, secret


def main(path):
    with open(path, encoding="utf-8") as file:
        # The others have secrets that these libraries do not know.
        deliveries = [one for one in json.load(file) if one["secret"].startswith("whsec_")]
    if not deliveries:
        raise SystemExit("there are no deliveries to verify")
    refused = 0
    for delivery in deliveries:
        Webhook(delivery["secret"]).verify(delivery["body"], delivery["headers"])
        for what, headers, body, secret in tampered(delivery):
            assert (headers, body, secret) != (delivery["headers"], delivery["body"], delivery["secret"]), what
            try:
                Webhook(secret).verify(body, headers)
            except WebhookVerificationError:
                refused += 1
            else:
                raise SystemExit(f"Python: a delivery with another {what} was accepted: {headers}")
    print(f"Python: {len(deliveries)} deliveries verified, {refused} tampered ones refused")


main(sys.argv[1])

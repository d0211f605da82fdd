import base64, time
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


def verify(public_key: str, headers, body: bytes, now=None) -> bool:
    """`body` is the request's body as it came: not parsed and written again."""
    sent, timestamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not timestamp.isdigit() or abs((now or time.time()) - int(timestamp)) > 300:
        return False
    key = Ed25519PublicKey.from_public_bytes(base64.b64decode(public_key.removeprefix("whpk_")))
    for one in headers.get("webhook-signature", "").split(" "):
        if one.startswith("v1a,"):
            try:
                key.verify(base64.b64decode(one[4:]), f"{sent}.{timestamp}.".encode() + body)
                return True
            except (InvalidSignature, ValueError):
                pass
    return False

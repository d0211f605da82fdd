# With Flask: if not verify(public_key, request.headers, request.get_data()): abort(401)
import base64, time
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


def verify(public_key: str, headers, body: bytes) -> bool:
    """`body` is the request's body as it came: not parsed and written again."""
    sent, timestamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not timestamp.isdecimal() or abs(time.time() - float(timestamp)) > 300:
        return False
    key = Ed25519PublicKey.from_public_bytes(base64.b64decode(public_key.removeprefix("whpk_")))
    # While the key is being changed there are two signatures, with a space between.
    for one in headers.get("webhook-signature", "").split(" "):
        try:
            if one.startswith("v1a,"):
                key.verify(base64.b64decode(one[4:]), f"{sent}.{timestamp}.".encode() + body)
                return True
        except (InvalidSignature, ValueError):
            pass
    return False

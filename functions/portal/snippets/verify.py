# With Flask: if not verify(secret, request.headers, request.get_data()): abort(401)
import base64, hashlib, hmac, time


def verify(secret: str, headers, body: bytes) -> bool:
    """`body` is the request's body as it came: not parsed and written again."""
    sent, timestamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not timestamp.isdecimal() or abs(time.time() - float(timestamp)) > 300:
        return False
    key = base64.b64decode(secret[6:]) if secret.startswith("whsec_") else secret.encode()
    mac = hmac.new(key, f"{sent}.{timestamp}.".encode() + body, hashlib.sha256).digest()
    wanted = b"v1," + base64.b64encode(mac)
    # While the secret is being changed there are two signatures, with a space between.
    given = headers.get("webhook-signature", "").split(" ")
    return any(hmac.compare_digest(wanted, one.encode()) for one in given)

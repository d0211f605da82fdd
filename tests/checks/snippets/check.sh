#!/usr/bin/env bash
# Runs the code that the tenants' page shows to receivers' developers (functions/portal/snippets): that for Node.js and
# Python on recorded deliveries, which must verify, and changed ones, which must not; that with curl against a receiver that
# verifies. (That for Rust is compiled into the journey that records.) Ends with an error on any failure.
#
#   tests/checks/snippets/check.sh          records anew, by the journey `verifiers`
#   tests/checks/snippets/check.sh FILE     takes what FILE holds, which may not be older than five minutes
set -euo pipefail

python_library=cryptography==50.0.2

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../../.." && pwd)
target=${CARGO_TARGET_DIR:-$root/target}
home=$target/snippets
snippets=$root/functions/portal/snippets
mkdir -p "$home"

echo "Installing $python_library below $home"
[ -x "$home/venv/bin/python" ] || python3 -m venv "$home/venv"
"$home/venv/bin/python" -m pip install --quiet --disable-pip-version-check "$python_library"

recorded=${1:-$target/tmp/recorded-deliveries.json}
if [ $# -eq 0 ]; then
    rm -f "$recorded"
    echo "Recording deliveries"
    (cd "$root" && cargo test --quiet --workspace --test journeys -- secrets::verifiers::)
fi
if [ ! -s "$recorded" ]; then
    echo "There are no recorded deliveries at $recorded" >&2
    exit 1
fi

# As the code itself says that the file is called.
cp "$snippets/verify.js" "$home/verify.mjs"
cp "$snippets/verify_ed25519.js" "$home/verify_ed25519.mjs"
node "$here/check.mjs" "$home/verify.mjs" "$home/verify_ed25519.mjs" "$(realpath "$recorded")"
"$home/venv/bin/python" -B "$here/check.py" "$snippets/verify.py" "$snippets/verify_ed25519.py" "$recorded"

# What the code for curl is answered, signed with one secret and verified with another.
answer() {
    local port status
    coproc RECEIVER { exec node "$here/receiver.mjs" "$home/verify.mjs" "$2"; }
    read -r port <&"${RECEIVER[0]}"
    sed -e "s|whsec_…|$1|" -e "s|https://example.com/webhooks|http://127.0.0.1:$port/|" "$snippets/verify.sh" >"$home/try.sh"
    status=$(bash -eu "$home/try.sh" 2>/dev/null | head -n 1)
    kill "$RECEIVER_PID"
    wait "$RECEIVER_PID" || true
    echo "$status"
}
hmac=whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw
for secret in "$hmac" 'a plain secret'; do
    [[ $(answer "$secret" "$secret") == "HTTP/1.1 204"* ]] || { echo "curl: what is signed with $secret is refused" >&2; exit 1; }
    [[ $(answer "$secret" whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA) == "HTTP/1.1 401"* ]] || { echo "curl: another secret is accepted" >&2; exit 1; }
done
echo "curl: two kinds of secrets accepted, others refused"

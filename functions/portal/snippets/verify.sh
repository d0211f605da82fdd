# Signs a sample with your secret and sends it to your server, as we would: it should answer 2xx, and refuse it once you
# change the secret here.
secret='whsec_…' url='https://example.com/webhooks' body='{"type":"test","data":{}}'
id="evt_$(openssl rand -hex 8)" timestamp="$(date +%s)"
key="$(case "$secret" in (whsec_*) printf %s "${secret#whsec_}" | openssl base64 -d -A ;; (*) printf %s "$secret" ;; esac |
    od -An -v -tx1 | tr -d ' \n')"
signature="$(printf %s "$id.$timestamp.$body" | openssl dgst -sha256 -mac HMAC -macopt "hexkey:$key" -binary | openssl base64 -A)"
curl -i "$url" -H 'content-type: application/json' -H "webhook-id: $id" -H "webhook-timestamp: $timestamp" \
    -H "webhook-signature: v1,$signature" --data-raw "$body"

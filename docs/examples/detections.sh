#!/bin/sh
# Sends a detection, withdraws it, and polls for published STIX bundles, with curl.
# VIGIE=http://127.0.0.1:8080 TOKEN=... sh detections.sh
set -eu
id="example-$(date +%s)-$$"
ask() {
  curl -sS --fail-with-body -H "authorization: Bearer $TOKEN" "$@"
}
json='content-type: application/json'
detection='{"id": "'$id'", "detector": "example detector", "kind": "copy-paste", "title": {"en": "Burst of identical posts"},
  "territories": ["NC"], "observed": {"from": "2024-05-15"}, "counts": {"posts": 240}, "marking": "TLP:GREEN"}'

ask -H "$json" -d "$detection" "$VIGIE/detections?check=true" && echo
ask -H "$json" -d "$detection" "$VIGIE/detections" && echo

etag=$(ask -o /dev/null -w '%header{etag}' "$VIGIE/detections/$id")
ask -H "$json" -H "If-Match: $etag" -H "Idempotency-Key: withdraw-$id" --retry 3 \
  -d '{"reason": "a test of the detector"}' "$VIGIE/detections/$id/withdraw" && echo

ask -L "$VIGIE/stix?limit=10" && echo

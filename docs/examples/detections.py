"""Sends a detection, withdraws it, and polls for published STIX bundles. Python 3.9 or later, standard library only.

VIGIE=http://127.0.0.1:8080 TOKEN=... python3 detections.py
"""
import json
import os
import re
import urllib.error
import urllib.request
import uuid

VIGIE, TOKEN = os.environ["VIGIE"], os.environ["TOKEN"]


def ask(method, path, body=None, **headers):
    """Returns status, headers and JSON. Header names have _ for -."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(VIGIE + path, data, method=method)
    request.add_header("Authorization", f"Bearer {TOKEN}")
    request.add_header("Content-Type", "application/json")
    for name, value in headers.items():
        request.add_header(name.replace("_", "-"), value)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, answer.headers, json.load(answer)
    except urllib.error.HTTPError as problem:  # RFC 9457
        return problem.code, problem.headers, json.load(problem)


def must(answer):
    status, headers, body = answer
    if status >= 300:
        raise SystemExit(f"{status} {body['type']}: {body['detail']}")
    return headers, body


def withdraw(name, reason):
    """Reads again where the detection changed meanwhile. One key for all tries: it is withdrawn once."""
    key = str(uuid.uuid4())
    for _ in range(3):
        headers, _ = must(ask("GET", f"/detections/{name}"))
        answer = ask(
            "POST", f"/detections/{name}/withdraw", {"reason": reason}, If_Match=headers["ETag"], Idempotency_Key=key
        )
        if answer[0] != 412:
            return must(answer)[1]["outcome"]
    raise SystemExit(f"{name} changes all the time")


detection = {
    "id": f"example-{uuid.uuid4()}",
    "detector": "example detector",
    "kind": "copy-paste",
    "title": {"fr": "Salve de messages identiques", "en": "Burst of identical posts"},
    "territories": ["NC"],
    "observed": {"from": "2024-05-15T01:00:00Z", "to": "2024-05-15T02:00:00Z"},
    "counts": {"posts": 240, "accounts": 31},
    "marking": "TLP:GREEN",
}
_, checked = must(ask("POST", "/detections?check=true", detection))
for reject in checked["rejects"]:
    raise SystemExit(f"{reject['path']}: {reject['message']}")
_, sent = must(ask("POST", "/detections", detection))
print("sent:", sent["read"])
print("withdrawn:", withdraw(detection["id"], "a test of the detector"))

path, since = "/stix?limit=10", None
while path:
    headers, bundle = must(ask("GET", path))
    print("objects:", len(bundle.get("objects", [])))
    since = headers.get("X-TAXII-Date-Added-Last", since)
    following = re.match(r"<(.*)>", headers.get("Link", ""))
    path = following and following[1]
print("next time: added_after =", since)

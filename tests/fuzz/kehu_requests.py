"""Signs schemathesis in, and points half of its requests at records that exist."""

import os
import threading
import zlib

import requests
import schemathesis
from hypothesis import strategies

ADDRESS = os.environ["TEST_URL"]
EMAIL = "fuzz@example.com"
PASSWORD = "correct horse battery staple"
PREFIX = "/api/v1/"

tokens = threading.local()

# What the server knows more of than a schema can say.
for name, pattern in [
    ("phone", r"\A\+861[38][0-9]{9}\Z"),
    ("email", r"\A[a-z]{1,20}\.[a-z]{1,20}@[a-z]{1,20}\.example\Z"),
    ("uri", r"\Ahttps://[a-z]{1,20}\.example/[a-z]{0,20}\Z"),
]:
    schemathesis.openapi.format(name, strategies.from_regex(pattern))


def post(path, body):
    return requests.post(ADDRESS + path, json=body, timeout=30)


@schemathesis.auth(refresh_interval=60)
class AccessToken:
    def get(self, case, context):
        self.set_up()
        # Made-up passwords come from the same address, and too many of them stop everybody there
        # from signing in: who is signed in already renews the token.
        refresh = getattr(tokens, "refresh", None)
        answer = refresh and post("/api/v1/tokens/refresh", {"refresh_token": refresh})
        if not answer:
            person = {"email": EMAIL, "password": PASSWORD, "device": "fuzz"}
            answer = post("/api/v1/tokens", person)
        answer.raise_for_status()
        tokens.refresh = answer.json()["refresh_token"]
        return answer.json()["access_token"]

    def set(self, case, data, context):
        tokens.current = data
        case.headers = case.headers or {}
        case.headers["Authorization"] = f"Bearer {data}"

    def set_up(self):
        state = requests.get(ADDRESS + "/api/v1/setup", timeout=30).json()
        if state["needed"]:
            post(
                "/api/v1/setup",
                {
                    "workspace_name": "Fuzz",
                    "locale": "en",
                    "currency": "CNY",
                    "time_zone": "Asia/Shanghai",
                    "name": "Fuzz",
                    "email": EMAIL,
                    "password": PASSWORD,
                },
            ).raise_for_status()


@schemathesis.hook
def before_call(context, case, kwargs):
    """A made-up id is always unknown: every second one becomes the id of a record, with its version."""
    path = case.operation.path
    if not path.startswith(PREFIX) or "{id}" not in path or not getattr(tokens, "current", None):
        return
    # The person that schemathesis is signed in as stays able to sign in.
    kind = path.removeprefix(PREFIX).split("/")[0]
    given = str((case.path_parameters or {}).get("id"))
    if kind in ("users", "roles", "sessions") or zlib.crc32(given.encode()) % 2:
        return
    trashed = "?trashed=true&limit=1" if path.endswith("/restore") else "?sort=-updated_at&limit=1"
    answer = requests.get(
        f"{ADDRESS}{PREFIX}{kind}{trashed}",
        headers={"Authorization": f"Bearer {tokens.current}"},
        timeout=30,
    )
    items = answer.json().get("items") if answer.ok else None
    if items:
        case.path_parameters["id"] = items[0]["id"]
        if case.headers and "If-Match" in case.headers:
            case.headers["If-Match"] = f'"{items[0]["version"]}"'

"""Signs schemathesis in: makes the workspace on first use, then takes a fresh access token in time."""

import os

import requests
import schemathesis

ADDRESS = os.environ["TEST_URL"]
EMAIL = "fuzz@example.com"
PASSWORD = "correct horse battery staple"


def post(path, body):
    return requests.post(ADDRESS + path, json=body, timeout=30)


@schemathesis.auth(refresh_interval=60)
class AccessToken:
    def get(self, case, context):
        self.set_up()
        answer = post("/api/v1/tokens", {"email": EMAIL, "password": PASSWORD, "device": "fuzz"})
        answer.raise_for_status()
        return answer.json()["access_token"]

    def set(self, case, data, context):
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

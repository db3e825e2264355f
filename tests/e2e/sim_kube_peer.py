"""trivet-sim as a process of the tests, and how its Kubernetes and GitHub sides are reached."""
import base64
import contextlib
import json
import pathlib
import subprocess
import time
import urllib.error
import urllib.request

import boto3
import botocore.auth
import botocore.awsrequest
import kubernetes

import peers
import sim

CLUSTERS = {"222222222222": "innovate-dev", "333333333333": "innovate-prod"}
TABLE = "application/json;as=Table;g=meta.k8s.io;v=v1"


class Sim:
    def __init__(self, folder, *options, scenario=None):
        scenario = scenario or peers.write(folder / "still.yaml", sim.without_schedules())
        self.process = subprocess.Popen([str(peers.SIM), "--scenario", str(scenario), "--quiet", "--env", "--until-eof", *options],
                                        env=peers.clean_env(folder), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=open(folder / "sim.log", "wb"))
        self.env = {}
        for line in self.process.stdout:
            if line == b"\n":
                break
            name, value = line.decode().removeprefix("export ").strip().split("=", 1)
            self.env[name] = value
        if not self.env:
            raise RuntimeError("trivet-sim did not start: " + (folder / "sim.log").read_text())
        self.url = self.env["AWS_ENDPOINT_URL"]
        self.github = self.env["GITHUB_API_URL"]
        self.tokens = {}
        self.token_life = 10  # seconds; sessions end after an hour of the simulator's time

    def stop(self):
        """True if it ended by itself, with success, when its input was closed."""
        self.process.stdin.close()
        status = self.process.wait(20)
        self.process.stdout.close()
        return status == 0

    def token(self, account, role="TrivetOperator", cluster=None):
        """An EKS token: a GetCallerIdentity that botocore has presigned, with the cluster's name among the signed headers."""
        cluster = cluster or CLUSTERS[account]
        key = account, role, cluster
        if time.monotonic() > self.tokens.get(key, ("", 0))[1]:
            sts = boto3.client("sts", endpoint_url=self.url, region_name="us-east-1", aws_access_key_id=self.env["AWS_ACCESS_KEY_ID"],
                               aws_secret_access_key=self.env["AWS_SECRET_ACCESS_KEY"])
            given = sts.assume_role(RoleArn=f"arn:aws:iam::{account}:role/{role}", RoleSessionName="test")["Credentials"]
            credentials = botocore.credentials.Credentials(given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"])
            request = botocore.awsrequest.AWSRequest(
                method="GET", url="https://sts.us-east-1.amazonaws.com/?Action=GetCallerIdentity&Version=2011-06-15", headers={"x-k8s-aws-id": cluster})
            botocore.auth.SigV4QueryAuth(credentials, "sts", "us-east-1", expires=60).add_auth(request)
            text = "k8s-aws-v1." + base64.urlsafe_b64encode(request.url.encode()).decode().rstrip("=")
            self.tokens[key] = text, time.monotonic() + self.token_life
        return self.tokens[key][0]

    def server(self, account):
        return f"{self.url}/k8s/{account}/{CLUSTERS[account]}"

    def api_client(self, account, role="TrivetOperator"):
        configuration = kubernetes.client.Configuration()
        configuration.host = self.server(account)
        configuration.api_key = {"authorization": "Bearer " + self.token(account, role)}
        return kubernetes.client.ApiClient(configuration)

    def raw(self, account, path, accept="application/json", method="GET", body=None, content_type=None, timeout=60):
        """Status, headers, and the whole body as JSON (or bytes)."""
        headers = {"Authorization": "Bearer " + self.token(account), "Accept": accept}
        if content_type:
            headers["Content-Type"] = content_type
        request = urllib.request.Request(self.server(account) + path, method=method, headers=headers, data=None if body is None else json.dumps(body).encode())
        return answer_of(request, timeout)

    @contextlib.contextmanager
    def stream(self, account, path, accept="application/json", timeout=60):
        request = urllib.request.Request(self.server(account) + path, headers={"Authorization": "Bearer " + self.token(account), "Accept": accept})
        with urllib.request.urlopen(request, timeout=timeout) as reply:
            yield reply


def answer_of(request, timeout=60):
    try:
        with urllib.request.urlopen(request, timeout=timeout) as reply:
            status, headers, body = reply.status, reply.headers, reply.read()
    except urllib.error.HTTPError as error:
        with error:
            status, headers, body = error.code, error.headers, error.read()
    if "json" in headers.get("Content-Type", "") and body:
        body = json.loads(body)
    return status, headers, body


def eventually(check, limit=90):
    """Waits until check() gives something true, and returns it."""
    end = time.monotonic() + limit
    while True:
        found = check()
        if found or time.monotonic() > end:
            assert found, "it did not happen in time"
            return found
        time.sleep(0.1)


def scenario_with(folder, **changes):
    """The healthy scenario without schedules, with lines of text replaced: {old: new}."""
    text = sim.without_schedules()
    for old, new in changes.pop("replace", {}).items():
        assert old in text, old
        text = text.replace(old, new)
    path = pathlib.Path(folder) / "scenario.yaml"
    path.write_text(text)
    return path

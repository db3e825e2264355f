"""Starts the simulator as trivet does, and gives sessions of the clients that judge it."""
import pathlib
import re
import subprocess
import tempfile

import boto3
import botocore.config
import botocore.session

from peers import ROOT, SIM, clean_env

ACCOUNTS = {"root": "111111111111", "dev": "222222222222", "prod": "333333333333"}
CONFIG = botocore.config.Config(retries={"total_max_attempts": 1}, parameter_validation=True)
MODELS = botocore.session.Session().get_component("data_loader")  # read once for all sessions: most of a client's price

HEALTHY = (ROOT / "profiles/scenarios/healthy.yaml").read_text()
PRODUCTION = HEALTHY.index("    name: prod\n")  # where its part begins


def healthy_prod(*changes):
    """The healthy scenario with changes in production: (old, new)."""
    text = HEALTHY[PRODUCTION:]
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    return HEALTHY[:PRODUCTION] + text


def without_schedules(text=HEALTHY):
    """A scenario in which nothing stops or starts by itself, at whatever hour a test runs."""
    changed = re.sub(r"(?m)^    scheduler:\n(?:      .*\n)+", "", text)
    assert "trivet-dev-stop" not in changed
    return changed


def operations():
    lines = (ROOT / "src/aws/operations.txt").read_text().splitlines()
    return [tuple(line.split()[:2]) for line in lines if line.strip() and not line.startswith("#")]


class Sim:
    """trivet-sim with these options; `env` is what it printed. Ends when its standard input is closed."""

    def __init__(self, *options, scenario=None, more={}):
        self.home = tempfile.TemporaryDirectory()
        self.errors = open(pathlib.Path(self.home.name) / "stderr", "w+")
        argv = [str(SIM), "--env", "--until-eof", *(["--scenario", str(scenario)] if scenario else []), *options]
        self.process = subprocess.Popen(argv, env=clean_env(self.home.name, **more), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.errors, text=True)
        self.env = {}
        for line in self.process.stdout:
            if line == "\n":
                break
            name, value = re.fullmatch(r"export (\w+)=(.*)\n", line).groups()
            self.env[name] = value
        assert self.env.get("AWS_ENDPOINT_URL"), self.log()
        self.url = self.env["AWS_ENDPOINT_URL"]

    def log(self):
        self.errors.flush()
        return pathlib.Path(self.errors.name).read_text(errors="replace")

    def stop(self):
        self.process.stdin.close()
        code = self.process.wait(90)
        log = self.log()
        self.process.stdout.close()
        self.errors.close()
        self.home.cleanup()
        assert code == 0, f"exit {code}\n{log[-3000:]}"
        assert "Sanitizer" not in log and "runtime error" not in log, log[-3000:]

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.stop()

    def session(self, key=None, secret=None, token=None, region=None):
        """boto3's, with the base user's key unless told otherwise."""
        core = botocore.session.Session()
        core.register_component("data_loader", MODELS)
        core.set_config_variable("region", region or self.env["AWS_REGION"])
        core.set_credentials(key or self.env["AWS_ACCESS_KEY_ID"], secret or self.env["AWS_SECRET_ACCESS_KEY"], token)
        session = boto3.session.Session(botocore_session=core)
        make = session.client
        session.client = lambda service, **more: make(service, endpoint_url=self.url, **{"config": CONFIG, **more})
        return session

    def assume(self, account, role="TrivetReader", **more):
        sts = self.session().client("sts")
        return sts.assume_role(RoleArn=f"arn:aws:iam::{ACCOUNTS[account]}:role/{role}", RoleSessionName="test", **more)["Credentials"]

    def as_role(self, account, role="TrivetReader", region=None, **more):
        keys = self.assume(account, role, **more)
        return self.session(keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"], region)

    def cli_env(self, keys=None):
        env = {**clean_env(self.home.name), **self.env, "AWS_MAX_ATTEMPTS": "1", "AWS_PAGER": ""}
        if keys:
            env.update(AWS_ACCESS_KEY_ID=keys["AccessKeyId"], AWS_SECRET_ACCESS_KEY=keys["SecretAccessKey"], AWS_SESSION_TOKEN=keys["SessionToken"])
        return env

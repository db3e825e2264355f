"""Actions from the keyboard, against the simulator: by the help alone, refused, typed, left and taken up again."""
import json
import os
import re
import signal

import jsonschema
import pytest

from console import Console
from peers import ROOT, clean_env, trivet, write
from sim import Sim, without_schedules

PROFILE = (ROOT / "profiles/innovate.yaml").read_text()
SCHEMA = json.loads((ROOT / "doc/action.schema.json").read_text())


class Stage:
    """A simulator that tells each request, a profile with these changes, a home of its own."""

    def __init__(self, folder, speed="30", profile={}):
        text = PROFILE
        for old, new in profile.items():
            assert old in text, old
            text = text.replace(old, new, 1)
        self.sim = Sim("--speed", speed, scenario=write(folder / "scenario.yaml", without_schedules()))
        self.env = clean_env(folder, **self.sim.env, TRIVET_PROFILE=str(write(folder / "profile.yaml", text)))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.sim.stop()

    def database(self, account="dev", name="innovate-dev"):
        rds = self.sim.as_role(account).client("rds")
        return rds.describe_db_instances(DBInstanceIdentifier=name)["DBInstances"][0]["DBInstanceStatus"]

    def nodes(self):
        eks = self.sim.as_role("dev").client("eks")
        groups = eks.list_nodegroups(clusterName="innovate-dev")["nodegroups"]
        return [eks.describe_nodegroup(clusterName="innovate-dev", nodegroupName=g)["nodegroup"]["scalingConfig"]["desiredSize"] for g in groups]

    def calls(self, operation):
        return len(re.findall(rf"\b{operation}\b", self.sim.log()))

    def audit(self):
        return trivet("audit", "list", "--json", env=self.env).json

    def phases(self):
        records = self.audit()
        records = records if isinstance(records, list) else records["records"]
        return [(r["phase"], r["action"], r.get("outcome")) for r in records]


def dev_pane(stage, *options, **more):
    c = Console(*options, env=stage.env, **more)
    c.wait("innovate ▸ Overview", "ready")
    c.keys("?")
    return c


def test_someone_who_has_read_only_the_help_stops_and_wakes_development(tmp_path):
    with Stage(tmp_path) as stage, dev_pane(stage, rows=180, columns=100) as c:
        c.wait("Choose a row, press a, then a letter", "WHAT IS SHOWN", "quit")
        assert re.search(r"s  dev-stop +stop development[^(]*\(Dev,\s+Accounts\)", c.text)
        pane = re.search(r"(\d)  :dev ", c.text).group(1)
        c.keys("q" + pane)
        c.wait("innovate-dev", "node group", "a actions")
        c.keys("a")
        c.wait("s  dev-stop", "w  dev-start", "checked and shown first")
        c.keys("s")
        c.wait("PLAN:", "IN dev (222222222222)", "rds StopDBInstance", "eks UpdateNodegroupConfig", "kubernetes PATCH deployment", "y goes on")
        assert stage.calls("StopDBInstance") == 0
        c.keys("y")
        c.wait("elapsed 00:0", "▶ dev-stop dev")
        c.wait("✓ done     stop database innovate-dev", limit=120)
        c.wait_gone("▶ dev-stop")
        c.wait("called as arn:aws:sts::222222222222:assumed-role/TrivetOperator")
        assert stage.database() == "stopped" and not any(stage.nodes())
        c.keys("q")
        c.wait("A list")
        c.keys("a")
        c.wait("w  dev-start")
        c.keys("w")
        c.wait("y goes on", "rds StartDBInstance")
        c.keys("y")
        c.wait("▶ dev-start dev")
        c.keys("q")  # it goes on behind the panes
        c.wait("dev-start in dev: done; A shows it", limit=240)
        assert stage.database() == "available" and all(stage.nodes())
        c.keys("A")
        c.wait("✓ dev-start", "✓ dev-stop")
        c.keys("x")
        c.wait_gone("✓ dev-start")
        c.keys("qq")
        assert c.end() == 0 and c.restored()
        assert [p for p in stage.phases() if p[0] == "ended"] == [("ended", "dev-stop", "done"), ("ended", "dev-start", "done")]


def test_read_only_says_why_nothing_is_offered(tmp_path):
    with Stage(tmp_path) as stage, Console("--read-only", "--pane", "dev", env=stage.env) as c:
        c.wait("innovate-dev", "node group")
        assert "a actions" not in c.text
        c.keys("a")
        c.wait("dev-stop", "refused: trivet was started with --read-only")
        c.keys("\033:action dev-stop\r")
        c.wait("dev-stop refused: trivet was started with --read-only")
        c.keys("q")
        assert c.end() == 0
        assert ("refused", "dev-stop", None) in stage.phases() and stage.calls("StopDBInstance") == 0


def test_a_protected_account_is_left_alone(tmp_path):
    with Stage(tmp_path, profile={"    protect: false": "    protect: true"}) as stage, Console("--pane", "pods", env=stage.env) as c:
        c.wait("prod live", "dev live")
        c.keys("/backend\r")
        c.wait('have "backend"')
        c.wait_for(lambda: re.search(r"^ (dev|PROD) ", c.text, re.M))
        while not re.search(r"restart\s+refused: the profile protects account prod", c.text):
            c.keys("a")
            c.wait("Esc back")
            if "protect" not in c.text:  # a row of dev: the next one
                c.keys("\033")
                c.wait_gone("Esc back")
                c.keys("j")
        c.keys("r")
        c.read(0.2)
        assert "PLAN" not in c.text
        c.keys("\033:q\tuit\r")


def prod_pod(c):
    c.wait("prod live", "dev live")
    c.keys("/backend\r")
    c.wait('have "backend"')
    c.keys(":sort account\r")  # capitals come first
    c.keys("g")


def test_production_is_typed_and_a_reason_given(tmp_path):
    with Stage(tmp_path) as stage, Console("--pane", "pods", env=stage.env, rows=30, columns=110) as c:
        prod_pod(c)
        c.keys(":action restart\r")
        text = c.wait("Reason:", "type  ")
        expected = re.search(r"type  (.+?)\s*$", text, re.M).group(1)
        assert expected.endswith("backend") and " PROD " in text and "kubernetes PATCH" in text
        c.keys("frontend\t")
        c.keys("cache is poisoned\r")
        c.wait(f'expected "{expected}"')
        assert "▶ restart" not in c.text
        c.keys("\t\x15" + expected + "\r")
        c.wait("▶ restart PROD", "cache is poisoned")
        c.wait_gone("▶ restart PROD", limit=120)
        c.wait("✓ done")
        c.keys("qq")
        assert c.end() == 0
        ended = [p for p in stage.phases() if p[0] == "ended"]
        assert ended == [("ended", "restart", "done")]


def test_leaving_asks_once_and_what_was_left_is_taken_up(tmp_path):
    with Stage(tmp_path) as stage:
        with Console("--pane", "dev", env=stage.env) as c:
            c.wait("innovate-dev", "node group", "a actions")
            c.keys("as")
            c.wait("y goes on")
            c.keys("y")
            c.wait("settling stop database innovate-dev", limit=60)
            c.keys("\x03")
            c.wait("An action runs. Leave trivet?", "goes on by itself at AWS", "At the next start")
            c.keys("n")
            c.wait_gone("Leave trivet?")
            c.keys("\x03")
            c.wait("Leave trivet?")
            c.keys("y")
            assert c.end() == 0 and c.restored()
        listed = trivet("action", "unfinished", "--json", env=stage.env)
        assert listed.code == 1 and [(u["action"], u["account"]) for u in listed.json] == [("dev-stop", "dev")]
        done = trivet("action", "resume", listed.json[0]["id"], "--json", env=stage.env)
        assert done.code == 0, done.err
        jsonschema.validate(done.json, SCHEMA)
        assert done.json["outcome"] == "done" and stage.database() == "stopped" and stage.calls("StopDBInstance") == 1
        assert trivet("action", "unfinished", env=stage.env).code == 0


def test_killed_in_the_middle_and_taken_up_from_the_list(tmp_path):
    with Stage(tmp_path) as stage:
        with Console("--pane", "dev", env=stage.env) as c:
            c.wait("innovate-dev", "node group", "a actions")
            c.keys("as")
            c.wait("y goes on")
            c.keys("y")
            c.wait("settling stop database innovate-dev", limit=60)
            os.kill(c.process.pid, signal.SIGKILL)
            c.process.wait()
        with Console("--pane", "dev", env=stage.env) as c:
            c.wait("1 action was left unfinished (dev-stop in dev): A shows it")
            c.keys("A")
            c.wait("LEFT UNFINISHED", "? dev-stop")
            c.keys("r")
            c.wait("✓ done     stop database innovate-dev", limit=120)
            c.wait_gone("▶ dev-stop")
            c.keys("q")
            c.wait("ACTIONS OF THIS CONSOLE", "✓ dev-stop")
            assert "LEFT UNFINISHED" not in c.text
            c.keys("qq")
            assert c.end() == 0
        assert stage.database() == "stopped" and not any(stage.nodes())
        assert stage.calls("StopDBInstance") == 1 and stage.calls("UpdateNodegroupConfig") == 1
        assert [p[0] for p in stage.phases()][-1] == "ended" and trivet("audit", "verify", env=stage.env).code == 0


def test_the_operator_role_asks_for_its_code(tmp_path):
    mfa = {"    operator_role: TrivetOperator\n    cluster: innovate-dev ":
           "    operator_role: TrivetOperatorMfa\n    mfa_serial: arn:aws:iam::111111111111:mfa/oncall\n    cluster: innovate-dev "}
    with Stage(tmp_path, profile=mfa) as stage, Console("--pane", "dev", env=stage.env) as c:
        c.wait("MFA code for dev (222222222222)", "code: ______")
        c.keys("314159\r")
        c.wait("innovate-dev", "node group", "a actions")
        c.keys("as")
        c.wait("y goes on")
        c.keys("y")
        c.wait("MFA code for the operator role in dev", "for dev-stop")
        c.keys("000000\r")
        c.wait("MultiFactorAuthentication failed", "MFA code for the operator role in dev")
        assert stage.calls("StopDBInstance") == 0
        c.keys("314159\r")
        c.wait("✓ done     stop database innovate-dev", limit=120)
        c.wait_gone("▶ dev-stop")
        assert "TrivetOperatorMfa" in c.text and "314159" not in c.text
        c.keys("\033as")
        c.wait("y goes on")
        c.keys("y")
        c.wait("MFA code for the operator role in dev")
        c.keys("\033")
        c.wait("MFADeclined")
        c.keys("qqy")
        assert c.end() == 0


@pytest.mark.parametrize("words", [["list"], ["nonsense"], ["restart", "--account", "dev", "backend"], ["dev-stop"], ["dev-stop", "--account", "nobody"],
                                   ["dev-stop", "x", "--account", "dev"], ["restart", "--account", "dev", "a/b/c"], ["dev-stop", "--account", "prod"],
                                   ["resume", "no-such-id"], ["close", "../../etc/passwd"], ["resume"]])
def test_the_command_line_says_what_it_expected(tmp_path, words):
    env = clean_env(tmp_path, TRIVET_PROFILE="innovate", AWS_ENDPOINT_URL="http://127.0.0.1:9", AWS_ACCESS_KEY_ID="AKIAIOSFODNN7EXAMPLE",
                    AWS_SECRET_ACCESS_KEY="none")
    done = trivet("action", *words, env=env)
    if words == ["list"]:
        assert done.code == 0 and "dev-stop" in done.out
        listed = trivet("action", "list", "--json", env=env).json
        assert {"name", "about", "target", "value", "value_required"} == set(listed[0])
        return
    assert done.code == 2 and done.err.startswith("trivet: ") and done.err.count("\n") == 1, done.err
    expected = {"nonsense": "dev-stop", "nobody": "root, dev, prod", "backend": "NAMESPACE/NAME", "a/b/c": "NAMESPACE/NAME", "prod": "of kind production"}
    assert expected.get(words[-1], "") in done.err


def test_every_action_in_one_line_headless(tmp_path):
    with Stage(tmp_path) as stage:
        dry = trivet("action", "dev-stop", "--account", "dev", "--dry-run", "--json", env=stage.env)
        assert dry.code == 0, dry.err
        jsonschema.validate(dry.json, SCHEMA)
        assert [p["call"] for p in dry.json["plan"]].count("rds StopDBInstance") == 1 and stage.database() == "available"
        not_yet = trivet("action", "dev-stop", "--account", "dev", env=stage.env)
        assert not_yet.code == 2 and "--yes" in not_yet.err
        done = trivet("action", "dev-stop", "--account", "dev", "--yes", "--json", env=stage.env)
        assert done.code == 0, done.err
        jsonschema.validate(done.json, SCHEMA)
        assert {r["state"] for r in done.json["results"]} == {"done"} and stage.database() == "stopped"
        again = trivet("action", "dev-stop", "--account", "dev", "--yes", "--json", env=stage.env)
        assert again.code == 0 and {r["state"] for r in again.json["results"]} == {"skipped"} and stage.calls("StopDBInstance") == 1

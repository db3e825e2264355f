"""The failover drill, headless: the simulator is RDS, a real pair of PostgreSQL servers is what stands behind its endpoint. What the report says must be
what happened to them."""
import json
import os
import pathlib
import signal
import subprocess
import threading
import time

import jsonschema
import pytest

from peers import ROOT, TRIVET, clean_env, free_port, trivet, write
from postgres import Pair, wait_until
from sim import Sim

HEALTHY = (ROOT / "profiles/scenarios/healthy.yaml").read_text()
PROFILE = (ROOT / "profiles/innovate.yaml").read_text()
SCHEMA = json.loads((ROOT / "doc/drill.schema.json").read_text())
DB = "innovate-prod"
SPEED = "20"
PROBES = """    probe:                          # what a failover drill watches
      - {http: "https://innovate.example/health"}
      - {postgres: "service=innovate-prod"}
"""


def replaced(text, changes):
    for old, new in changes.items():
        assert old in text, old
        text = text.replace(old, new, 1)
    return text


class Stage:
    """A simulator whose innovate-prod is at `port`, a profile with these probes, a home of its own."""

    def __init__(self, folder, port, probes, speed=SPEED, scenario={}, profile={}, options=()):
        self.folder = folder
        at = f"      - id: {DB}\n"
        path = write(folder / "scenario.yaml", replaced(HEALTHY, {at: f"{at}        endpoint: 127.0.0.1\n        port: {port}\n", **scenario}))
        self.sim = Sim("--quiet", "--speed", speed, *options, scenario=path)
        listed = "    probe:\n" + "".join(f"      - {json.dumps(p)}\n" for p in probes) if probes else ""
        self.profile = write(folder / "profile.yaml", replaced(PROFILE, {PROBES: listed, **profile}))
        self.env = clean_env(folder, **self.sim.env, TRIVET_PROFILE=str(self.profile))
        self.rds = self.sim.as_role("prod").client("rds")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.sim.stop()

    @property
    def state(self):
        return self.folder / ".local/state/trivet"

    def instance(self):
        return self.rds.describe_db_instances(DBInstanceIdentifier=DB)["DBInstances"][0]

    def events(self):
        """Of failovers that the simulator began, not those of the scenario's past."""
        events = self.rds.describe_events(SourceType="db-instance", SourceIdentifier=DB, Duration=600)["Events"]
        return [e["Message"] for e in events if "failover" in e["EventCategories"]]

    def reboots(self):
        return sum(e == "Multi-AZ instance failover started." for e in self.events())

    def argv(self, *more):
        return [str(TRIVET), "drill", "rds", "--account", "prod", "--db", DB, "--confirm", DB, "--reason", "quarterly drill", *more]

    def drill(self, *more, limit=120, confirm=DB, account="prod", db=DB):
        argv = ["drill", "rds", "--account", account, "--db", db, "--reason", "quarterly drill", *(["--confirm", confirm] if confirm else []), *more]
        return trivet(*argv, env=self.env, limit=limit)

    def begin(self, *more):
        return subprocess.Popen(self.argv(*more), env=self.env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def reports(self):
        return sorted((self.state / "reports").glob("*/report.json"))

    def report(self):
        [path] = self.reports()
        report = json.loads(path.read_text())
        jsonschema.validate(report, SCHEMA)
        for file in (path, path.with_name("report.md")):
            assert file.stat().st_mode & 0o777 == 0o600
        return report, path.with_name("report.md").read_text()

    def journals(self):
        return list((self.state / "journal").glob("*.jsonl"))

    def audit(self):
        path = self.state / "audit.jsonl"
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


class Failing:
    """Fails the real pair over once the simulator's instance is rebooting, as RDS would."""

    def __init__(self, stage, pair):
        self.stage, self.pair, self.over, self.error = stage, pair, False, None
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def _run(self):
        try:
            wait_until(lambda: self.over or self.stage.instance()["DBInstanceStatus"] == "rebooting", "an instance that reboots", 100)
            if not self.over:
                self.pair.fail_over()
        except Exception as e:
            self.error = e

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.over = True
        self.thread.join(60)
        assert not self.error, self.error


def promises(report):
    return {p["promise"]: p["verdict"] for p in report["promises"]}


def test_no_row_is_lost_to_a_synchronous_standby(tmp_path):
    with Pair() as pair, Stage(tmp_path, pair.endpoint.port, [{"postgres": pair.conninfo}, {"tcp": f"127.0.0.1:{pair.endpoint.port}"}]) as stage:
        with Failing(stage, pair):
            done = stage.drill("--report", str(tmp_path / "copy"))
        assert done.code == 0, done.out + done.err
        report, text = stage.report()
        assert report["verdict"] == "PASSED" and promises(report) == {"failover": "kept", "outage": "kept", "rows": "kept"}
        postgres, tcp = report["probes"]
        rows = postgres["rows"]
        assert rows["verified"] and rows["lost"] == 0 and rows["acknowledged"] > 20 and rows["removed"]
        assert rows["found"] == rows["acknowledged"] + rows["in_doubt_found"]
        assert 200 < postgres["down_ms"] < 30000 and len(postgres["outages"]) >= 1
        assert "x" in postgres["bar"] and "+" in postgres["bar"]
        assert report["zones"]["before"] == {"primary": "us-east-1a", "standby": "us-east-1b"}
        assert report["zones"]["after"] == {"primary": "us-east-1b", "standby": "us-east-1a"}
        assert stage.instance()["AvailabilityZone"] == "us-east-1b" and stage.reboots() == 1
        assert report["endpoint"] == {"name": "127.0.0.1", "port": pair.endpoint.port, "before": "127.0.0.1", "after": "127.0.0.1"}
        assert report["reason"] == "quarterly drill" and report["request_id"] and "TrivetOperator" in report["who"]["operator"]
        seen = [(e["what"], e["text"]) for e in report["timeline"]]
        statuses = [t for w, t in seen if w == "status"]
        assert statuses == ["available", "rebooting", "available"]
        assert any("Multi-AZ instance failover completed" in t for w, t in seen if w == "event")
        assert any("no answer" in t for w, t in seen if w == "probe 1") and any("answers again" in t for w, t in seen if w == "probe 1")
        assert [e["at"] for e in report["timeline"]] == sorted(e["at"] for e in report["timeline"])
        assert report["unobserved"] == [] and not report["left"] and len(report["preflight"]) == 11
        for words in ("**PASSED**", "## Promises", "## Chart", "quarterly drill", "us-east-1b primary"):
            assert words in text
        for name in ("report.md", "report.json"):
            [made] = (stage.state / "reports").glob(f"*/{name}")
            assert (tmp_path / "copy" / name).read_text() == made.read_text()
        assert pair.standby.sql("select count(*) from trivet_drill") == "0"
        assert stage.journals() == [] and [r["phase"] for r in stage.audit()] == ["begun", "ended"]

        rows = trivet("drill", "list", "--json", env=stage.env).json
        assert [(r["database"], r["verdict"], r["lost"]) for r in rows] == [(DB, "PASSED", 0)] and rows[0]["outage_ms"] == report["outage_ms"]
        [row] = [r for r in trivet("show", "database", "--json", env=stage.env).json["rows"] if r["id"] == DB]
        assert row["last_drill"].startswith("PASSED")

"""The failover drill, headless: the simulator is RDS, a real pair of PostgreSQL servers is what stands behind its endpoint. What the report says
must be what happened to them."""
import fcntl
import json
import pathlib
import signal
import socket
import subprocess
import threading

import jsonschema
import pytest

from console import Console
from peers import ROOT, TRIVET, clean_env, free_port, trivet, write
from postgres import Pair, wait_until
from sim import HEALTHY, Sim

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

    def __init__(self, stage, pair, behind=False):
        self.stage, self.pair, self.behind, self.over, self.error = stage, pair, behind, False, None
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def _run(self):
        try:
            wait_until(lambda: self.over or self.stage.instance()["DBInstanceStatus"] == "rebooting", "an instance that reboots", 100)
            if not self.over:
                self._fail_over()
        except Exception as e:
            self.error = e

    def _fail_over(self):
        if self.behind:  # the standby hears no more of what is acknowledged from here on
            self.pair.feed.point(None)
            before = int(self.pair.primary.sql("select count(*) from trivet_drill"))
            wait_until(lambda: int(self.pair.primary.sql("select count(*) from trivet_drill")) >= before + 10, "rows that the standby does not have")
        self.pair.fail_over()

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


def test_rows_are_lost_to_a_standby_that_is_behind(tmp_path):
    with Pair(synchronous=False) as pair, Stage(tmp_path, pair.endpoint.port, [{"postgres": pair.conninfo}]) as stage:
        with Failing(stage, pair, behind=True):
            done = stage.drill()
        assert done.code == 1 and "FAILED" in done.out and "acknowledged rows are lost" in done.out, done.out + done.err
        report, text = stage.report()
        assert report["verdict"] == "FAILED" and promises(report) == {"failover": "kept", "outage": "kept", "rows": "broken"}
        rows = report["probes"][0]["rows"]
        assert rows["verified"] and rows["lost"] >= 9 and rows["lost_rows"] and not rows["removed"]
        assert rows["found"] == rows["acknowledged"] - rows["lost"] + rows["in_doubt_found"]
        assert pair.standby.sql("select count(*) from trivet_drill") == str(rows["found"])
        assert report["rows"]["lost"] == rows["lost"] and report["why"] in text.replace("\\", "")
        [row] = [r for r in trivet("show", "database", "--json", env=stage.env).json["rows"] if r["id"] == DB]
        assert row["last_drill"].startswith("FAILED")


# At each step: journaled, called, answered, under way, back again, at the end. What is told of the journal is on the disk by then.
KILLED = {"operator": '"operator"', "call": '"intent"', "result": '"result"', "rebooting": '"text":"rebooting"', "back": '"what":"back"',
          "over": '"over"'}


@pytest.mark.parametrize("at", KILLED)
def test_killed_and_resumed(tmp_path, at):
    with Pair() as pair, Stage(tmp_path, pair.endpoint.port, [{"postgres": pair.conninfo}]) as stage, Failing(stage, pair):
        process = stage.begin()
        wait_until(lambda: any(KILLED["operator"] in path.read_text() for path in stage.journals()), "a drill that has begun")
        with (stage.state / "audit.jsonl").open() as audit:
            fcntl.flock(audit, fcntl.LOCK_EX)  # so that it cannot end before it is killed
            wait_until(lambda: any(KILLED[at] in path.read_text() for path in stage.journals()), f"a journal that tells of {at}", 100)
            process.kill()
            said = process.communicate()[0]
        [journal] = stage.journals()  # what it tells as meant may not have gone out yet
        called = '"result"' in journal.read_text() or stage.instance()["DBInstanceStatus"] != "available"
        assert stage.reports() == [] or at == "over", said
        unfinished = trivet("action", "unfinished", env=stage.env)
        assert unfinished.code == 1 and "rds-drill" in unfinished.out and DB in unfinished.out
        again = stage.drill()
        assert again.code == 2 and "a check failed" in again.err and "left unfinished" in again.out
        done = trivet("action", "resume", journal.stem, env=stage.env, limit=200)
        report, text = stage.report()
        assert stage.reboots() == 1 and stage.instance()["AvailabilityZone"] == "us-east-1b", done.out
        assert stage.journals() == [] and [r["phase"] for r in stage.audit()] == ["begun", "resumed", "ended"]
        [gap] = report["unobserved"]
        assert gap["from"] < gap["to"] and "Nothing was observed from" in text
        assert promises(report)["failover"] == "kept" and report["probes"][0]["rows"]["lost"] in (0, None)
        if called:  # what the probes of the first run had seen went with it
            assert report["verdict"] == "INCOMPLETE" and report["outage_ms"] is None and report["rows"]["lost"] is None and done.code != 0
            assert promises(report) == {"failover": "kept", "outage": "unknown", "rows": "unknown"} and "nothing was observed from" in report["why"]
        else:  # it was called under the eyes of the second
            assert report["verdict"] == "PASSED" and gap["to"] < report["called_at"] and done.code == 0
        assert [e["text"] for e in report["timeline"] if e["what"] == "status"][0] == "available"


def test_one_drill_at_a_time(tmp_path):
    with Pair() as pair, Stage(tmp_path, pair.endpoint.port, [{"postgres": pair.conninfo}]) as stage, Failing(stage, pair):
        process = stage.begin()
        wait_until(lambda: stage.journals(), "a journal")
        second = stage.drill(confirm=f"fail over {DB}")
        assert second.code == 2 and "rds-drill" in second.err and str(process.pid) in second.err, second.out + second.err
        assert "rds-drill on prod / innovate-prod runs in another console" in second.out
        process.send_signal(signal.SIGINT)
        said = process.communicate(timeout=60)[0]
        assert process.returncode == 2 and ("left" in said or "cancelled" in said)
        assert stage.reports() == [] or stage.report()[0]["verdict"] == "INCOMPLETE"


def test_left_alone(tmp_path):
    """Who stops observing gets a report that claims no more than was seen; the failover goes on."""
    with Pair() as pair, Stage(tmp_path, pair.endpoint.port, [{"postgres": pair.conninfo}]) as stage, Failing(stage, pair):
        process = stage.begin()
        wait_until(lambda: any(KILLED["rebooting"] in path.read_text() for path in stage.journals()), "an instance that reboots")
        process.send_signal(signal.SIGINT)
        said = process.communicate(timeout=60)[0]
        assert process.returncode == 2, said
        report, text = stage.report()
        assert report["left"] and report["verdict"] == "INCOMPLETE" and promises(report)["failover"] == "unknown" and "was ended before" in text
        wait_until(lambda: stage.instance()["DBInstanceStatus"] == "available", "a failover that goes on")
        assert stage.journals() == [] and stage.audit()[-1]["outcome"] == "left"


# Refusals. What answers the probe there is a socket that listens.

@pytest.fixture
def port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


OPERATOR = "    operator_role: TrivetOperator\n    protect: false"


def refused(done, *words, code=2):
    assert done.code == code, (done.code, done.out, done.err)
    for word in words:
        assert word in done.out + done.err, (word, done.out, done.err)


def untouched(stage):
    return stage.reboots() == 0 and stage.instance()["DBInstanceStatus"] == "available" and stage.reports() == []


def test_a_dry_run_changes_nothing(tmp_path, port):
    with Stage(tmp_path, port, [{"tcp": f"127.0.0.1:{port}"}]) as stage:
        done = stage.drill("--dry-run", confirm=None)
        assert done.code == 0, done.out + done.err
        for words in ("Multi-AZ", "primary us-east-1a", "standby us-east-1b", "kept 7 days; copies in us-west-2", "1 in the profile",
                      f"reboot {DB} with failover (ForceFailover=true)", "[rds RebootDBInstance]"):
            assert words in done.out, done.out
        assert untouched(stage) and not stage.state.exists()
        plan = stage.drill("--dry-run", "--json", confirm=None).json
        assert [c["verdict"] for c in plan["preflight"]] == ["pass"] * 11 and [s["call"] for s in plan["plan"]] == ["rds RebootDBInstance"]


def test_names(tmp_path, port):
    with Stage(tmp_path, port, [{"tcp": f"127.0.0.1:{port}"}]) as stage:
        refused(stage.drill(account="stage"), '"stage"', "root, dev, prod")
        refused(stage.drill(db="innovate-qa"), '"innovate-qa"', "expected one of innovate-prod")
        refused(trivet("drill", "rds", env=stage.env), "--account", "--db")
        refused(trivet("drill", "aurora", env=stage.env), "expected one of rds, list")
        assert "no drill is on record" in trivet("drill", "list", env=stage.env).out
        refused(stage.drill(confirm=None), f'give --confirm "{DB}"')
        refused(trivet("drill", "rds", "--account", "prod", "--db", DB, "--confirm", DB, env=stage.env), "--reason")
        assert untouched(stage)


def test_not_multi_az(tmp_path, port):
    with Stage(tmp_path, port, [{"tcp": f"127.0.0.1:{port}"}]) as stage:
        done = stage.drill(account="dev", db="innovate-dev", confirm="innovate-dev")
        refused(done, "innovate-dev has no standby", "no probe in the profile: the outage could not be measured",
                'give --confirm "fail over innovate-dev"')
        done = stage.drill(account="dev", db="innovate-dev", confirm="fail over innovate-dev")
        refused(done, "InvalidParameterCombination", "ForceFailover cannot be specified")
        assert untouched(stage) and [r["phase"] for r in stage.audit()] == ["begun", "ended"] and stage.audit()[0]["override"]


def test_wrong_state(tmp_path, port):
    stopped = {"        multi_az: true\n": "        multi_az: true\n        status: stopped\n"}
    with Stage(tmp_path, port, [{"tcp": f"127.0.0.1:{port}"}], scenario=stopped) as stage:
        refused(stage.drill(), "it is stopped", "a check failed")
        refused(stage.drill(confirm=f"fail over {DB}"), "InvalidDBInstanceState", "is not in available state")
        assert stage.instance()["DBInstanceStatus"] == "stopped" and stage.reports() == []


def test_role_that_may_only_read(tmp_path, port):
    with Stage(tmp_path, port, [{"tcp": f"127.0.0.1:{port}"}], profile={OPERATOR: OPERATOR.replace("TrivetOperator", "TrivetReader")}) as stage:
        refused(stage.drill(), "AccessDenied", "rds:RebootDBInstance")
        assert untouched(stage)


def test_service_control_policy(tmp_path, port):
    denied = {'deny: ["rds:StopDBInstance"': 'deny: ["rds:RebootDBInstance", "rds:StopDBInstance"'}
    with Stage(tmp_path, port, [{"tcp": f"127.0.0.1:{port}"}], scenario=denied) as stage:
        refused(stage.drill(), "AccessDenied", "explicit deny in a service control policy")
        assert untouched(stage)


def test_mfa_declined(tmp_path, port):
    mfa = OPERATOR.replace("TrivetOperator", "TrivetOperatorMfa\n    mfa_serial: arn:aws:iam::111111111111:mfa/oncall")
    with Stage(tmp_path, port, [{"tcp": f"127.0.0.1:{port}"}], profile={OPERATOR: mfa}) as stage:
        refused(stage.drill(), "MFA")
        assert untouched(stage)


def test_protected_and_read_only(tmp_path, port):
    with Stage(tmp_path, port, [{"tcp": f"127.0.0.1:{port}"}], profile={"    protect: false": "    protect: true"}) as stage:
        refused(stage.drill(), "the profile protects account prod")
        refused(stage.drill(account="root", db="x"), "account root is of kind management")
        refused(stage.drill("--read-only"), "--read-only")
        assert untouched(stage) and {r["phase"] for r in stage.audit()} == {"refused"}


def test_recent_failover(tmp_path, port):
    recent = {"ago: 4d3h10m, category: failover": "ago: 3m, category: failover"}
    with Stage(tmp_path, port, [{"tcp": f"127.0.0.1:{port}"}], speed="5", scenario=recent) as stage:
        refused(stage.drill(), "it failed over", "wait an hour", "a check failed")
        done = stage.drill(confirm=f"fail over {DB}")
        refused(done, "RDS did not attempt the failover", "Abandoning user requested failover", code=1)
        report, _ = stage.report()
        assert report["verdict"] == "FAILED" and promises(report)["failover"] == "broken" and report["override"]
        assert stage.instance()["AvailabilityZone"] == "us-east-1a"


def test_probe_that_is_not_good_before(tmp_path):
    with Stage(tmp_path, free_port(), [{"tcp": f"127.0.0.1:{free_port()}"}]) as stage:
        done = stage.drill()
        refused(done, "the tcp probe of 127.0.0.1", "is not good before the failover", "nothing was called")
        assert untouched(stage) and stage.audit()[-1]["outcome"] == "failed"


def test_no_probe(tmp_path, port):
    with Stage(tmp_path, port, []) as stage:
        done = stage.drill("--dry-run", confirm=None)
        refused(done, "no probe in the profile: the outage could not be measured", code=1)
        assert untouched(stage)


def test_on_the_demo_estate(tmp_path):
    """With the profile that the demo uses: its probe asks the simulator's own page."""
    with Sim("--quiet", "--speed", SPEED) as sim:
        env = clean_env(tmp_path, **sim.env, TRIVET_PROFILE="demo")
        done = trivet("drill", "rds", "--account", "prod", "--db", DB, "--confirm", DB, "--reason", "trying it out", env=env)
        assert done.code == 0 and "PASSED" in done.out, done.out + done.err
        [row] = trivet("drill", "list", "--json", env=env).json
        report = json.loads((pathlib.Path(row["report"]) / "report.json").read_text())
        jsonschema.validate(report, SCHEMA)
        [probe] = report["probes"]
        assert promises(report) == {"failover": "kept", "outage": "kept"} and probe["kind"] == "http" and probe["down_ms"] > 500
        assert report["zones"]["after"]["primary"] == "us-east-1b"


def choose_drill(c):
    """A check that was not read in time, because the machine is busy, counts as failed, and asks for other words: then once more."""
    for _ in range(9):
        c.keys("a")
        c.wait("f  rds-drill")
        c.keys("f")
        text = c.wait("RebootDBInstance", "ForceFailover=true", "Multi-AZ", "1 in the profile", "type  ", "Reason:")
        if "To go on, type" in text or "✗" in text.split("CHECKS")[1]:
            break
        c.keys("\033")
        c.wait("1 of 2 rows")
    assert "To go on, type" in text, text


def test_from_the_keyboard(tmp_path):
    """On the Database pane: chosen, checked, typed, watched live, its report under the database's details."""
    with Sim("--quiet", "--speed", SPEED) as sim:
        env = clean_env(tmp_path, **sim.env, TRIVET_PROFILE="demo")
        with Console("--pane", "database", env=env, rows=60, columns=130) as c:
            c.wait("innovate-prod", "us-west-2", "EVENTS")
            c.keys("/prod\r")
            c.wait("1 of 2 rows")
            choose_drill(c)
            c.keys(f"{DB}\r")
            c.keys("trying it out\r")
            c.wait("objective 120 s", "probes", "http", "█")
            c.wait("rebooting", "░", "down")
            c.wait("PASSED", limit=90)
            c.keys("q")
            c.wait("LAST DRILL", "PASSED")
            c.keys("\r")
            c.wait("FAILOVER DRILLS", "outage")

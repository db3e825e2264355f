"""Development put to sleep and woken: what boto3 and the Kubernetes client see of it, what a second time does, what a crash leaves, what is refused.
The simulator's time runs fast; what it was asked is counted in its log."""
import base64
import collections
import datetime
import json
import re
import signal
import subprocess
import time
import zoneinfo

import botocore.auth
import botocore.awsrequest
import botocore.credentials
import jsonschema
import kubernetes
import pytest

from peers import ROOT, TRIVET, clean_env, trivet, write
from sim import ACCOUNTS, Sim, without_schedules

PROFILE = (ROOT / "profiles/innovate.yaml").read_text()
SCENARIO = without_schedules()
ANNOTATION = "trivet.dev/replicas"
NODES = "/clusters/innovate-dev/node-groups/addons"


class World:
    """A simulator, and trivet beside it with a state directory of its own."""

    def __init__(self, folder, *options, speed=100, scenario=None, profile=PROFILE, **more):
        self.folder, self.options, self.profile = folder, options, write(folder / "profile.yaml", profile)
        self.sim = Sim("--speed", str(speed), *options, scenario=write(folder / "scenario.yaml", scenario or SCENARIO))
        self.env = clean_env(folder, **self.sim.env, TRIVET_PROFILE=str(self.profile), XDG_STATE_HOME=str(folder / "state"), **more)
        self.state = folder / "state/trivet"

    def run(self, *argv, **more):
        return trivet(*argv, env={**self.env, **more})

    def client(self, service, role="TrivetOperator"):
        return self.sim.as_role("dev", role).client(service)

    def kube(self):
        configuration = kubernetes.client.Configuration()
        configuration.host = f"{self.sim.url}/k8s/{ACCOUNTS['dev']}/innovate-dev"
        configuration.api_key = {"authorization": "Bearer " + eks_token(self.sim)}
        return kubernetes.client.AppsV1Api(kubernetes.client.ApiClient(configuration))

    def deployments(self):
        return {d.metadata.name: d for d in self.kube().list_namespaced_deployment("innovate").items}

    def scale(self, name, replicas, annotation=None):
        body = {"spec": {"replicas": replicas}}
        if annotation:
            body["metadata"] = {"annotations": {ANNOTATION: annotation}}
        self.kube().patch_namespaced_deployment(name, "innovate", body)

    def replicas(self):
        return {name: (d.spec.replicas, (d.metadata.annotations or {}).get(ANNOTATION)) for name, d in self.deployments().items()}

    def database(self):
        return self.client("rds").describe_db_instances(DBInstanceIdentifier="innovate-dev")["DBInstances"][0]

    def nodes(self):
        group = self.client("eks").describe_nodegroup(clusterName="innovate-dev", nodegroupName="addons")["nodegroup"]
        return group["scalingConfig"], group["labels"]

    def until(self, condition, limit=90):
        end = time.monotonic() + limit
        while not condition():
            assert time.monotonic() < end, self.sim.log()[-2000:]
            time.sleep(0.1)

    def until_database(self, status):
        self.until(lambda: self.database()["DBInstanceStatus"] == status)

    def calls(self):
        """How often each thing that changes something was asked for, and answered well."""
        found = collections.Counter()
        for line in self.sim.log().splitlines():
            match = re.match(r"\S+ (\w+) (\S+) (2\d\d) (\S+)", line)
            if match and match[4] != "kubernetes":
                found[match[4]] += 1
            elif match and match[1] == "PATCH":
                found["PATCH " + match[2].rsplit("/", 1)[1].split("?")[0]] += 1
        return {name: count for name, count in found.items() if re.match(r"PATCH|rds\.(Stop|Start)|eks\.Update|scheduler\.(Create|Update|Delete)", name)}

    def journals(self):
        folder = self.state / "journal"
        return sorted(folder.glob("*.jsonl")) if folder.exists() else []

    def audit(self):
        return [json.loads(line) for line in (self.state / "audit.jsonl").read_text().splitlines()]


def eks_token(sim):
    keys = sim.assume("dev", "TrivetOperator")
    request = botocore.awsrequest.AWSRequest(method="GET", url="https://sts.us-east-1.amazonaws.com/?Action=GetCallerIdentity&Version=2011-06-15",
                                             headers={"x-k8s-aws-id": "innovate-dev"})
    botocore.auth.SigV4QueryAuth(botocore.credentials.Credentials(keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"]), "sts", "us-east-1",
                                 expires=60).add_auth(request)
    return "k8s-aws-v1." + base64.urlsafe_b64encode(request.url.encode()).decode().rstrip("=")


@pytest.fixture
def world(tmp_path):
    made = []

    def make(*options, **more):
        made.append(World(tmp_path, *options, **more))
        return made[-1]

    yield make
    for one in made:
        one.sim.stop()


def done(result, code=0):
    assert result.code == code, (result.code, result.out, result.err)
    return result


def states(result):
    """The last state that each step was told in."""
    return dict((m[2] + " " + m[3], m[1]) for m in re.finditer(r"^  (done|skipped|failed|waiting)\s+(\S+) ([^\s:]+)", result.out, re.M))


STOPPED = {"backend": (0, "2"), "frontend": (0, "1")}
AWAKE = {"backend": (2, None), "frontend": (1, None)}
STOP_CALLS = {"PATCH backend": 1, "PATCH frontend": 1, "eks.UpdateNodegroupConfig": 1, "rds.StopDBInstance": 1}
START_CALLS = {"PATCH backend": 1, "PATCH frontend": 1, "eks.UpdateNodegroupConfig": 1, "rds.StartDBInstance": 1}


def assert_asleep(w):
    assert w.replicas() == STOPPED
    sizes, labels = w.nodes()
    assert (sizes["minSize"], sizes["desiredSize"], sizes["maxSize"]) == (0, 0, 3)
    assert labels["trivet.dev/desired"] == "2" and labels["trivet.dev/min"] == "1" and labels["role"] == "addons"
    assert w.database()["DBInstanceStatus"] == "stopped"


def assert_awake(w):
    assert w.replicas() == AWAKE
    sizes, labels = w.nodes()
    assert (sizes["minSize"], sizes["desiredSize"], sizes["maxSize"]) == (1, 2, 3) and not [name for name in labels if "trivet" in name]
    assert w.database()["DBInstanceStatus"] == "available"
    assert all(d.status.ready_replicas == d.spec.replicas for d in w.deployments().values())


def test_stop_then_start(world):
    w = world()
    assert "dev (222222222222) is up" in w.run("dev", "status").out
    dry = done(w.run("dev", "stop", "--dry-run"))
    assert "[rds StopDBInstance]" in dry.out and w.calls() == {}
    stopped = done(w.run("dev", "stop", "--yes"))
    assert set(states(stopped).values()) == {"done"} and len(states(stopped)) == 4
    assert_asleep(w)
    assert w.calls() == STOP_CALLS and w.journals() == []
    status = w.run("dev", "status")
    assert " is down" in status.out and "RDS starts innovate-dev by itself on" in status.out
    told = w.run("dev", "status", "--json").json
    jsonschema.validate(told, json.loads((ROOT / "doc/show.schema.json").read_text()))
    assert told["state"] == "down" and isinstance(told["as_planned"], bool)
    again = done(w.run("dev", "stop", "--yes"))
    assert "nothing to do: all of it is so already" in again.out and w.calls() == STOP_CALLS
    started = done(w.run("dev", "start", "--yes", "--json"))
    assert started.json["outcome"] == "done" and [r["state"] for r in started.json["results"]] == ["done"] * 4
    assert all(r["request_id"] for r in started.json["results"] if "database" in r["step"])
    assert_awake(w)
    assert "nothing to do" in done(w.run("dev", "start", "--yes")).out
    assert w.calls() == {name: 2 if name[0] != "r" else 1 for name in {**STOP_CALLS, **START_CALLS}}
    phases = [(r["action"], r["phase"]) for r in w.audit() if r["phase"] in ("begun", "ended")]
    assert phases[:4] == [("dev-stop", "begun"), ("dev-stop", "ended"), ("dev-stop", "begun"), ("dev-stop", "ended")]
    assert "TrivetOperator" in w.audit()[-1]["who"]["operator"]


def test_parts_that_are_down_already(world):
    """Each part by itself down before: that one is left alone, the others go."""
    w = world()
    w.client("rds").stop_db_instance(DBInstanceIdentifier="innovate-dev")  # still "stopping" when it is looked at
    w.scale("frontend", 0)                                                 # by hand, nothing remembered: it was at zero before
    stopped = done(w.run("dev", "stop", "--yes"))
    assert states(stopped)["deployment-down innovate/frontend"] == states(stopped)["database-stop innovate-dev"] == "skipped"
    assert w.replicas() == {"backend": (0, "2"), "frontend": (0, None)} and w.database()["DBInstanceStatus"] == "stopped"
    started = done(w.run("dev", "start", "--yes"))
    assert "was at 0 before" in started.out
    assert w.replicas() == {"backend": (2, None), "frontend": (0, None)}


def test_node_group_that_was_at_zero_stays_there(world):
    w = world()
    eks = w.client("eks")
    eks.update_nodegroup_config(clusterName="innovate-dev", nodegroupName="addons", scalingConfig={"minSize": 0, "desiredSize": 0})
    before = w.calls()["eks.UpdateNodegroupConfig"]
    assert states(done(w.run("dev", "stop", "--yes")))["node-group-down addons"] == "skipped"
    assert states(done(w.run("dev", "start", "--yes")))["node-group-up addons"] == "skipped"
    assert w.calls()["eks.UpdateNodegroupConfig"] == before and w.nodes()[0]["desiredSize"] == 0


def test_no_node_group(world):
    scenario = SCENARIO.replace("      node_group: {min: 1, max: 3}\n", "")
    scenario = re.sub(r"(?m)^      nodes:.*\n(?:        .*\n)*", lambda m: m[0], scenario)
    w = world(scenario=scenario)
    result = done(w.run("dev", "stop", "--yes"))
    assert w.database()["DBInstanceStatus"] == "stopped" and states(result)["database-stop innovate-dev"] == "done"


def test_scaled_up_by_somebody_at_night(world):
    """A start leaves what runs as it is, and forgets what was remembered, so that a later start does not believe it."""
    w = world()
    w.scale("backend", 3, annotation="2")
    done(w.run("dev", "start", "--yes"))
    replicas, remembered = w.replicas()["backend"]
    assert replicas > 0 and remembered is None
    w.scale("backend", 0)
    done(w.run("dev", "start", "--yes"))
    assert w.replicas()["backend"] == (0, None)


def test_autoscaler_gets_its_least(world):
    w = world(scenario=SCENARIO.replace("hpa: {min: 1, max: 4, target: 70%}", "hpa: {min: 3, max: 4, target: 70%}"))
    w.scale("backend", 0, annotation="2")
    done(w.run("dev", "start", "--yes"))
    assert w.replicas()["backend"][0] >= 3


def test_started_while_it_stops(world):
    w = world()
    w.client("rds").stop_db_instance(DBInstanceIdentifier="innovate-dev")
    result = done(w.run("dev", "start", "--yes"))
    assert states(result)["database-start innovate-dev"] == "done" and w.database()["DBInstanceStatus"] == "available"
    w.client("rds").stop_db_instance(DBInstanceIdentifier="innovate-dev")
    w.until_database("stopped")
    w.client("rds").start_db_instance(DBInstanceIdentifier="innovate-dev")
    result = done(w.run("dev", "stop", "--yes"))
    assert states(result)["database-stop innovate-dev"] == "done" and w.database()["DBInstanceStatus"] == "stopped"


def test_stopped_again_after_seven_days(world):
    w = world(scenario=SCENARIO.replace("      - id: innovate-dev\n", "      - id: innovate-dev\n        status: stopped\n        stopped: 6d23h50m\n"))
    assert w.database()["DBInstanceStatus"] == "stopped" and w.database()["AutomaticRestartTime"]
    w.until_database("available")  # RDS has started it
    done(w.run("dev", "stop", "--yes"))
    assert w.calls()["rds.StopDBInstance"] == 1 and w.database()["DBInstanceStatus"] == "stopped"


# Schedules.

def schedules(w):
    scheduler = w.client("scheduler")
    return {row["Name"]: scheduler.get_schedule(Name=row["Name"]) for row in scheduler.list_schedules(NamePrefix="trivet-")["Schedules"]}


def test_schedules(world):
    w = world()
    made = done(w.run("dev", "schedule", "create", "--yes"))
    assert made.out.count("scheduler CreateSchedule") == 4
    rows = schedules(w)
    assert sorted(rows) == ["trivet-dev-start-database-innovate-dev", "trivet-dev-start-nodes-addons", "trivet-dev-stop-database-innovate-dev",
                            "trivet-dev-stop-nodes-addons"]
    stop, wake = rows["trivet-dev-stop-database-innovate-dev"], rows["trivet-dev-start-nodes-addons"]
    assert stop["ScheduleExpression"] == "cron(0 20 ? * MON-FRI *)" and stop["ScheduleExpressionTimezone"] == "America/New_York"
    assert stop["FlexibleTimeWindow"] == {"Mode": "OFF"} and stop["State"] == "ENABLED"
    assert stop["Target"]["Arn"] == "arn:aws:scheduler:::aws-sdk:rds:stopDBInstance" and json.loads(stop["Target"]["Input"]) == {"DbInstanceIdentifier": "innovate-dev"}
    assert stop["Target"]["RoleArn"] == f"arn:aws:iam::{ACCOUNTS['dev']}:role/TrivetScheduler"
    assert stop["Target"]["RetryPolicy"]["MaximumEventAgeInSeconds"] == 1800
    assert json.loads(wake["Target"]["Input"])["ScalingConfig"] == {"MinSize": 1, "DesiredSize": 2}
    assert "as the profile says" in done(w.run("dev", "schedule")).out
    again = done(w.run("dev", "schedule", "create", "--yes"))
    assert "nothing to do" in again.out and w.calls() == {"scheduler.CreateSchedule": 4}

    done(w.run("dev", "schedule", "pause", "--yes"))
    assert {row["State"] for row in schedules(w).values()} == {"DISABLED"}
    assert "all schedules are paused" in done(w.run("dev", "schedule", "show"), 1).out
    done(w.run("dev", "schedule", "resume", "--yes"))
    assert {row["State"] for row in schedules(w).values()} == {"ENABLED"}
    changed = schedules(w)["trivet-dev-stop-database-innovate-dev"]
    assert {k: v for k, v in changed.items() if k not in ("LastModificationDate", "ResponseMetadata")} == \
        {k: v for k, v in stop.items() if k not in ("LastModificationDate", "ResponseMetadata")}
    done(w.run("dev", "schedule", "remove", "--yes"))
    assert schedules(w) == {}
    assert "no schedules" in done(w.run("dev", "schedule"), 1).out


def test_an_update_carries_over_what_it_does_not_change(world):
    """UpdateSchedule replaces everything: a description, an end, a dead-letter queue of somebody's must not get lost."""
    w = world()
    done(w.run("dev", "schedule", "create", "--yes"))
    scheduler, name = w.client("scheduler"), "trivet-dev-stop-database-innovate-dev"
    given = scheduler.get_schedule(Name=name)
    keep = {"Description": "ask team blue", "EndDate": datetime.datetime(2099, 1, 1, tzinfo=datetime.timezone.utc)}
    target = {**given["Target"], "DeadLetterConfig": {"Arn": f"arn:aws:sqs:us-east-1:{ACCOUNTS['dev']}:dead"}, "RetryPolicy": {"MaximumEventAgeInSeconds": 1800, "MaximumRetryAttempts": 10}}
    scheduler.update_schedule(Name=name, ScheduleExpression="cron(30 21 ? * 2-6 *)", ScheduleExpressionTimezone="Europe/Berlin", FlexibleTimeWindow={"Mode": "OFF"},
                              Target=target, **keep)
    told = done(w.run("dev", "schedule"), 1).out
    assert "database innovate-dev stops at 21:30 MON-FRI Europe/Berlin, not as the profile says at 20:00 mon-fri America/New_York" in told
    done(w.run("dev", "keep-up", "--yes"))
    kept = scheduler.get_schedule(Name=name)
    assert kept["StartDate"] and kept["ScheduleExpression"] == "cron(30 21 ? * 2-6 *)" and kept["Description"] == "ask team blue"
    done(w.run("dev", "schedule", "create", "--yes"))
    corrected = scheduler.get_schedule(Name=name)
    assert corrected["ScheduleExpression"] == "cron(0 20 ? * MON-FRI *)" and corrected["ScheduleExpressionTimezone"] == "America/New_York"
    assert corrected["Description"] == "ask team blue" and corrected["EndDate"] == keep["EndDate"] and corrected["StartDate"] == kept["StartDate"]
    assert corrected["Target"]["DeadLetterConfig"] == target["DeadLetterConfig"]


def test_keep_up_tonight(world):
    w = world(speed=1)
    assert "no schedule in EventBridge stops dev" in done(w.run("dev", "keep-up", "--yes"), 2).out
    done(w.run("dev", "schedule", "create", "--yes"))
    done(w.run("dev", "keep-up", "--yes"))
    rows = schedules(w)
    until = {name: row.get("StartDate") for name, row in rows.items()}
    assert until["trivet-dev-stop-database-innovate-dev"] == until["trivet-dev-stop-nodes-addons"] > datetime.datetime.now(datetime.timezone.utc)
    assert until["trivet-dev-start-database-innovate-dev"] is until["trivet-dev-start-nodes-addons"] is None
    there = until["trivet-dev-stop-nodes-addons"].astimezone(zoneinfo.ZoneInfo("America/New_York"))
    assert (there.hour, there.minute) == (8, 0) and there.weekday() < 5
    calls = w.calls()
    done(w.run("dev", "keep-up", "--yes"))
    assert w.calls() == calls
    timer = w.run("dev", "stop", "--yes")
    assert timer.code == 1 and timer.err == "" and re.fullmatch(r"not stopped: somebody asked to keep dev up until \w\w\w 08:00 America/New_York\n", timer.out)
    assert "x nobody asked to keep it up" in done(w.run("dev", "stop", "--dry-run"), 1).out
    assert "give --confirm \"stop dev\"" in done(w.run("dev", "stop"), 2).err
    assert "kept up: nothing stops it before" in w.run("dev", "status").out
    shown = w.run("show", "dev", "--json").json["schedules"][0]
    assert shown["kept_up_until"] and shown["next_stop"] > shown["kept_up_until"]
    done(w.run("dev", "schedule", "resume", "--yes"))
    assert not any("StartDate" in row for row in schedules(w).values())


def moments(after_minutes):
    """A plan whose stop and start lie so far ahead of now, in a zone that has no summer time."""
    now = datetime.datetime.now(datetime.timezone.utc)
    return [(now + datetime.timedelta(minutes=m)).strftime("%H:%M") for m in after_minutes]


def test_schedules_fire(world):
    stop, start = moments([30, 45])
    w = world(profile=re.sub(r"auto_shutdown: \{.*\}", f'auto_shutdown: {{timezone: UTC, stop: "{stop}", start: "{start}", days: sun-sat}}', PROFILE))
    done(w.run("dev", "schedule", "create", "--yes"))
    w.until_database("stopped")
    w.until(lambda: w.nodes()[0]["desiredSize"] == 0)
    assert w.nodes()[1]["trivet.dev/desired"] == "2"
    w.until_database("available")
    w.until(lambda: w.nodes()[0]["desiredSize"] == 2)
    assert w.nodes()[0]["minSize"] == 1 and "trivet.dev/desired" not in w.nodes()[1]
    assert re.search(r"scheduler 222222222222 trivet-dev-stop-nodes-addons \S+ ok", w.sim.log())


def test_the_scheduler_may_do_what_it_is_told():
    """The policy that the documentation gives, the simulator's role, and what the schedules call are the same."""
    policy = json.loads((ROOT / "doc/iam/scheduler.json").read_text())
    allowed = {action for statement in policy["Statement"] for action in statement["Action"]}
    called = {f"{s}:{o[0].upper()}{o[1:]}" for s, o in re.findall(r'"(rds|eks):(\w+)"', (ROOT / "src/actions/schedules.c").read_text())}
    role = re.search(r"name: TrivetScheduler.*?allow: (\[.*?\])", SCENARIO, re.S)[1]
    assert allowed == called == set(json.loads(role))
    trust = json.loads((ROOT / "doc/iam/scheduler-trust.json").read_text())["Statement"]
    assert [s["Principal"] for s in trust] == [{"Service": "scheduler.amazonaws.com"}] and "aws:SourceAccount" in trust[0]["Condition"]["StringEquals"]


def test_role_that_the_scheduler_may_not_assume(world):
    w = world(profile=PROFILE.replace("days: mon-fri}", "days: mon-fri, scheduler_role: TrivetReader}"))
    result = done(w.run("dev", "schedule", "create", "--yes"), 1)
    assert "must allow AWS EventBridge Scheduler to assume the role" in result.out and schedules(w) == {}


# Refusals: what the person reads.

def test_refusals(world):
    w = world()
    refused = done(w.run("dev", "stop", "--yes", "--account", "prod"), 2)
    assert refused.err == "trivet: dev-stop refused: account prod is of kind production\n" and refused.out == ""
    assert "--read-only" in done(w.run("dev", "stop", "--yes", "--read-only"), 2).err
    for verb in ("create", "pause", "resume", "remove"):
        assert "is of kind production" in done(w.run("dev", "schedule", verb, "--yes", "--account", "prod"), 2).err
    assert "is of kind management" in done(w.run("dev", "keep-up", "--yes", "--account", "root"), 2).err
    assert "not confirmed: give --yes" in done(w.run("dev", "start"), 2).err
    assert "expected one of stop, start, status, schedule, keep-up" in done(w.run("dev", "sleep"), 2).err
    assert "expected one of create, pause, resume, remove, show" in done(w.run("dev", "schedule", "stop"), 2).err
    assert '"stage": expected one of root, dev, prod' in done(w.run("dev", "stop", "--account", "stage"), 2).err
    protected = write(w.folder / "protected.yaml", PROFILE.replace("kind: development", "kind: development\n    protect: true"))
    assert "the profile protects account dev" in done(w.run("dev", "stop", "--yes", "--profile", protected), 2).err
    refusals = [r for r in w.audit() if r["phase"] == "refused"]
    assert len(refusals) >= 6 and "production" in refusals[0]["why"]
    assert w.calls() == {}


def test_several_development_accounts(world):
    second = """  - name: sandbox
    id: "444444444444"
    kind: development
    operator_role: TrivetOperator

  - name: prod
"""
    w = world(profile=PROFILE.replace("  - name: prod\n", second))
    assert "give --account with one of dev, sandbox" in done(w.run("dev", "status"), 2).err


def test_reader_may_not(world):
    w = world(profile=PROFILE.replace("operator_role: TrivetOperator", "operator_role: TrivetReader"))
    result = done(w.run("dev", "stop", "--yes"), 1)
    assert states(result)["deployment-down innovate/backend"] == "failed" and re.search(r"^failed: .*orbidden", result.out, re.M)
    assert w.calls() == {} and w.journals() == []
    result = done(w.run("dev", "schedule", "create", "--yes"), 1)
    assert "AccessDenied" in result.out and "scheduler:CreateSchedule" in result.out


def test_operator_of_another_account(world):
    """A role's ARN leads to production under development's name: where only y is asked for."""
    head, dev = PROFILE.split("  - name: dev\n")
    role = f"operator_role: arn:aws:iam::{ACCOUNTS['prod']}:role/TrivetOperator"
    w = world(profile=head + "  - name: dev\n" + dev.replace("operator_role: TrivetOperator", role, 1))
    result = done(w.run("dev", "stop", "--yes"), 1)
    assert f"failed: WrongAccount: nothing was called: the operator is of account {ACCOUNTS['prod']}" in result.out
    assert w.calls() == {} and w.journals() == []


def test_what_cannot_be_read_is_not_stopped(world):
    w = world("--fault", "rds.DescribeDBInstances@222222222222:error=AccessDenied/403")
    result = w.run("dev", "stop", "--yes")
    assert result.code == 2 and "the databases of dev could not be read: AccessDenied" in result.out
    assert w.run("dev", "status").code == 2
    assert w.calls() == {}


def test_schedules_that_cannot_be_read(world):
    w = world("--fault", "scheduler:error=AccessDeniedException/403")
    result = w.run("dev", "stop", "--yes")
    assert result.code == 2 and "a check failed; not confirmed" in result.err and "? nobody asked to keep it up" in result.out and "AccessDeniedException" in result.out
    assert w.calls() == {}
    assert "AccessDeniedException" in done(w.run("dev", "schedule"), 2).err
    done(w.run("dev", "stop", "--confirm", "stop dev", "--reason", "the role is too narrow"))
    assert_asleep(w)
    assert w.audit()[-1]["override"] and w.audit()[-1]["reason"] == "the role is too narrow"


def test_one_at_a_time(world):
    w = world(speed=60)
    first = subprocess.Popen([str(TRIVET), "dev", "stop", "--yes"], env=w.env, stdout=subprocess.PIPE, text=True)
    try:
        w.until(lambda: w.journals())
        second = w.run("dev", "start", "--yes")
        assert second.code == 2 and "dev-stop" in second.err and str(first.pid) in second.err, second.err
    finally:
        assert first.wait(60) == 0
        first.stdout.close()
    assert_asleep(w)


# Killed at any step.

def lines_of(journal):
    found = []
    for line in journal.read_text().splitlines():
        try:
            found.append(json.loads(line))
        except ValueError:
            pass
    return found


def kill_at(w, argv, event, count):
    """Runs trivet until the journal has so many of these lines, then kill -9. The id of what it left."""
    process = subprocess.Popen([str(TRIVET), *argv], env=w.env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    seen = lambda: sum(row.get("event") == event for journal in w.journals() for row in lines_of(journal)) >= count
    end = time.monotonic() + 90
    while not seen():
        assert process.poll() is None and time.monotonic() < end
        time.sleep(0.002)
    process.send_signal(signal.SIGKILL)
    process.wait()
    (journal,) = w.journals()
    return journal.stem


@pytest.mark.parametrize("event,step", [("intent", 1), ("intent", 2), ("intent", 3), ("intent", 4), ("result", 2), ("result", 3), ("result", 4), ("over", 1)])
def test_killed_while_it_stops(world, event, step):
    w = world()
    left = kill_at(w, ["dev", "stop", "--yes"], event, step)
    resumed = done(w.run("action", "resume", left))
    assert_asleep(w)
    assert w.calls() == STOP_CALLS, resumed.out
    assert w.journals() == [] and [r["phase"] for r in w.audit()] == ["begun", "resumed", "ended"]


@pytest.mark.parametrize("event,step", [("intent", 1), ("intent", 2), ("intent", 3), ("intent", 4), ("result", 1), ("over", 2)])
def test_killed_while_it_wakes(world, event, step):
    w = world()
    done(w.run("dev", "stop", "--yes"))
    left = kill_at(w, ["dev", "start", "--yes"], event, step)
    done(w.run("action", "resume", left))
    assert_awake(w)
    calls = w.calls()
    assert calls == {**{name: 2 for name in ("PATCH backend", "PATCH frontend", "eks.UpdateNodegroupConfig")}, "rds.StopDBInstance": 1, "rds.StartDBInstance": 1}


@pytest.mark.parametrize("step", [1, 3])
def test_killed_while_it_schedules(world, step):
    w = world()
    left = kill_at(w, ["dev", "schedule", "create", "--yes"], "intent", step)
    done(w.run("action", "resume", left))
    assert len(schedules(w)) == 4 and w.calls() == {"scheduler.CreateSchedule": 4}
    assert "as the profile says" in done(w.run("dev", "schedule")).out


def test_what_was_left_holds_nobody_up(world):
    """A killed stop can also simply be run anew: it looks, and goes on where the estate is."""
    w = world()
    kill_at(w, ["dev", "stop", "--yes"], "result", 2)
    done(w.run("dev", "stop", "--yes"))
    assert_asleep(w)
    assert w.calls() == STOP_CALLS

"""Courses of events in trivet-sim: what an action sets going, step by step, and what is refused. Time runs some hundred times as fast."""
import datetime as dt
import json
import pathlib
import tempfile
import time

import botocore.exceptions
import pytest

import sim_kube_peer as peer
from peers import ROOT, write
from sim import ACCOUNTS, Sim, without_schedules
from sim_kube_peer import eventually

OPERATOR = "TrivetOperator"
SPEED = "600"
APPROVER = {"Authorization": "Bearer ghs_simulatedTokenForTheDemoOnly0000000"}
RUNS = "/repos/innovate/webapp/actions/runs"


class Estate(Sim):
    """With clients of any role. Simulated sessions end soon at such a speed: in `patient` scenarios they last half a day."""

    def __init__(self, *options, scenario=None):
        with tempfile.TemporaryDirectory() as folder:
            super().__init__(*options, scenario=scenario or write(pathlib.Path(folder) / "still.yaml", without_schedules()))
        self.made = {}

    def client(self, service, account, role=OPERATOR):
        until, session = self.made.get((account, role), (0, None))
        if time.monotonic() > until:
            patient = {"DurationSeconds": 43200} if role != OPERATOR or self.patient else {}
            until, session = self.made[account, role] = time.monotonic() + 40, self.as_role(account, role, **patient)
        if (service, session) not in self.made:
            self.made[service, session] = session.client(service)
        return self.made[service, session]

    patient = True

    def database(self, account):
        return self.client("rds", account).describe_db_instances()["DBInstances"][0]

    def events(self, account, category=None):
        asked = dict(Duration=14 * 1440, **({"EventCategories": [category]} if category else {}))
        return [e["Message"] for e in self.client("rds", account).describe_events(**asked)["Events"]]


def patient(folder, **replace):
    return peer.scenario_with(folder, replace={"max_session: 1h": "max_session: 12h", **replace.get("replace", {})})


@pytest.fixture
def estate(tmp_path):
    with Estate("--quiet", "--speed", SPEED, scenario=patient(tmp_path)) as running:
        yield running


@pytest.fixture(scope="module")
def still():
    """For refusals that change nothing."""
    with Estate("--quiet") as running:
        running.patient = False
        yield running


@pytest.fixture
def cluster(tmp_path):
    running = peer.Sim(tmp_path, "--speed", SPEED, scenario=patient(tmp_path))
    running.token_life = 3
    yield running
    assert running.stop()


def refused(call, **arguments):
    with pytest.raises(botocore.exceptions.ClientError) as caught:
        call(**arguments)
    response = caught.value.response
    return response["Error"]["Code"], response["ResponseMetadata"]["HTTPStatusCode"], response["Error"]["Message"]


def in_order(part, whole):
    rest = iter(whole)
    return all(any(p in one for one in rest) for p in part)


def watch(look, until, limit=90):
    """What look() gave, each once in a row, up to what `until` likes."""
    seen = []

    def step():
        found = look()
        if not seen or seen[-1] != found:
            seen.append(found)
        return until(found)

    eventually(step, limit)
    return seen


# Databases


def test_a_database_stops_and_starts(estate):
    rds = estate.client("rds", "dev")
    assert rds.stop_db_instance(DBInstanceIdentifier="innovate-dev")["DBInstance"]["DBInstanceStatus"] == "stopping"
    assert refused(rds.stop_db_instance, DBInstanceIdentifier="innovate-dev")[:2] == ("InvalidDBInstanceState", 400)
    assert watch(lambda: estate.database("dev")["DBInstanceStatus"], "stopped".__eq__) in (["stopping", "stopped"], ["stopped"])
    found = estate.database("dev")
    restart = found["AutomaticRestartTime"] - found["LatestRestorableTime"]
    assert dt.timedelta(days=6, hours=23) < restart < dt.timedelta(days=7, hours=1)
    assert "DB instance stopped" in estate.events("dev")
    rds = estate.client("rds", "dev")
    assert refused(rds.reboot_db_instance, DBInstanceIdentifier="innovate-dev")[0] == "InvalidDBInstanceState"
    assert rds.start_db_instance(DBInstanceIdentifier="innovate-dev")["DBInstance"]["DBInstanceStatus"] == "starting"
    code, status, message = refused(rds.start_db_instance, DBInstanceIdentifier="innovate-dev")
    assert (code, status) == ("InvalidDBInstanceState", 400) and "is not in stopped state" in message
    assert watch(lambda: estate.database("dev")["DBInstanceStatus"], "available".__eq__)[-1] == "available"
    assert "AutomaticRestartTime" not in estate.database("dev")
    assert in_order(["DB instance stopped", "DB instance started"], estate.events("dev")[-6:])


def test_a_stopped_database_starts_itself_after_seven_days(tmp_path):
    """A week goes by in seconds. No session lives that long, so here the user, whose keys don't end, is one of dev's."""
    scenario = peer.scenario_with(tmp_path, replace={
        "        zone: us-east-1a\n        multi_az: false\n": "        zone: us-east-1a\n        status: stopped\n        multi_az: false\n",
        "  arn: arn:aws:iam::111111111111:user/oncall\n": "  arn: arn:aws:iam::222222222222:user/oncall\n",
        '  allow: ["sts:AssumeRole"]\n': '  allow: ["rds:*"]\n'})
    with Estate("--quiet", "--speed", "50000", scenario=scenario) as fast:
        rds = fast.session().client("rds")
        state = lambda: rds.describe_db_instances()["DBInstances"][0]["DBInstanceStatus"]
        assert set(watch(state, "available".__eq__)) <= {"stopped", "starting", "available"}
        rows = rds.describe_events(Duration=14 * 1440)["Events"]
        started = [e["Message"] for e in rows if e["EventCategories"] == ["notification"]]
        assert in_order(["exceeding the maximum allowed time being stopped", "DB instance started"], started)


def test_a_stopped_database_has_no_metrics(estate):
    estate.client("rds", "dev").stop_db_instance(DBInstanceIdentifier="innovate-dev")
    eventually(lambda: estate.database("dev")["DBInstanceStatus"] == "stopped")

    def state():
        alarms = estate.client("cloudwatch", "dev", "TrivetReader").describe_alarms(AlarmNames=["rds-cpu"])["MetricAlarms"]
        return alarms[0]["StateValue"] == "INSUFFICIENT_DATA"
    eventually(state)


def test_a_failover(estate):
    before = estate.database("prod")
    assert (before["AvailabilityZone"], before["SecondaryAvailabilityZone"]) == ("us-east-1a", "us-east-1b")
    answer = estate.client("rds", "prod").reboot_db_instance(DBInstanceIdentifier="innovate-prod", ForceFailover=True)
    assert answer["DBInstance"]["DBInstanceStatus"] == "rebooting"
    seen = watch(lambda: (lambda d: (d["DBInstanceStatus"], d["AvailabilityZone"]))(estate.database("prod")), ("available", "us-east-1b").__eq__)
    order = [("rebooting", "us-east-1a"), ("available", "us-east-1a"), ("available", "us-east-1b")]
    assert seen == [s for s in order if s in seen]
    assert estate.database("prod")["SecondaryAvailabilityZone"] == "us-east-1a"
    events = estate.events("prod", "failover")
    assert in_order(["failover started", "activation started", "activation completed", "failover completed"], events[-6:])


def test_a_failover_soon_after_another_is_not_attempted(tmp_path):
    scenario = patient(tmp_path, replace={"ago: 4d3h10m": "ago: 3m"})
    with Estate("--quiet", "--speed", "60", scenario=scenario) as running:
        running.client("rds", "prod").reboot_db_instance(DBInstanceIdentifier="innovate-prod", ForceFailover=True)
        eventually(lambda: any("Abandoning user requested failover" in m for m in running.events("prod", "failover")))
        eventually(lambda: running.database("prod")["DBInstanceStatus"] == "available")
        assert running.database("prod")["AvailabilityZone"] == "us-east-1a"


def test_the_outage_is_long_enough_to_see(tmp_path):
    """The events' times are those of RDS, a minute or two from beginning to end."""
    with Estate("--quiet", "--speed", "120", scenario=patient(tmp_path)) as slow:
        slow.client("rds", "prod").reboot_db_instance(DBInstanceIdentifier="innovate-prod", ForceFailover=True)
        eventually(lambda: any("failover completed" in m for m in slow.events("prod", "failover")[3:]))
        rows = slow.client("rds", "prod").describe_events(Duration=60, EventCategories=["failover"])["Events"]
        times = {row["Message"]: row["Date"] for row in rows}
        outage = times["Multi-AZ instance activation completed"] - times["Multi-AZ instance failover started."]
        assert dt.timedelta(seconds=35) <= outage <= dt.timedelta(seconds=75)


def test_a_plain_reboot_moves_nothing(estate):
    estate.client("rds", "dev").reboot_db_instance(DBInstanceIdentifier="innovate-dev")
    eventually(lambda: estate.database("dev")["DBInstanceStatus"] == "available" and "DB instance restarted" in estate.events("dev")[-3:])
    assert estate.database("dev")["AvailabilityZone"] == "us-east-1a"


def test_what_databases_refuse(still):
    dev, prod = still.client("rds", "dev"), still.client("rds", "prod")
    code, status, message = refused(dev.reboot_db_instance, DBInstanceIdentifier="innovate-dev", ForceFailover=True)
    assert (code, status) == ("InvalidParameterCombination", 400) and "ForceFailover cannot be specified" in message
    assert refused(dev.stop_db_instance, DBInstanceIdentifier="none")[:2] == ("DBInstanceNotFound", 404)
    assert refused(dev.start_db_instance, DBInstanceIdentifier="innovate-dev")[0] == "InvalidDBInstanceState"
    code, status, message = refused(prod.stop_db_instance, DBInstanceIdentifier="innovate-prod")
    assert (code, status) == ("AccessDenied", 403) and message.endswith("with an explicit deny in a service control policy")
    code, status, message = refused(still.client("rds", "prod", "TrivetReader").reboot_db_instance, DBInstanceIdentifier="innovate-prod")
    assert (code, status) == ("AccessDenied", 403) and message.endswith("because no identity-based policy allows the rds:RebootDBInstance action")
    assert still.database("prod")["DBInstanceStatus"] == "available"


def test_maintenance_that_is_due(tmp_path):
    old = "        deletion_protection: true\n"
    scenario = peer.scenario_with(tmp_path, replace={
        old: old + "        maintenance: [{action: system-update, description: New Operating System update is available, forced_in: 3d}]\n"})
    with Estate("--quiet", scenario=scenario) as running:
        running.patient = False
        row = running.client("rds", "prod", "TrivetReader").describe_pending_maintenance_actions()["PendingMaintenanceActions"][0]
        detail = row["PendingMaintenanceActionDetails"][0]
        assert row["ResourceIdentifier"].endswith(":db:innovate-prod") and detail["Action"] == "system-update"
        left = detail["ForcedApplyDate"] - dt.datetime.now(dt.timezone.utc)
        assert dt.timedelta(days=2, hours=23) < left <= dt.timedelta(days=3)


# Nodes


GROUP = dict(clusterName="innovate-dev", nodegroupName="addons")


def test_a_node_group_goes_to_zero_and_back(cluster):
    eks = role_client(cluster, "eks", "dev")
    update = eks.update_nodegroup_config(**GROUP, scalingConfig={"minSize": 0, "desiredSize": 0}, clientRequestToken="one",
                                         labels={"addOrUpdateLabels": {"trivet": "asleep"}})["update"]
    assert update["status"] == "InProgress" and {p["type"]: p["value"] for p in update["params"]} == {"MinSize": "0", "DesiredSize": "0"}
    again = eks.update_nodegroup_config(**GROUP, scalingConfig={"minSize": 0, "desiredSize": 0}, clientRequestToken="one")["update"]
    assert again["id"] == update["id"], "the same token is the same update"
    describe = lambda: role_client(cluster, "eks", "dev").describe_update(name="innovate-dev", nodegroupName="addons", updateId=update["id"])["update"]["status"]
    assert watch(describe, "Successful".__eq__)[-1] == "Successful"
    group = role_client(cluster, "eks", "dev").describe_nodegroup(**GROUP)["nodegroup"]
    assert group["status"] == "ACTIVE" and group["scalingConfig"] == {"minSize": 0, "maxSize": 3, "desiredSize": 0} and group["labels"]["trivet"] == "asleep"
    nodes = lambda: [n["metadata"]["name"] for n in cluster.raw(ACCOUNTS["dev"], "/api/v1/nodes")[2]["items"] if not n["metadata"]["name"].startswith("fargate-")]
    pods = lambda: cluster.raw(ACCOUNTS["dev"], "/api/v1/namespaces/kube-system/pods")[2]["items"]
    eventually(lambda: nodes() == [] and {p["status"]["phase"] for p in pods()} == {"Pending"})
    eventually(lambda: any(e["reason"] == "FailedScheduling" for e in cluster.raw(ACCOUNTS["dev"], "/api/v1/namespaces/kube-system/events")[2]["items"]))
    role_client(cluster, "eks", "dev").update_nodegroup_config(**GROUP, scalingConfig={"minSize": 1, "desiredSize": 2})
    eventually(lambda: len(nodes()) == 2 and {p["status"]["phase"] for p in pods()} == {"Running"})


def test_one_update_at_a_time():
    with Estate("--quiet") as slow:
        slow.patient = False
        eks = slow.client("eks", "dev")
        update = eks.update_nodegroup_config(**GROUP, scalingConfig={"desiredSize": 1})["update"]
        code, status, message = refused(eks.update_nodegroup_config, **GROUP, scalingConfig={"desiredSize": 2})
        assert (code, status) == ("ResourceInUseException", 409) and "not in Active State" in message
        assert eks.describe_nodegroup(**GROUP)["nodegroup"]["status"] == "UPDATING"
        assert eks.describe_update(name="innovate-dev", nodegroupName="addons", updateId=update["id"])["update"]["status"] == "InProgress"


def cluster_session(cluster):
    """The peer's simulator, for boto3."""
    estate = Estate.__new__(Estate)
    estate.env, estate.url = cluster.env, cluster.url
    return estate


def role_client(cluster, service, account, role=OPERATOR):
    return cluster_session(cluster).as_role(account, role, DurationSeconds=43200).client(service)


def test_what_node_groups_refuse(still):
    eks = still.client("eks", "dev")
    for sizes, words in (({"desiredSize": 9}, "can't be greater than max size"), ({"minSize": 3, "desiredSize": 1}, "can't be greater than desired size"),
                         ({"minSize": 3, "maxSize": 2, "desiredSize": 3}, "can't be greater than maximum size")):
        code, status, message = refused(eks.update_nodegroup_config, **GROUP, scalingConfig=sizes)
        assert (code, status) == ("InvalidParameterException", 400) and words in message
    assert refused(eks.update_nodegroup_config, clusterName="innovate-dev", nodegroupName="x")[:2] == ("ResourceNotFoundException", 404)
    assert refused(eks.update_nodegroup_config, clusterName="x", nodegroupName="addons")[:2] == ("ResourceNotFoundException", 404)


# Schedules


ROLE = f"arn:aws:iam::{ACCOUNTS['dev']}:role/TrivetScheduler"


def target(service, operation, **given):
    return {"Arn": f"arn:aws:scheduler:::aws-sdk:{service}:{operation}", "RoleArn": ROLE, "Input": json.dumps(given)}


STOP = target("rds", "stopDBInstance", DbInstanceIdentifier="innovate-dev")
OFF = {"Mode": "OFF"}


def test_schedules_are_kept(still):
    c = still.client("scheduler", "dev")
    given = dict(Name="trivet-stop", ScheduleExpression="cron(0 20 ? * MON-FRI *)", ScheduleExpressionTimezone="America/New_York", FlexibleTimeWindow=OFF,
                 Target=STOP, ClientToken="t" * 20, Description="The evening")
    arn = c.create_schedule(**given)["ScheduleArn"]
    assert arn == f"arn:aws:scheduler:us-east-1:{ACCOUNTS['dev']}:schedule/default/trivet-stop"
    assert c.create_schedule(**given)["ScheduleArn"] == arn, "the same token once more is the same schedule"
    assert refused(c.create_schedule, **{**given, "ClientToken": "u" * 20})[:2] == ("ConflictException", 409)
    found = c.get_schedule(Name="trivet-stop")
    assert found["State"] == "ENABLED" and found["ScheduleExpressionTimezone"] == "America/New_York" and found["Description"] == "The evening"
    assert found["Target"]["RetryPolicy"]["MaximumRetryAttempts"] == 185 and json.loads(found["Target"]["Input"]) == {"DbInstanceIdentifier": "innovate-dev"}
    c.create_schedule(Name="other", ScheduleExpression="rate(2 hours)", FlexibleTimeWindow=OFF, Target=STOP, State="DISABLED")
    assert [s["Name"] for s in c.list_schedules()["Schedules"]] == ["other", "trivet-stop"]
    assert [s["Name"] for s in c.list_schedules(NamePrefix="trivet-")["Schedules"]] == ["trivet-stop"]
    assert [s["Name"] for s in c.list_schedules(State="DISABLED")["Schedules"]] == ["other"]
    pages = list(c.get_paginator("list_schedules").paginate(PaginationConfig={"PageSize": 1}))
    assert [len(p["Schedules"]) for p in pages] == [1, 1]
    ends = dt.datetime(2030, 1, 1, tzinfo=dt.timezone.utc)
    c.update_schedule(Name="trivet-stop", ScheduleExpression="cron(0 21 ? * MON-FRI *)", FlexibleTimeWindow=OFF, Target=STOP, EndDate=ends, StartDate=ends - dt.timedelta(days=9))
    found = c.get_schedule(Name="trivet-stop")
    assert found["ScheduleExpression"] == "cron(0 21 ? * MON-FRI *)" and found["EndDate"] == ends and "Description" not in found
    assert found["ScheduleExpressionTimezone"] == "UTC", "what an update does not say goes back to the default"
    for name in ("trivet-stop", "other"):
        c.delete_schedule(Name=name)
    assert c.list_schedules()["Schedules"] == []
    for call in (c.get_schedule, c.delete_schedule):
        assert refused(call, Name="trivet-stop")[:2] == ("ResourceNotFoundException", 404)
    assert refused(c.update_schedule, Name="trivet-stop", ScheduleExpression="rate(2 hours)", FlexibleTimeWindow=OFF, Target=STOP)[0] == "ResourceNotFoundException"


def test_what_schedules_refuse(still):
    c = still.client("scheduler", "dev")
    good = dict(Name="x", ScheduleExpression="rate(5 minutes)", FlexibleTimeWindow=OFF, Target=STOP)
    for change, words in (({"ScheduleExpression": "cron(0 20 * * * *)"}, "Invalid Schedule Expression"), ({"ScheduleExpression": "rate(0 minutes)"}, "Invalid Schedule Expression"),
                          ({"ScheduleExpressionTimezone": "Mars/Olympus"}, "timezone"), ({"FlexibleTimeWindow": {"Mode": "FLEXIBLE"}}, "MaximumWindowInMinutes"),
                          ({"Target": {**STOP, "RoleArn": ROLE.replace("TrivetScheduler", "TrivetReader")}}, "must allow AWS EventBridge Scheduler to assume"),
                          ({"Target": {**STOP, "Arn": "arn:aws:scheduler:::aws-sdk:rds:describeDBInstances"}}, "read-only"),
                          ({"Target": {**STOP, "Arn": "arn:aws:scheduler:::aws-sdk:rds:explode"}}, "not in correct format"),
                          ({"Target": {**STOP, "Input": "{"}}, "not valid JSON"), ({"Name": "no spaces"}, "name")):
        code, status, message = refused(c.create_schedule, **{**good, **change})
        assert (code, status) == ("ValidationException", 400) and words in message, change
    assert refused(c.create_schedule, **good, GroupName="none")[:2] == ("ResourceNotFoundException", 404)
    assert c.list_schedules()["Schedules"] == []


def simulated_now(estate):
    """The simulator's clock, by a schedule that is made and forgotten."""
    c = estate.client("scheduler", "dev")
    c.create_schedule(Name="clock", ScheduleExpression="rate(365 days)", FlexibleTimeWindow=OFF, Target=STOP, State="DISABLED")
    made = c.get_schedule(Name="clock")["CreationDate"]
    c.delete_schedule(Name="clock")
    return made.astimezone(dt.timezone.utc)


def test_a_schedule_stops_the_database(estate):
    at = (simulated_now(estate) + dt.timedelta(minutes=6)).replace(microsecond=0)
    local = at.astimezone(dt.timezone(dt.timedelta(hours=9)))  # Tokyo: the same all year
    estate.client("scheduler", "dev").create_schedule(Name="once", ScheduleExpression=local.strftime("at(%Y-%m-%dT%H:%M:%S)"), FlexibleTimeWindow=OFF,
                                                      ScheduleExpressionTimezone="Asia/Tokyo", Target=STOP, ActionAfterCompletion="DELETE")
    eventually(lambda: estate.database("dev")["DBInstanceStatus"] == "stopped")
    rows = estate.client("rds", "dev").describe_events(Duration=1440)["Events"]
    shutdown = next(e["Date"] for e in reversed(rows) if e["Message"] == "DB instance shutdown")
    assert dt.timedelta(seconds=14) <= shutdown - at <= dt.timedelta(seconds=41), "it was called when it was due"
    assert refused(estate.client("scheduler", "dev").get_schedule, Name="once")[0] == "ResourceNotFoundException"


def test_a_schedule_scales_the_node_group(estate):
    estate.client("scheduler", "dev").create_schedule(
        Name="sleep", ScheduleExpression="rate(2 minutes)", FlexibleTimeWindow=OFF,
        Target=target("eks", "updateNodegroupConfig", ClusterName="innovate-dev", NodegroupName="addons", ScalingConfig={"MinSize": 0, "DesiredSize": 0}))
    eventually(lambda: estate.client("eks", "dev").describe_nodegroup(**GROUP)["nodegroup"]["scalingConfig"] == {"minSize": 0, "maxSize": 3, "desiredSize": 0})


@pytest.mark.parametrize("why", ["disabled", "over", "not yet", "the role may not"])
def test_a_schedule_that_does_nothing(why, tmp_path):
    permissions = 'allow: ["rds:StopDBInstance", "rds:StartDBInstance", "eks:UpdateNodegroupConfig"]'
    scenario = patient(tmp_path, replace={permissions: 'allow: ["rds:StartDBInstance"]'} if why == "the role may not" else {})
    with Estate("--speed", SPEED, scenario=scenario) as running:
        clock = simulated_now(running)
        dates = {"over": {"EndDate": clock + dt.timedelta(seconds=1)}, "not yet": {"StartDate": clock + dt.timedelta(days=2)}}.get(why, {})
        c = running.client("scheduler", "dev")
        c.create_schedule(Name="never", ScheduleExpression="rate(1 minutes)", FlexibleTimeWindow=OFF, Target=STOP, **dates,
                          State="DISABLED" if why == "disabled" else "ENABLED")
        if why == "the role may not":
            eventually(lambda: "stopDBInstance AccessDenied" in running.log())
        else:
            eventually(lambda: simulated_now(running) > clock + dt.timedelta(minutes=10))
        assert running.database("dev")["DBInstanceStatus"] == "available"


# The edge


def ip_set(estate):
    c = estate.client("wafv2", "prod")
    row = c.list_ip_sets(Scope="CLOUDFRONT")["IPSets"][0]
    ask = dict(Name=row["Name"], Id=row["Id"], Scope="CLOUDFRONT")
    return c, ask, c.get_ip_set(**ask)


def test_an_address_is_blocked_and_let_in_again(estate):
    c, ask, before = ip_set(estate)
    sampled = lambda rule: estate.client("wafv2", "prod", "TrivetReader").get_sampled_requests(
        WebAclArn=estate.client("wafv2", "prod", "TrivetReader").list_web_acls(Scope="CLOUDFRONT")["WebACLs"][0]["ARN"], RuleMetricName=rule, Scope="CLOUDFRONT",
        MaxItems=500, TimeWindow={"StartTime": dt.datetime.now(dt.timezone.utc), "EndTime": dt.datetime.now(dt.timezone.utc) + dt.timedelta(days=3)})["SampledRequests"]
    all_blocked = {r["Request"]["ClientIP"] for r in eventually(lambda: sampled("BlockedAddresses"))}
    assert all_blocked <= {"203.0.113.77", "198.51.100.48"}
    addresses, c = before["IPSet"]["Addresses"], estate.client("wafv2", "prod")
    token = c.update_ip_set(**ask, Addresses=addresses + ["192.0.2.0/24"], LockToken=before["LockToken"])["NextLockToken"]
    code, status, message = refused(c.update_ip_set, **ask, Addresses=addresses, LockToken=before["LockToken"])
    assert (code, status) == ("WAFOptimisticLockException", 400) and "Reapply your changes" in message
    now = estate.client("wafv2", "prod").get_ip_set(**ask)
    assert now["LockToken"] == token and now["IPSet"]["Addresses"] == addresses + ["192.0.2.0/24"]
    marked = simulated_now(estate)
    eventually(lambda: any(r["Request"]["ClientIP"].startswith("192.0.2.") for r in sampled("BlockedAddresses")))
    later = lambda rows: [r["Request"]["ClientIP"] for r in rows if r["Timestamp"] > marked]
    rows = eventually(lambda: later(sampled("RateLimit")) + later(sampled("AWSManagedRulesSQLiRuleSet")))
    assert not any(ip.startswith("192.0.2.") for ip in rows), "what one rule has blocked does not reach the next"
    c = estate.client("wafv2", "prod")
    c.update_ip_set(**ask, Addresses=addresses, LockToken=token)
    assert c.get_ip_set(**ask)["IPSet"]["Addresses"] == addresses


def test_what_ip_sets_refuse(still):
    c, ask, found = ip_set(still)
    for address in ("203.0.113.9", "203.0.113.9/33", "203.0.113.0/0", "2001:db8::/32", "x/24"):
        code, _, message = refused(c.update_ip_set, **ask, Addresses=[address], LockToken=found["LockToken"])
        assert code == "WAFInvalidParameterException" and "IP_ADDRESS" in message
    assert refused(c.update_ip_set, **{**ask, "Id": "0" * 36}, Addresses=[], LockToken=found["LockToken"])[0] == "WAFNonexistentItemException"
    assert refused(c.update_ip_set, **ask, Addresses=[], LockToken="0" * 36)[0] == "WAFOptimisticLockException"
    assert c.get_ip_set(**ask) | {"ResponseMetadata": 0} == found | {"ResponseMetadata": 0}


def test_an_invalidation(estate):
    c = estate.client("cloudfront", "prod")
    batch = {"CallerReference": "one", "Paths": {"Quantity": 2, "Items": ["/index.html", "/static/*"]}}
    answer = c.create_invalidation(DistributionId="E2INNOVATE0EDG", InvalidationBatch=batch)
    made = answer["Invalidation"]
    assert made["Status"] == "InProgress" and made["InvalidationBatch"] == batch and answer["Location"].endswith(made["Id"])
    assert c.create_invalidation(DistributionId="E2INNOVATE0EDG", InvalidationBatch=batch)["Invalidation"]["Id"] == made["Id"], "the same reference"
    seen = watch(lambda: estate.client("cloudfront", "prod").get_invalidation(DistributionId="E2INNOVATE0EDG", Id=made["Id"])["Invalidation"]["Status"], "Completed".__eq__)
    assert seen in (["InProgress", "Completed"], ["Completed"])
    for changed, code in (({"Paths": {"Quantity": 1, "Items": ["/other"]}}, "InvalidArgument"), ({"Paths": {"Quantity": 3, "Items": ["/"]}}, "InconsistentQuantities"),
                          ({"CallerReference": "two", "Paths": {"Quantity": 1, "Items": ["no-slash"]}}, "InvalidArgument")):
        assert refused(c.create_invalidation, DistributionId="E2INNOVATE0EDG", InvalidationBatch={**batch, **changed})[0] == code
    assert refused(c.create_invalidation, DistributionId="E0", InvalidationBatch=batch)[:2] == ("NoSuchDistribution", 404)


# Approvals


def approval(estate):
    stages = estate.client("codepipeline", "prod").get_pipeline_state(name="innovate-infrastructure")["stageStates"]
    return [s["latestExecution"]["status"] for s in stages], stages[1]["actionStates"][0]


def answer_pipeline(status, token, **changes):
    return dict(pipelineName="innovate-infrastructure", stageName="Approve", actionName="ApproveRelease", token=token,
                result={"summary": "Read the plan", "status": status}) | changes


def test_a_pipeline_is_approved(estate):
    statuses, action = approval(estate)
    assert statuses == ["Succeeded", "InProgress", "Succeeded"]
    token, c = action["latestExecution"]["token"], estate.client("codepipeline", "prod")
    for changes, code in (({"token": "0" * 36}, "InvalidApprovalTokenException"), ({"stageName": "x"}, "StageNotFoundException"),
                          ({"actionName": "x"}, "ActionNotFoundException"), ({"pipelineName": "x"}, "PipelineNotFoundException")):
        assert refused(c.put_approval_result, **answer_pipeline("Approved", **{"token": token, **changes}))[0] == code
    assert c.put_approval_result(**answer_pipeline("Approved", token))["approvedAt"]
    assert refused(c.put_approval_result, **answer_pipeline("Rejected", token))[0] == "ApprovalAlreadyCompletedException"
    seen = watch(lambda: approval(estate)[0], (["Succeeded"] * 3).__eq__)
    assert seen[-1] == ["Succeeded"] * 3 and (len(seen) == 1 or seen[0] == ["Succeeded", "Succeeded", "InProgress"])
    latest = approval(estate)[1]["latestExecution"]
    assert latest["summary"] == "Read the plan" and "TrivetOperator" in latest["lastUpdatedBy"] and "token" not in latest


def test_a_pipeline_is_rejected(estate):
    token = approval(estate)[1]["latestExecution"]["token"]
    estate.client("codepipeline", "prod").put_approval_result(**answer_pipeline("Rejected", token))
    statuses, action = approval(estate)
    assert statuses == ["Succeeded", "Failed", "Succeeded"] and action["latestExecution"]["errorDetails"]["code"] == "Rejected"


# Releases


def github(cluster, path, method="GET", body=None):
    data = None if body is None else json.dumps(body).encode()
    status, _, reply = peer.answer_of(peer.urllib.request.Request(cluster.github + path, method=method, headers=APPROVER, data=data))
    assert status == 200, reply
    return reply


def approve(cluster):
    run = github(cluster, RUNS + "?status=waiting")["workflow_runs"][0]
    environment = github(cluster, f"{RUNS}/{run['id']}/pending_deployments")[0]["environment"]["id"]
    github(cluster, f"{RUNS}/{run['id']}/pending_deployments", "POST", {"environment_ids": [environment], "state": "approved", "comment": "Ship it"})
    return run


def running_images(cluster, account, app):
    pods = cluster.raw(ACCOUNTS[account], f"/api/v1/namespaces/innovate/pods?labelSelector=app%3D{app}")[2]["items"]
    return {(p["spec"]["containers"][0]["image"].split("@")[1], p["status"]["phase"]) for p in pods if not p["metadata"].get("deletionTimestamp")}


def digests_of(cluster, tag):
    ecr = role_client(cluster, "ecr", "root", "TrivetReader")
    return {r: ecr.describe_images(repositoryName=r, imageIds=[{"imageTag": tag}])["imageDetails"][0]["imageDigest"] for r in ("backend", "frontend")}


def test_the_registry_agrees_with_what_runs(cluster):
    run = github(cluster, RUNS + "?status=waiting")["workflow_runs"][0]
    good = next(r for r in github(cluster, RUNS + "?status=success")["workflow_runs"])
    for account, sha in (("dev", run["head_sha"]), ("prod", good["head_sha"])):
        for app, digest in digests_of(cluster, "sha-" + sha[:7]).items():
            assert running_images(cluster, account, app) == {(digest, "Running")}


def test_an_approved_release_reaches_production(cluster):
    digests = digests_of(cluster, "sha-a609f80")
    run = approve(cluster)
    seen = watch(lambda: (lambda r: (r["status"], r["conclusion"]))(github(cluster, f"{RUNS}/{run['id']}")), lambda s: s[0] == "completed")
    assert seen[-1] == ("completed", "success") and {s[0] for s in seen} <= {"queued", "in_progress", "completed"}
    for app, digest in digests.items():
        assert running_images(cluster, "prod", app) == {(digest, "Running")}, "the job ends when the rollout has"
        deployment = cluster.raw(ACCOUNTS["prod"], f"/apis/apps/v1/namespaces/innovate/deployments/{app}")[2]
        assert deployment["metadata"]["annotations"]["deployment.kubernetes.io/revision"] == "2"
        assert all(c["image"].endswith(digest) for part in ("containers", "initContainers") for c in deployment["spec"]["template"]["spec"].get(part, []))
        sets = cluster.raw(ACCOUNTS["prod"], f"/apis/apps/v1/namespaces/innovate/replicasets?labelSelector=app%3D{app}")[2]["items"]
        assert sorted(s["spec"]["replicas"] for s in sets)[0] == 0 and len(sets) == 2


def test_a_release_with_a_bad_image_fails(tmp_path):
    digest = "6aaa8c37e0274ca87b957b5a94342579910f4b4e6149a9b480219f3bc51ad9fd"
    line = f'          - digest: "sha256:{digest}"\n'
    scenario = patient(tmp_path, replace={line: line + "            fault: crash\n", "          replicas: 2\n          fargate: true\n          image: \"111111111111.dkr.ecr.us-east-1.amazonaws.com/backend@sha256:" + digest:
                                                     "          replicas: 0\n          fargate: true\n          image: \"111111111111.dkr.ecr.us-east-1.amazonaws.com/backend@sha256:" + digest})
    cluster = peer.Sim(tmp_path, "--speed", SPEED, scenario=scenario)
    cluster.token_life = 3
    run = approve(cluster)
    seen = watch(lambda: (lambda r: (r["status"], r["conclusion"]))(github(cluster, f"{RUNS}/{run['id']}")), lambda s: s[0] == "completed")
    assert seen[-1] == ("completed", "failure")
    jobs = github(cluster, f"{RUNS}/{run['id']}/jobs")["jobs"]
    assert jobs[-1]["name"] == "deploy-prod" and jobs[-1]["conclusion"] == "failure"
    deployment = cluster.raw(ACCOUNTS["prod"], "/apis/apps/v1/namespaces/innovate/deployments/backend")[2]
    assert any(c["reason"] == "ProgressDeadlineExceeded" for c in deployment["status"]["conditions"])
    assert deployment["status"]["readyReplicas"] >= 4, "the old ones still serve"
    pods = cluster.raw(ACCOUNTS["prod"], "/api/v1/namespaces/innovate/pods?labelSelector=app%3Dbackend")[2]["items"]
    new = [p for p in pods if p["spec"]["containers"][0]["image"].endswith(digest)]
    told = [s for p in new for s in p["status"].get("containerStatuses", [])]  # one that has just been made has none yet
    assert told and all(s["restartCount"] > 0 and not s["ready"] for s in told)
    assert cluster.stop()


# Clusters


MERGE = "application/merge-patch+json"
BACKEND = "/apis/apps/v1/namespaces/innovate/deployments/backend"


def test_a_deployment_sleeps_and_wakes(cluster):
    dev = ACCOUNTS["dev"]
    sleep = {"metadata": {"annotations": {"trivet/replicas": "2"}}, "spec": {"replicas": 0}}
    assert cluster.raw(dev, BACKEND, method="PATCH", body=sleep, content_type=MERGE)[0] == 200
    pods = lambda: cluster.raw(dev, "/api/v1/namespaces/innovate/pods?labelSelector=app%3Dbackend")[2]["items"]
    eventually(lambda: pods() == [])

    def disabled():
        hpa = cluster.raw(dev, "/apis/autoscaling/v2/namespaces/innovate/horizontalpodautoscalers/backend")[2]
        return {(c["type"], c["reason"]) for c in hpa["status"]["conditions"]} >= {("ScalingActive", "ScalingDisabled")}
    eventually(disabled)
    found = cluster.raw(dev, BACKEND)[2]
    assert found["metadata"]["annotations"]["trivet/replicas"] == "2" and found["spec"]["replicas"] == 0
    wake = {"metadata": {"annotations": {"trivet/replicas": None}}, "spec": {"replicas": 2}}
    status, _, found = cluster.raw(dev, BACKEND, method="PATCH", body=wake, content_type=MERGE)
    assert status == 200 and "trivet/replicas" not in found["metadata"]["annotations"]
    eventually(lambda: len([p for p in pods() if p["status"]["phase"] == "Running"]) >= 2)
    scale = cluster.raw(dev, BACKEND + "/scale", method="PATCH", body={"spec": {"replicas": 3}}, content_type=MERGE)[2]
    assert scale["kind"] == "Scale" and scale["spec"]["replicas"] == 3
    eventually(lambda: len(pods()) >= 3)


def test_a_restart_replaces_every_pod(cluster):
    pods = lambda: cluster.raw(ACCOUNTS["prod"], "/api/v1/namespaces/innovate/pods?labelSelector=app%3Dfrontend")[2]["items"]
    before = {p["metadata"]["uid"] for p in pods()}
    patch = {"spec": {"template": {"metadata": {"annotations": {"kubectl.kubernetes.io/restartedAt": "2026-11-24T12:00:00Z"}}}}}
    path = "/apis/apps/v1/namespaces/innovate/deployments/frontend"
    assert cluster.raw(ACCOUNTS["prod"], path, method="PATCH", body=patch, content_type="application/strategic-merge-patch+json")[0] == 200
    eventually(lambda: not before & {p["metadata"]["uid"] for p in pods()} and all(p["status"]["phase"] == "Running" for p in pods()))


def test_a_deleted_pod_is_replaced(cluster):
    path = "/api/v1/namespaces/innovate/pods"
    pods = cluster.raw(ACCOUNTS["prod"], path + "?labelSelector=app%3Dfrontend")[2]["items"]
    one = pods[0]["metadata"]
    wrong = cluster.raw(ACCOUNTS["prod"], f"{path}/{one['name']}", method="DELETE", body={"preconditions": {"uid": "another"}}, content_type="application/json")
    assert wrong[0] == 409 and wrong[2]["reason"] == "Conflict"
    assert cluster.raw(ACCOUNTS["prod"], f"{path}/{one['name']}", method="DELETE", body={"preconditions": {"uid": one["uid"]}}, content_type="application/json")[0] == 200

    def replaced():
        now = [p["metadata"]["uid"] for p in cluster.raw(ACCOUNTS["prod"], path + "?labelSelector=app%3Dfrontend")[2]["items"]]
        return one["uid"] not in now and len(now) >= len(pods)
    eventually(replaced)


@pytest.mark.parametrize("method,path,body,words", [
    ("PATCH", BACKEND, {"spec": {"replicas": 0}}, 'deployments.apps "backend" is forbidden: User "{user}" cannot patch resource "deployments" in API group "apps"'),
    ("PATCH", BACKEND + "/scale", {"spec": {"replicas": 0}}, 'cannot patch resource "deployments/scale" in API group "apps" in the namespace "innovate"'),
    ("DELETE", "/api/v1/namespaces/innovate/pods/x", None, 'pods "x" is forbidden: User "{user}" cannot delete resource "pods" in API group "" in the namespace')])
def test_the_reader_may_not_write(method, path, body, words, tmp_path):
    cluster = peer.Sim(tmp_path)
    token = cluster.token
    cluster.token = lambda account: token(account, "TrivetReader")
    status, _, reply = cluster.raw(ACCOUNTS["prod"], path, method=method, body=body, content_type=MERGE)
    user = f"arn:aws:sts::{ACCOUNTS['prod']}:assumed-role/TrivetReader/test"
    assert status == 403 and reply["kind"] == "Status" and reply["reason"] == "Forbidden" and words.format(user=user) in reply["message"]
    review = {"apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectAccessReview"}
    for verb, allowed in (("list", True), ("patch", False)):
        ask = {**review, "spec": {"resourceAttributes": {"verb": verb, "resource": "deployments", "group": "apps", "namespace": "innovate"}}}
        status, _, reply = cluster.raw(ACCOUNTS["prod"], "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", method="POST", body=ask, content_type="application/json")
        assert status == 201 and reply["status"]["allowed"] is allowed
    cluster.token = token
    assert cluster.raw(ACCOUNTS["prod"], "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", method="POST", body=ask, content_type="application/json")[2]["status"]["allowed"]
    assert cluster.stop()


# Who may


def test_the_operator_that_asks_for_mfa(still):
    sts = still.session().client("sts")
    ask = dict(RoleArn=f"arn:aws:iam::{ACCOUNTS['prod']}:role/TrivetOperatorMfa", RoleSessionName="test")
    serial = "arn:aws:iam::111111111111:mfa/oncall"
    code, status, message = refused(sts.assume_role, **ask)
    assert (code, status) == ("AccessDenied", 403) and "is not authorized to perform: sts:AssumeRole" in message
    code, status, message = refused(sts.assume_role, **ask, SerialNumber=serial, TokenCode="000000")
    assert (code, status) == ("AccessDenied", 403) and "invalid MFA one time pass code" in message
    keys = sts.assume_role(**ask, SerialNumber=serial, TokenCode="314159")["Credentials"]
    rds = still.session(keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"]).client("rds")
    assert rds.describe_db_instances()["DBInstances"]


def test_the_operator_may_what_the_policy_says():
    """The scenario's operator may what doc/iam/operator.json says; beyond it what a cluster's access entries say, and what is looked at by hand."""
    policy = json.loads((ROOT / "doc/iam/operator.json").read_text())
    allowed = sorted(a for s in policy["Statement"] for a in s["Action"])
    more = ["eks:AccessKubernetesApi", "eks:MutateViaKubernetesApi", "eks:DescribeUpdate", "eks:ListNodegroups",
            "scheduler:ListSchedules", "wafv2:ListIPSets"]
    text = (ROOT / "profiles/scenarios/healthy.yaml").read_text()
    listed = text.split("allow: &operating\n")[1].split("      - &operator_mfa")[0]
    assert sorted(line.strip(" -") for line in listed.splitlines() if "#" not in line) == sorted(allowed + more)

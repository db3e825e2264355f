"""trivet against moto, for what ministack lacks: automated backups, Marker paging."""
import json
import time

import boto3
import pytest

from peers import clean_env, start_moto, trivet, write
from sim import Sim
from test_dev import eks_token

PROFILE = """name: moto
region: us-east-1
accounts:
  - {name: prod, id: "123456789012", kind: production, database: innovate-prod, backup_region: us-west-2}
"""


@pytest.fixture(scope="module")
def estate(tmp_path_factory):
    folder = tmp_path_factory.mktemp("moto")
    server, url = start_moto(folder)
    try:
        rds = boto3.client("rds", endpoint_url=url, region_name="us-east-1", aws_access_key_id="testing", aws_secret_access_key="testing")
        for i in range(25):
            name = "innovate-prod" if i == 0 else f"other-{i:02}"
            rds.create_db_instance(DBInstanceIdentifier=name, DBInstanceClass="db.t3.medium", Engine="postgres", AllocatedStorage=20,
                                   MasterUsername="app", MasterUserPassword="not-a-secret-1", MultiAZ=True, BackupRetentionPeriod=7)
        profile = write(folder / "moto.yaml", PROFILE)
        yield clean_env(folder, AWS_ENDPOINT_URL=url, AWS_ACCESS_KEY_ID="testing", AWS_SECRET_ACCESS_KEY="testing", TRIVET_PROFILE=str(profile))
    finally:
        server.stop()


def test_marker_pages(estate):
    done = trivet("call", "rds", "DescribeDBInstances", "--input", '{"MaxRecords": 20}', "--json", env=estate)
    assert done.code == 0, done.err
    names = [d["DBInstanceIdentifier"] for d in done.json["DBInstances"]]
    assert len(names) == 25 and len(set(names)) == 25


def test_one_database_of_many(estate):
    done = trivet("show", "database", "--json", env=estate)
    assert [row["id"] for row in done.json["rows"]] == ["innovate-prod"]


def test_automated_backups(estate):
    done = trivet("call", "rds", "DescribeDBInstanceAutomatedBackups", "--json", env=estate)
    assert done.code == 0, done.err
    assert {b["DBInstanceIdentifier"] for b in done.json["DBInstanceAutomatedBackups"]} >= {"innovate-prod"}


def test_input_is_checked_before_anything_is_sent(estate):
    done = trivet("call", "rds", "DescribeDBInstances", "--input", '{"MaxRecord": 20}', env=estate)
    assert done.code == 2 and 'no member "MaxRecord"' in done.err
    done = trivet("call", "sts", "AssumeRole", env=estate)
    assert done.code == 2 and 'required member' in done.err


# What development's nights change, on a service that nobody here wrote. The cluster itself is the simulator's: moto has none.

NIGHTS = """name: nights
region: us-east-1
accounts:
  - name: dev
    id: "123456789012"
    kind: development
    cluster: {{name: innovate-dev, server: "{server}", token_file: "{token}"}}
    database: innovate-dev
    auto_shutdown: {{timezone: Europe/Berlin, stop: "19:30", start: "07:15", days: "mon-thu,sat", scheduler_role: Nights}}
"""


@pytest.fixture
def nights(estate, tmp_path):
    url = estate["AWS_ENDPOINT_URL"]
    clients = {s: boto3.client(s, endpoint_url=url, region_name="us-east-1", aws_access_key_id="testing", aws_secret_access_key="testing")
               for s in ("rds", "eks", "scheduler")}
    with Sim("--speed", "20") as sim:
        clients["rds"].create_db_instance(DBInstanceIdentifier="innovate-dev", DBInstanceClass="db.t4g.medium", Engine="postgres", AllocatedStorage=20,
                                          MasterUsername="app", MasterUserPassword="not-a-secret-1")
        clients["eks"].create_cluster(name="innovate-dev", roleArn="arn:aws:iam::123456789012:role/eks", resourcesVpcConfig={"subnetIds": ["subnet-1"]})
        clients["eks"].create_nodegroup(clusterName="innovate-dev", nodegroupName="addons", subnets=["subnet-1"], nodeRole="arn:aws:iam::123456789012:role/node",
                                        scalingConfig={"minSize": 1, "maxSize": 3, "desiredSize": 2}, labels={"role": "addons"})
        token = write(tmp_path / "token", eks_token(sim))
        profile = write(tmp_path / "nights.yaml", NIGHTS.format(server=f"{sim.url}/k8s/222222222222/innovate-dev", token=token))
        yield clients, {**estate, "TRIVET_PROFILE": str(profile), "XDG_STATE_HOME": str(tmp_path / "state")}
        clients["rds"].delete_db_instance(DBInstanceIdentifier="innovate-dev", SkipFinalSnapshot=True)
        clients["eks"].delete_nodegroup(clusterName="innovate-dev", nodegroupName="addons")
        clients["eks"].delete_cluster(name="innovate-dev")


def test_stop_and_start_on_moto(nights):
    clients, env = nights
    group = lambda: clients["eks"].describe_nodegroup(clusterName="innovate-dev", nodegroupName="addons")["nodegroup"]
    status = lambda: clients["rds"].describe_db_instances(DBInstanceIdentifier="innovate-dev")["DBInstances"][0]["DBInstanceStatus"]
    done = trivet("dev", "stop", "--yes", env=env)
    assert done.code == 0, done.out + done.err
    assert status() == "stopped" and group()["scalingConfig"] == {"minSize": 0, "maxSize": 3, "desiredSize": 0}
    assert group()["labels"] == {"role": "addons", "trivet.dev/desired": "2", "trivet.dev/min": "1"}
    done = trivet("dev", "start", "--yes", env=env)
    assert done.code == 0, done.out + done.err
    assert status() == "available" and group()["scalingConfig"] == {"minSize": 1, "maxSize": 3, "desiredSize": 2} and group()["labels"] == {"role": "addons"}


def test_schedules_on_moto(nights):
    clients, env = nights
    scheduler, name = clients["scheduler"], "trivet-dev-stop-database-innovate-dev"
    done = trivet("dev", "schedule", "create", "--yes", env=env)
    assert done.code == 0, done.out + done.err
    row = scheduler.get_schedule(Name=name)
    assert row["ScheduleExpression"] == "cron(30 19 ? * MON-THU,SAT *)" and row["ScheduleExpressionTimezone"] == "Europe/Berlin"
    assert row["Target"]["RoleArn"] == "arn:aws:iam::123456789012:role/Nights" and json.loads(row["Target"]["Input"]) == {"DbInstanceIdentifier": "innovate-dev"}
    assert trivet("dev", "schedule", "show", env=env).code == 0
    assert trivet("dev", "keep-up", "--yes", env=env).code == 0
    assert scheduler.get_schedule(Name=name)["StartDate"] and scheduler.get_schedule(Name=name)["Target"] == row["Target"]
    assert trivet("dev", "schedule", "pause", "--yes", env=env).code == 0
    assert scheduler.get_schedule(Name=name)["State"] == "DISABLED"
    assert trivet("dev", "schedule", "resume", "--yes", env=env).code == 0
    assert scheduler.get_schedule(Name=name)["State"] == "ENABLED" and "StartDate" not in scheduler.get_schedule(Name=name)
    assert trivet("dev", "schedule", "remove", "--yes", env=env).code == 0
    assert scheduler.list_schedules()["Schedules"] == []


# Logs Insights: moto's interpreter knows fields, sort and limit.

LOGS = """name: moto
region: us-east-1
accounts:
  - {name: prod, id: "123456789012", kind: production}
queries:
  - {name: newest, query: "fields @timestamp, @message | sort @timestamp desc | limit 3 |", groups: [/app], account: prod}
"""


def test_queries_on_moto(estate, tmp_path):
    logs = boto3.client("logs", endpoint_url=estate["AWS_ENDPOINT_URL"], region_name="us-east-1", aws_access_key_id="testing", aws_secret_access_key="testing")
    now = int(time.time() * 1000)
    for group in ("/app/one", "/app/two", "/other"):
        logs.create_log_group(logGroupName=group)
        logs.create_log_stream(logGroupName=group, logStreamName="s")
        logs.put_log_events(logGroupName=group, logStreamName="s", logEvents=[{"timestamp": now - (5 - i) * 1000, "message": f"{group} {i} \x1b[2J"} for i in range(4)])
    env = {**estate, "TRIVET_PROFILE": str(write(tmp_path / "logs.yaml", LOGS))}
    done = trivet("logs", "query", "newest", "--yes", "--json", env=env)
    assert done.code == 0, done.err
    assert done.json["groups"] == ["/app/one", "/app/two"] and done.json["columns"] == ["@timestamp", "@message"]
    assert [r["@message"].split()[1] for r in done.json["rows"]] == ["3", "3", "2"] and all("?[2J" in r["@message"] for r in done.json["rows"])
    assert done.json["statistics"]["bytes_scanned"] is None  # moto tells none

"""trivet against ministack with AUTH=true: signatures, trust policies and identity policies are truly checked there."""
import datetime
import json

import boto3
import pytest

from peers import ROOT, clean_env, start_ministack, trivet, write

ACCOUNTS = {"root": ("111111111111", "management"), "dev": ("222222222222", "development"), "prod": ("333333333333", "production")}
EXTERNAL_ID = "estate-7"


def client(url, service, account, region="us-east-1"):
    return boto3.client(service, endpoint_url=url, region_name=region, aws_access_key_id=account, aws_secret_access_key="test")


def make_role(url, account, user_arn):
    iam = client(url, "iam", account)
    trust = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": user_arn}, "Action": "sts:AssumeRole",
                                                     "Condition": {"StringEquals": {"sts:ExternalId": EXTERNAL_ID}}}]}
    iam.create_role(RoleName="TrivetReader", AssumeRolePolicyDocument=json.dumps(trust))
    iam.put_role_policy(RoleName="TrivetReader", PolicyName="read", PolicyDocument=(ROOT / "doc/iam/reader.json").read_text())
    # AWS calls this permission budgets:ViewBudget; ministack goes by the operations' names.
    budgets = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "budgets:Describe*", "Resource": "*"}]}
    iam.put_role_policy(RoleName="TrivetReader", PolicyName="budgets", PolicyDocument=json.dumps(budgets))


def make_user(url):
    iam = client(url, "iam", ACCOUNTS["root"][0])
    arn = iam.create_user(UserName="oncall")["User"]["Arn"]
    policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "arn:aws:iam::*:role/TrivetReader"}]}
    iam.put_user_policy(UserName="oncall", PolicyName="assume", PolicyDocument=json.dumps(policy))
    key = iam.create_access_key(UserName="oncall")["AccessKey"]
    return arn, key["AccessKeyId"], key["SecretAccessKey"]


def make_database(url, account, name, multi_az):
    client(url, "rds", account).create_db_instance(DBInstanceIdentifier=name, DBInstanceClass="db.t3.medium", Engine="postgres", AllocatedStorage=20,
                                                   MasterUsername="app", MasterUserPassword="not-a-secret-1", MultiAZ=multi_az,
                                                   BackupRetentionPeriod=7 if multi_az else 1)


def make_budget(url, account, name, limit):
    client(url, "budgets", account).create_budget(
        AccountId=account, Budget={"BudgetName": name, "BudgetLimit": {"Amount": limit, "Unit": "USD"}, "TimeUnit": "MONTHLY", "BudgetType": "COST"},
        NotificationsWithSubscribers=[{"Notification": {"NotificationType": "ACTUAL", "ComparisonOperator": "GREATER_THAN", "Threshold": 80.0},
                                       "Subscribers": [{"SubscriptionType": "EMAIL", "Address": "ops@innovate.example"}]}])


def make_edge(url, account):
    visible = {"SampledRequestsEnabled": True, "CloudWatchMetricsEnabled": True, "MetricName": "innovate-edge"}
    client(url, "wafv2", account).create_web_acl(
        Name="innovate-edge", Scope="CLOUDFRONT", DefaultAction={"Allow": {}}, VisibilityConfig=visible,
        Rules=[{"Name": "RateLimit", "Priority": 1, "Action": {"Block": {}}, "Statement": {"RateBasedStatement": {"Limit": 2000, "AggregateKeyType": "IP"}},
                "VisibilityConfig": dict(visible, MetricName="RateLimit")}])
    now = datetime.datetime.now(datetime.timezone.utc).replace(second=0, microsecond=0)
    metric = {"MetricName": "BlockedRequests", "Dimensions": [{"Name": "WebACL", "Value": "innovate-edge"}, {"Name": "Rule", "Value": "RateLimit"}],
              "Unit": "Count", "Value": 22.0}
    client(url, "cloudwatch", account).put_metric_data(
        Namespace="AWS/WAFV2", MetricData=[dict(metric, Timestamp=now - datetime.timedelta(minutes=m)) for m in (2, 3, 4)])


def make_alarm(url, account):
    cw = client(url, "cloudwatch", account)
    cw.put_metric_alarm(AlarmName="rds-cpu", MetricName="CPUUtilization", Namespace="AWS/RDS", Statistic="Average", Period=60, EvaluationPeriods=1,
                        Threshold=80.0, ComparisonOperator="GreaterThanThreshold")
    cw.set_alarm_state(AlarmName="rds-cpu", StateValue="ALARM", StateReason="91 > 80")


def make_trail(url, account):
    client(url, "s3", account).create_bucket(Bucket="innovate-trail")
    trail = client(url, "cloudtrail", account)
    trail.create_trail(Name="innovate", S3BucketName="innovate-trail", IsMultiRegionTrail=True)
    trail.start_logging(Name="innovate")


PROFILE = """name: estate
region: us-east-1
accounts:
  - {name: root, id: "111111111111", kind: management, role: TrivetReader, external_id: estate-7}
  - {name: dev, id: "222222222222", kind: development, role: TrivetReader, external_id: estate-7, database: innovate-dev}
  - {name: prod, id: "333333333333", kind: production, role: TrivetReader, external_id: estate-7, database: innovate-prod, web_acl: innovate-edge}
"""


@pytest.fixture(scope="module")
def estate(tmp_path_factory):
    folder = tmp_path_factory.mktemp("ministack")
    server, url = start_ministack(folder)
    try:
        arn, key, secret = make_user(url)
        for account, _ in ACCOUNTS.values():
            make_role(url, account, arn)
        make_database(url, "222222222222", "innovate-dev", False)
        make_database(url, "333333333333", "innovate-prod", True)
        make_budget(url, "111111111111", "root-monthly", "600")
        make_budget(url, "333333333333", "prod-monthly", "4000")
        make_edge(url, "333333333333")
        make_alarm(url, "333333333333")
        make_trail(url, "111111111111")
        profile = write(folder / "estate.yaml", PROFILE)
        env = clean_env(folder, AWS_ENDPOINT_URL=url, AWS_ACCESS_KEY_ID=key, AWS_SECRET_ACCESS_KEY=secret, TRIVET_PROFILE=str(profile))
        yield env, url, folder
    finally:
        server.stop()


def feed(shown, account, name):
    of = next(a for a in shown["accounts"] if a["name"] == account)
    return next(f for f in of["feeds"] if f["feed"] == name)


def test_each_account_is_seen_by_its_own_role(estate):
    env, _, _ = estate
    for name, (account, _) in ACCOUNTS.items():
        who = trivet("call", "sts", "GetCallerIdentity", "--account", name, "--json", env=env)
        assert who.code == 0, who.err
        assert who.json["Account"] == account
        assert ":assumed-role/TrivetReader/trivet-" in who.json["Arn"]


def test_a_session_has_the_name_and_length_of_the_profile(estate):
    env, _, folder = estate
    profile = write(folder / "named.yaml", PROFILE.replace("external_id: estate-7, database: innovate-dev",
                                                           "external_id: estate-7, session_name: night-shift, session_duration: 30m"))
    done = trivet("call", "sts", "GetCallerIdentity", "--account", "dev", "--json", "--profile", profile, env=env)
    assert done.json["Arn"] == "arn:aws:sts::222222222222:assumed-role/TrivetReader/night-shift"
    rows = trivet("show", "overview", "--json", "--profile", profile, env=env).json["rows"]
    assert {row["account"]: row["session"][:8] for row in rows if row["account"] in ("dev", "prod")} == {"dev": "ready, 2", "prod": "ready, 5"}


def test_database(estate):
    shown = trivet("show", "database", "--json", env=estate[0]).json
    rows = {row["id"]: row for row in shown["rows"]}
    assert rows["innovate-dev"]["account"] == "dev" and rows["innovate-dev"]["multi_az"] is False
    assert rows["innovate-prod"]["account"] == "prod" and rows["innovate-prod"]["multi_az"] is True
    assert rows["innovate-prod"]["status"] == "available"
    assert feed(shown, "prod", "database")["state"] == "fresh"


def test_what_the_service_lacks_is_told_by_its_own_name(estate):
    done = trivet("show", "database", "--json", env=estate[0])
    backups = feed(done.json, "prod", "database-backups")
    assert backups["state"] == "failed" and backups["error"]["code"] == "InvalidAction"
    assert done.code == 2
    text = trivet("show", "database", env=estate[0])
    assert "InvalidAction" in text.out and "innovate-prod" in text.out


def test_budgets(estate):
    done = trivet("show", "budgets", "--json", env=estate[0])
    limits = {row["account"]: row["limit"] for row in done.json["rows"]}
    assert limits == {"root": 600, "prod": 4000}


def test_waf_counts_come_from_cloudwatch(estate):
    shown = trivet("show", "waf", "--json", env=estate[0]).json
    rule = next(row for row in shown["rows"] if row["rule"] == "RateLimit")
    assert rule["account"] == "prod"
    assert rule["blocked"] == 22
    assert feed(shown, "prod", "waf-metrics")["state"] == "fresh"


def test_status_says_what_is_wrong(estate):
    done = trivet("status", "--json", env=estate[0])
    assert done.code == 1
    prod = next(a for a in done.json["accounts"] if a["name"] == "prod")
    assert any("rds-cpu" in p["text"] for p in prod["problems"])


def test_accounts_and_trail(estate):
    done = trivet("show", "accounts", "--json", env=estate[0])
    assert {row["account"]: row["id"] for row in done.json["rows"]} == {name: account for name, (account, _) in ACCOUNTS.items()}
    assert feed(done.json, "root", "trail")["state"] == "fresh"


def test_pages_are_followed(estate):
    env, url, _ = estate
    rds = client(url, "rds", "222222222222")
    for i in range(3):
        make_database(url, "222222222222", f"page-{i}", False)
    try:
        done = trivet("call", "rds", "DescribeDBInstances", "--account", "dev", "--input", '{"MaxRecords": 20}', "--json", env=env)
        assert len(done.json["DBInstances"]) == 4
    finally:
        for i in range(3):
            rds.delete_db_instance(DBInstanceIdentifier=f"page-{i}", SkipFinalSnapshot=True)


def test_wrong_secret(estate):
    env = dict(estate[0], AWS_SECRET_ACCESS_KEY="wrong")
    done = trivet("call", "sts", "GetCallerIdentity", env=env)
    assert done.code == 1 and "SignatureDoesNotMatch" in done.err and len(done.err.splitlines()) == 1


def test_wrong_external_id_hurts_one_account_only(estate):
    env, _, folder = estate
    profile = write(folder / "wrong.yaml", PROFILE.replace("external_id: estate-7, database: innovate-dev", "external_id: other, database: innovate-dev"))
    done = trivet("show", "database", "--json", "--profile", profile, env=env)
    assert feed(done.json, "dev", "database")["error"]["code"] == "AccessDenied"
    assert [row["id"] for row in done.json["rows"]] == ["innovate-prod"]


def test_role_of_the_shared_config(estate):
    env, _, folder = estate
    (folder / ".aws").mkdir(exist_ok=True)
    write(folder / ".aws/credentials", f"[oncall]\naws_access_key_id = {env['AWS_ACCESS_KEY_ID']}\naws_secret_access_key = {env['AWS_SECRET_ACCESS_KEY']}\n")
    write(folder / ".aws/config", "[profile reader]\nrole_arn = arn:aws:iam::333333333333:role/TrivetReader\nsource_profile = oncall\n"
                                  f"external_id = {EXTERNAL_ID}\nrole_session_name = by-config\n")
    env = {k: v for k, v in env.items() if k not in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")}
    done = trivet("call", "sts", "GetCallerIdentity", "--json", "--aws-profile", "reader", env=env)
    assert done.json["Arn"] == "arn:aws:sts::333333333333:assumed-role/TrivetReader/by-config"


def test_nothing_secret_in_the_log(estate):
    env, _, folder = estate
    log = folder / "debug.log"
    trivet("show", "accounts", "--log", log, env=env)
    text = log.read_text()
    assert "AssumeRole" in text and log.stat().st_mode & 0o777 == 0o600
    assert env["AWS_SECRET_ACCESS_KEY"] not in text and "Signature=" not in text and "SessionToken" not in text

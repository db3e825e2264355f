"""trivet-sim's AWS side, judged by boto3, botocore's signer and the AWS CLI."""
import base64
import collections
import datetime as dt
import hashlib
import json
import random
import re
import socket
import subprocess
import time
import zoneinfo

import botocore
import botocore.auth
import botocore.awsrequest
import botocore.config
import botocore.credentials
import botocore.exceptions
import botocore.parsers
import pytest
import urllib3

from peers import BIN, SIM, clean_env
from sim import ACCOUNTS, CONFIG, HEALTHY, operations, Sim

HTTP = urllib3.PoolManager(retries=False)
UTC = dt.timezone.utc
SCP = "SERVICE_CONTROL_POLICY"
COMMON = "AWSManagedRulesCommonRuleSet"


@pytest.fixture(scope="module")
def sim():
    with Sim("--quiet") as running:
        yield running


@pytest.fixture(scope="module")
def clients(sim):
    """clients("rds", "prod"): a client of that account's reader, made once."""
    sessions, made = {}, {}

    def client(service, account="prod", role="TrivetReader", region=None):
        key = (account, role, region)
        if key not in sessions:
            sessions[key] = sim.session() if account == "user" else sim.as_role(account, role, region)
        if (service, key) not in made:
            made[service, key] = sessions[key].client(service)
        return made[service, key]

    return client


def now():
    return dt.datetime.now(UTC)


def refused(call, **arguments):
    with pytest.raises(botocore.exceptions.ClientError) as caught:
        call(**arguments)
    response = caught.value.response
    assert response["ResponseMetadata"]["RequestId"]
    return response["Error"]["Code"], response["ResponseMetadata"]["HTTPStatusCode"], response["Error"]["Message"]


def fresh(at, seconds):
    return dt.timedelta(0) <= now() - at <= dt.timedelta(seconds=seconds)


# Every operation that is listed, with a look at what matters in its answer.


def acl(clients):
    return clients("wafv2").list_web_acls(Scope="CLOUDFRONT")["WebACLs"][0]


def metric_query(n, name, rule):
    return {"Id": f"q{n}", "MetricStat": {"Period": 60, "Stat": "Sum", "Metric": {
        "Namespace": "AWS/WAFV2", "MetricName": name, "Dimensions": [{"Name": "WebACL", "Value": "innovateEdge"}, {"Name": "Rule", "Value": rule}]}}}


def window(minutes):
    end = now().replace(second=0, microsecond=0)
    return {"StartTime": end - dt.timedelta(minutes=minutes), "EndTime": end}


def see_budgets(c):
    budgets = {b["BudgetName"]: b for b in c("budgets").describe_budgets(AccountId=ACCOUNTS["prod"])["Budgets"]}
    b = budgets["prod-monthly"]
    assert float(b["BudgetLimit"]["Amount"]) == 4000 and b["BudgetLimit"]["Unit"] == "USD" and b["TimeUnit"] == "MONTHLY"
    actual, forecast = (float(b["CalculatedSpend"][k]["Amount"]) for k in ("ActualSpend", "ForecastedSpend"))
    assert 0 <= actual <= forecast < 4400 and fresh(b["LastUpdatedTime"], 3700)
    assert budgets["prod-cloudfront"]["CostFilters"] == {"Service": ["Amazon CloudFront"]}


def see_notifications(c):
    rows = c("budgets").describe_notifications_for_budget(AccountId=ACCOUNTS["prod"], BudgetName="prod-monthly")["Notifications"]
    assert [(r["NotificationType"], r["Threshold"]) for r in rows] == [("ACTUAL", 50), ("ACTUAL", 80), ("ACTUAL", 100), ("FORECASTED", 100)]
    budget = c("budgets").describe_budgets(AccountId=ACCOUNTS["prod"])["Budgets"][0]
    spent = float(budget["CalculatedSpend"]["ActualSpend"]["Amount"])
    for r in rows[:3]:
        assert r["NotificationState"] == ("ALARM" if spent > 40 * r["Threshold"] else "OK")


def see_subscribers(c):
    notification = dict(NotificationType="ACTUAL", ComparisonOperator="GREATER_THAN", Threshold=100, ThresholdType="PERCENTAGE")
    given = dict(AccountId=ACCOUNTS["prod"], BudgetName="prod-monthly", Notification=notification)
    rows = c("budgets").describe_subscribers_for_notification(**given)["Subscribers"]
    assert [(r["SubscriptionType"], r["Address"].split(":")[-1]) for r in rows] == [("EMAIL", "costs@innovate.example"), ("SNS", "security")]
    code = refused(c("budgets").describe_subscribers_for_notification, **{**given, "Notification": {**notification, "Threshold": 99}})[0]
    assert code == "NotFoundException"


def see_parameters(c):
    pages = c("rds").get_paginator("describe_db_parameters").paginate(DBParameterGroupName="innovate-prod-tls")
    found = {p["ParameterName"]: p["ParameterValue"] for page in pages for p in page["Parameters"]}
    assert found["rds.force_ssl"] == "1" and len(found) > 1
    assert refused(c("rds").describe_db_parameters, DBParameterGroupName="another")[0] == "DBParameterGroupNotFound"


def day(back=0):
    return (dt.datetime.now(dt.timezone.utc) - dt.timedelta(days=back)).strftime("%Y-%m-%d")


BY = [{"Type": "DIMENSION", "Key": "LINKED_ACCOUNT"}, {"Type": "DIMENSION", "Key": "SERVICE"}]


def see_costs(c):
    """The management account sees all, and by the day; the sum of this month is about what the budgets say."""
    given = dict(TimePeriod={"Start": day(5), "End": day(-1)}, Granularity="DAILY", Metrics=["UnblendedCost"], GroupBy=BY)
    days = c("ce", "root").get_cost_and_usage(**given)["ResultsByTime"]
    assert [d["TimePeriod"]["Start"] for d in days] == [day(n) for n in range(5, -1, -1)] and days[-1]["Estimated"]
    accounts = {g["Keys"][0] for d in days for g in d["Groups"]}
    assert accounts == set(ACCOUNTS.values())
    prod = sum(float(g["Metrics"]["UnblendedCost"]["Amount"]) for g in days[0]["Groups"] if g["Keys"][0] == ACCOUNTS["prod"])
    assert 60 < prod < 160
    assert {g["Keys"][0] for g in c("ce", "dev").get_cost_and_usage(**given)["ResultsByTime"][0]["Groups"]} == {ACCOUNTS["dev"]}
    assert refused(c("ce", "root").get_cost_and_usage, **{**given, "TimePeriod": {"Start": day(), "End": day()}})[0] == "ValidationException"


def see_forecast(c):
    given = dict(TimePeriod={"Start": day(), "End": day(-10)}, Metric="UNBLENDED_COST", Granularity="MONTHLY")
    assert 500 < float(c("ce", "root").get_cost_forecast(**given)["Total"]["Amount"]) < 2500
    assert refused(c("ce", "root").get_cost_forecast, **{**given, "TimePeriod": {"Start": day(3), "End": day(-1)}})[0] == "ValidationException"


def see_anomalies(c):
    (found,) = c("ce", "root").get_anomalies(DateInterval={"StartDate": day(30), "EndDate": day()})["Anomalies"]
    assert found["RootCauses"][0]["LinkedAccount"] == ACCOUNTS["prod"] and found["Impact"]["TotalImpact"] == 31.4
    assert c("ce", "root").get_anomalies(DateInterval={"StartDate": day(2), "EndDate": day()})["Anomalies"] == []


def see_monitors(c):
    (monitor,) = c("ce", "root").get_anomaly_monitors()["AnomalyMonitors"]
    (told,) = c("ce", "root").get_anomaly_subscriptions()["AnomalySubscriptions"]
    assert told["MonitorArnList"] == [monitor["MonitorArn"]] and told["Subscribers"][0]["Address"] == "costs@innovate.example"


def see_log_groups(c):
    groups = {g["logGroupName"]: g for g in c("logs").describe_log_groups(logGroupNamePrefix="/aws/eks/")["logGroups"]}
    assert list(groups) == ["/aws/eks/innovate-prod/cluster"] and groups["/aws/eks/innovate-prod/cluster"]["retentionInDays"] == 90


def see_log_events(c):
    """The same events whoever asks; pages join without a gap."""
    end = int(dt.datetime.now(dt.timezone.utc).timestamp() * 1000) - 5000
    given = dict(logGroupName="/aws/containerinsights/innovate-prod/application", startTime=end - 60000, endTime=end)
    whole = c("logs").filter_log_events(**given)["events"]
    assert 40 < len(whole) < 140 and [e["timestamp"] for e in whole] == sorted(e["timestamp"] for e in whole)
    pages = c("logs").get_paginator("filter_log_events").paginate(**given, PaginationConfig={"PageSize": 10})
    assert [e["eventId"] for page in pages for e in page["events"]] == [e["eventId"] for e in whole]
    slow = c("logs").filter_log_events(**given, filterPattern="WARN slow")["events"]
    assert slow and all("slow query" in e["message"] for e in slow) and len(slow) < len(whole)
    assert refused(c("logs").filter_log_events, logGroupName="none")[0] == "ResourceNotFoundException"


APP = "/aws/containerinsights/innovate-prod/application"


def query(c, text, minutes=10, groups=(APP,), **more):
    """Whole: started, run, and its rows as dicts; with how many events there were by FilterLogEvents."""
    end = int(now().timestamp()) - 5
    logs = c("logs")
    started = logs.start_query(logGroupNames=list(groups), startTime=end - minutes * 60, endTime=end, queryString=text, **more)["queryId"]
    seen = []
    while not seen or seen[-1]["status"] in ("Scheduled", "Running"):
        seen.append(logs.get_query_results(queryId=started))
        time.sleep(0.2)
    assert seen[-1]["status"] == "Complete" and all(s["results"] == [] for s in seen[:-1])
    rows = [{f["field"]: f["value"] for f in row} for row in seen[-1]["results"]]
    given = dict(startTime=(end - minutes * 60) * 1000, endTime=end * 1000)
    events = [e for g in groups for page in logs.get_paginator("filter_log_events").paginate(logGroupName=g, **given) for e in page["events"]]
    assert seen[-1]["statistics"]["recordsScanned"] == len(events)
    return rows, events, seen[-1]["statistics"]


def see_query(c):
    """What it counts is what FilterLogEvents gives."""
    rows, events, told = query(c, "filter @message like /ERROR/ or @message like 'WARN slow' | stats count(*) as n by @logStream | sort n desc", minutes=30)
    want = collections.Counter(e["logStreamName"] for e in events if "ERROR" in e["message"] or "WARN slow" in e["message"])
    assert {r["@logStream"]: int(r["n"]) for r in rows} == want and [int(r["n"]) for r in rows] == sorted(want.values(), reverse=True)
    assert told["recordsMatched"] == sum(want.values()) and told["bytesScanned"] > 26 * len(events)
    logs, given = c("logs"), dict(startTime=1, endTime=2, queryString="limit 1")
    assert refused(logs.start_query, logGroupName="none", **given)[0] == "ResourceNotFoundException"
    assert refused(logs.start_query, **given)[0] == "InvalidParameterException"
    assert refused(logs.start_query, logGroupName=APP, **{**given, "endTime": 0})[0] == "InvalidParameterException"
    code, status, message = refused(logs.start_query, logGroupName=APP, **{**given, "queryString": "fields @message | explode it"})
    assert (code, status, message) == ("MalformedQueryException", 400, "unexpected symbol found explode at line 1 and position 19")


def see_query_results(c):
    rows, events, _ = query(c, "fields @timestamp, @message as said | sort @timestamp asc | limit 7")
    assert [r["said"] for r in rows] == [e["message"] for e in events[:7]] and set(rows[0]) == {"@timestamp", "said", "@ptr"}
    assert dt.datetime.fromisoformat(rows[0]["@timestamp"] + "+00:00").timestamp() * 1000 == pytest.approx(events[0]["timestamp"], abs=1)
    newest, events, _ = query(c, "filter @message like /(?i)warn/", limit=3)
    assert [r["@message"] for r in newest] == [e["message"] for e in reversed(events) if "WARN" in e["message"]][:3]
    assert refused(c("logs").get_query_results, queryId="none")[0] == "ResourceNotFoundException"


def see_query_stopped(c):
    logs, end = c("logs"), int(now().timestamp())
    started = logs.start_query(logGroupName=APP, startTime=end - 30 * 86400, endTime=end, queryString="stats count(*)")["queryId"]
    assert logs.stop_query(queryId=started)["success"] and logs.get_query_results(queryId=started)["status"] == "Cancelled"
    assert refused(logs.stop_query, queryId=started)[0] == "InvalidParameterException"


def see_queries(c):
    query(c, "stats count(*)")
    listed = c("logs").describe_queries(logGroupName=APP, status="Complete")["queries"]
    assert "stats count(*)" in {q["queryString"] for q in listed} and {q["logGroupName"] for q in listed} == {APP} and {q["status"] for q in listed} == {"Complete"}
    assert c("logs").describe_queries(status="Running")["queries"] == []


@pytest.mark.parametrize("text, want", [
    ('parse @message "* * * * in * ms" as level, method, path, status, ms | filter status >= 500 and path != "/x" | stats max(ms) as m, min(ms), avg(ms), sum(ms), '
     'pct(ms, 50) as half, count(ms) by path | filter m > 0 | sort path', "stats"),
    ('parse @message "* * /api/* *" as level, method, thing, rest | filter ispresent(thing) and not thing in ["items", "orders"] | display thing', "basket"),
    ("filter (@message like /INFO/ or @message like /ERROR/) and @message not like /pool/ | stats count(*) as n by bin(5m) | sort `bin(5m)`", "bins"),
])
def test_the_language_of_queries(clients, text, want):
    rows, events, _ = query(clients, text, minutes=25)
    requests = [re.fullmatch(r"(\w+) (\w+) (/\S+) (\d+) in (\d+) ms", e["message"]) for e in events]
    requests = [(m[1], m[3], int(m[4]), int(m[5])) for m in requests if m]
    if want == "stats":
        by = {path: sorted(ms for _, p, status, ms in requests if p == path and status >= 500) for path in {r[1] for r in requests if r[2] >= 500}}
        assert [r["path"] for r in rows] == sorted(by) and by
        for r in rows:
            ms = by[r["path"]]
            assert [float(r[k]) for k in ("m", "min(ms)", "sum(ms)", "half", "count(ms)")] == [ms[-1], ms[0], sum(ms), ms[(len(ms) + 1) // 2 - 1], len(ms)]
            assert float(r["avg(ms)"]) == pytest.approx(sum(ms) / len(ms))
    elif want == "basket":
        assert {r["thing"] for r in rows} == {"basket"} and len(rows) == sum(p == "/api/basket" for _, p, _, _ in requests)
    else:
        assert sum(int(r["n"]) for r in rows) == len(requests) and 5 <= len(rows) <= 6
        assert all(re.fullmatch(r"\S+ \d\d:\d[05]:00.000", r["bin(5m)"]) for r in rows)


@pytest.mark.parametrize("text, at", [
    ("", "<EOF> at line 1 and position 1"), ("fields", "<EOF> at line 1 and position 7"), ("fields a |", "<EOF> at line 1 and position 11"),
    ("filter a like b", "b at line 1 and position 15"), ("filter a = ", "<EOF> at line 1"), ("filter (a = 1", "<EOF> at line 1"), ("limit 0", "0 at line 1"),
    ("stats count(*", "<EOF>"), ("stats median(a)", "median at line 1 and position 7"), ("filter a like /(/", "( at line 1"), ('filter a = "x', "x at line 1"),
    ('parse @message "* *" as one', "<EOF>"), ("stats count(*) | stats count(*)", "stats at line 1 and position 18"), ("fields a; drop", "; at line 1 and position 9"),
    ("filter " + "(" * 200 + "a", "at line 1"), ("stats count(*) by bin(5x)", "5x at line 1"),
])
def test_malformed_queries(clients, text, at):
    code, _, message = refused(clients("logs").start_query, logGroupName=APP, startTime=1, endTime=2, queryString=text)
    assert code == "MalformedQueryException" and "unexpected symbol found" in message and at in message


def see_distributions(c):
    page = c("cloudfront").list_distributions()["DistributionList"]
    (d,) = page["Items"]
    assert not page["IsTruncated"] and page["Quantity"] == 1 and d["Aliases"]["Items"] == ["innovate.example", "www.innovate.example"]
    assert d["WebACLId"] == acl(c)["ARN"] and d["Status"] == "Deployed" and isinstance(d["LastModifiedTime"], dt.datetime)
    assert d["Origins"]["Items"][0]["VpcOriginConfig"]["VpcOriginId"].startswith("vo_")


def see_distribution_config(c):
    got = c("cloudfront").get_distribution_config(Id="E2INNOVATE0EDG")
    config = got["DistributionConfig"]
    (origin,), (api,) = config["Origins"]["Items"], config["CacheBehaviors"]["Items"]
    assert origin["CustomHeaders"]["Items"][0]["HeaderName"] == "X-Origin-Verify" and api["PathPattern"] == "/api/*" and got["ETag"]
    assert config["DefaultCacheBehavior"]["Compress"] and config["ViewerCertificate"]["MinimumProtocolVersion"] == "TLSv1.2_2021"
    assert refused(c("cloudfront").get_distribution_config, Id="E0")[:2] == ("NoSuchDistribution", 404)


def see_vpc_origin(c):
    origin = c("cloudfront").get_distribution_config(Id="E2INNOVATE0EDG")["DistributionConfig"]["Origins"]["Items"][0]["VpcOriginConfig"]["VpcOriginId"]
    assert c("cloudfront").get_vpc_origin(Id=origin)["VpcOrigin"]["VpcOriginEndpointConfig"]["Arn"] == balancer(c)["LoadBalancerArn"]
    assert refused(c("cloudfront").get_vpc_origin, Id="vo_none")[:2] == ("EntityNotFound", 404)


def see_cache_policy(c):
    config = c("cloudfront").get_cache_policy(Id="4135ea2d-6df8-44a3-9df3-4b5a84be39ad")["CachePolicy"]["CachePolicyConfig"]
    assert (config["Name"], config["MinTTL"], config["DefaultTTL"], config["MaxTTL"]) == ("Managed-CachingDisabled", 0, 0, 0)
    assert refused(c("cloudfront").get_cache_policy, Id="none")[:2] == ("NoSuchCachePolicy", 404)


def see_invalidations(c):
    page = c("cloudfront").list_invalidations(DistributionId="E2INNOVATE0EDG", MaxItems="1")["InvalidationList"]
    assert page["IsTruncated"] and page["Quantity"] == 1 and page["Items"][0]["Status"] == "Completed"
    rows = [r for p in c("cloudfront").get_paginator("list_invalidations").paginate(DistributionId="E2INNOVATE0EDG", PaginationConfig={"PageSize": 1})
            for r in p["InvalidationList"]["Items"]]
    assert len(rows) == 2 and rows[0]["CreateTime"] > rows[1]["CreateTime"]


def see_hosted_zones(c):
    (zone,) = c("route53").list_hosted_zones()["HostedZones"]
    assert zone["Name"] == "innovate.example." and not zone["Config"]["PrivateZone"] and zone["ResourceRecordSetCount"] == 7
    assert refused(c("route53").list_hosted_zones, Marker="none")[:2] == ("InvalidInput", 400)


def see_records(c):
    zone = c("route53").list_hosted_zones()["HostedZones"][0]["Id"]
    everything = c("route53").list_resource_record_sets(HostedZoneId=zone)["ResourceRecordSets"]
    assert [(r["Name"], r["Type"]) for r in everything][:2] == [("innovate.example.", "A"), ("innovate.example.", "AAAA")] and len(everything) == 7
    first = c("route53").list_resource_record_sets(HostedZoneId=zone, StartRecordName="www.innovate.example", MaxItems="1")
    assert first["IsTruncated"] and first["NextRecordType"] == "AAAA"
    assert first["ResourceRecordSets"][0]["AliasTarget"] == {"HostedZoneId": "Z2FDTNDATAQYW2", "DNSName": "d3innovate0edg.cloudfront.net.", "EvaluateTargetHealth": False}
    paged = [r for p in c("route53").get_paginator("list_resource_record_sets").paginate(HostedZoneId=zone, PaginationConfig={"PageSize": 2}) for r in p["ResourceRecordSets"]]
    assert paged == everything
    assert refused(c("route53").list_resource_record_sets, HostedZoneId="Z0")[:2] == ("NoSuchHostedZone", 404)


def see_certificates(c):
    rows = {r["DomainName"]: r for r in c("acm").list_certificates()["CertificateSummaryList"]}
    assert set(rows) == {"alb.prod.innovate.example", "innovate.example"} and all(r["InUse"] and r["Status"] == "ISSUED" for r in rows.values())
    one = c("acm").describe_certificate(CertificateArn=rows["innovate.example"]["CertificateArn"])["Certificate"]
    assert one["NotAfter"] == rows["innovate.example"]["NotAfter"]
    assert c("acm").list_certificates(CertificateStatuses=["EXPIRED"])["CertificateSummaryList"] == []


def see_waf_logging(c):
    (one,) = c("wafv2").list_logging_configurations(Scope="CLOUDFRONT")["LoggingConfigurations"]
    assert one["ResourceArn"] == acl(c)["ARN"] and "aws-waf-logs-" in one["LogDestinationConfigs"][0]
    assert c("wafv2").list_logging_configurations(Scope="REGIONAL")["LoggingConfigurations"] == []


def see_trails(c):
    (own,) = c("cloudtrail", "root").describe_trails()["trailList"]
    assert own["IsOrganizationTrail"] and own["IsMultiRegionTrail"] and own["LogFileValidationEnabled"]
    assert c("cloudtrail", "prod").describe_trails()["trailList"][0]["TrailARN"] == own["TrailARN"]
    assert c("cloudtrail", "prod").describe_trails(includeShadowTrails=False)["trailList"] == []
    assert c("cloudtrail", "root", region="us-west-2").describe_trails(trailNameList=[own["TrailARN"]])["trailList"]


def see_trail_status(c):
    status = c("cloudtrail", "root").get_trail_status(Name="innovate-organization")
    assert status["IsLogging"] and fresh(status["LatestDeliveryTime"], 420)
    assert refused(c("cloudtrail", "prod").get_trail_status, Name="nothing")[:2] == ("TrailNotFoundException", 400)


def see_events(c):
    client = c("cloudtrail", "prod")
    events = client.lookup_events(LookupAttributes=[{"AttributeKey": "ReadOnly", "AttributeValue": "false"}])["Events"]
    times = [e["EventTime"] for e in events]
    assert times == sorted(times, reverse=True) and all(e["ReadOnly"] == "false" for e in events)
    denied = next(e for e in events if e["EventName"] == "AuthorizeSecurityGroupIngress")
    assert json.loads(denied["CloudTrailEvent"])["errorCode"] == "Client.UnauthorizedOperation" and denied["Username"] == "jonas-weber"
    only = client.lookup_events(LookupAttributes=[{"AttributeKey": "EventName", "AttributeValue": "PutSecretValue"}])["Events"]
    assert [e["Resources"][0]["ResourceName"] for e in only] == ["innovate-prod/database"]
    first = client.lookup_events(MaxResults=1)
    assert len(first["Events"]) == 1 and client.lookup_events(MaxResults=1, NextToken=first["NextToken"])["Events"] != first["Events"]
    assert client.lookup_events(EndTime=now() - dt.timedelta(days=2))["Events"] == []


def see_alarms(c):
    alarms = {a["AlarmName"]: a for a in c("cloudwatch").describe_alarms()["MetricAlarms"]}
    assert {"rds-cpu", "alb-5xx", "backend-restarts"} <= set(alarms) and alarms["rds-cpu"]["StateValue"] == "OK"
    assert alarms["rds-cpu"]["Dimensions"] == [{"Name": "DBInstanceIdentifier", "Value": "innovate-prod"}] and alarms["rds-cpu"]["AlarmActions"]
    assert alarms["rds-cpu"]["StateUpdatedTimestamp"] < now() and "Threshold Crossed" in alarms["rds-cpu"]["StateReason"]
    assert [a["AlarmName"] for a in c("cloudwatch").describe_alarms(AlarmNamePrefix="alb-")["MetricAlarms"]] == ["alb-5xx", "alb-latency"]
    assert c("cloudwatch").describe_alarms(StateValue="INSUFFICIENT_DATA")["MetricAlarms"] == []


def see_alarm_history(c):
    turns = c("cloudwatch").describe_alarm_history(HistoryItemType="StateUpdate", ScanBy="TimestampAscending")["AlarmHistoryItems"]
    assert {"rds-cpu", "alb-5xx"} <= {t["AlarmName"] for t in turns} and [t["Timestamp"] for t in turns] == sorted(t["Timestamp"] for t in turns)
    (last,) = c("cloudwatch").describe_alarm_history(AlarmName="rds-cpu")["AlarmHistoryItems"]
    data = json.loads(last["HistoryData"])
    assert data["newState"]["stateValue"] == "OK" and last["HistorySummary"] == f"Alarm updated from {data['oldState']['stateValue']} to OK"
    assert c("cloudwatch").describe_alarm_history(StartDate=now())["AlarmHistoryItems"] == []


def see_metric_data(c):
    queries = [metric_query(0, "BlockedRequests", "ALL"), metric_query(1, "AllowedRequests", "ALL"), metric_query(2, "BlockedRequests", COMMON),
               metric_query(3, "BlockedRequests", "nobody")]
    blocked, allowed, common, nobody = c("cloudwatch").get_metric_data(MetricDataQueries=queries, ScanBy="TimestampAscending", **window(60))["MetricDataResults"]
    assert len(blocked["Values"]) == 60 == len(blocked["Timestamps"]) and blocked["StatusCode"] == "Complete" and nobody["Values"] == []
    assert blocked["Timestamps"] == sorted(blocked["Timestamps"]) and all(v == int(v) for v in blocked["Values"])
    assert 10 < sum(blocked["Values"]) / 60 < 600 < sum(allowed["Values"]) / 60 and len(set(blocked["Values"])) > 5
    assert 0 < sum(common["Values"]) < sum(blocked["Values"])
    again = c("cloudwatch").get_metric_data(MetricDataQueries=queries[:1], **{**window(60), "EndTime": blocked["Timestamps"][-1]})["MetricDataResults"][0]
    assert again["Values"] == blocked["Values"][:len(again["Values"])][::-1] and again["Timestamps"][0] > again["Timestamps"][-1]


def see_zones(c):
    rows = c("ec2").describe_availability_zones()["AvailabilityZones"]
    assert [z["ZoneName"] for z in rows] == [f"us-east-1{x}" for x in "abcdef"] and len({z["ZoneId"] for z in rows}) == 6
    one = c("ec2").describe_availability_zones(Filters=[{"Name": "zone-name", "Values": ["us-east-1b", "us-east-1c"]}, {"Name": "state", "Values": ["available"]}])
    assert len(one["AvailabilityZones"]) == 2
    code, status, _ = refused(c("ec2").describe_availability_zones, ZoneNames=["us-east-1z"])
    assert (code, status) == ("InvalidParameterValue", 400)
    assert refused(c("ec2").describe_availability_zones, DryRun=True)[:2] == ("DryRunOperation", 412)


def see_cluster(c):
    cluster = c("eks").describe_cluster(name="innovate-prod")["cluster"]
    assert cluster["status"] == "ACTIVE" and re.fullmatch(r"http://127\.0\.0\.1:\d+/k8s/333333333333/innovate-prod", cluster["endpoint"])
    assert cluster["createdAt"] < now() and re.fullmatch(r"1\.\d+", cluster["version"]) and len(cluster["resourcesVpcConfig"]["subnetIds"]) == 2
    assert cluster["resourcesVpcConfig"]["endpointPrivateAccess"] and "0.0.0.0/0" not in cluster["resourcesVpcConfig"]["publicAccessCidrs"]
    on = [kind for setup in cluster["logging"]["clusterLogging"] if setup["enabled"] for kind in setup["types"]]
    assert on == ["api", "audit", "authenticator"] and cluster["encryptionConfig"][0]["resources"] == ["secrets"]
    assert re.fullmatch(r"https://oidc\.eks\.us-east-1\.amazonaws\.com/id/[0-9A-F]{32}", cluster["identity"]["oidc"]["issuer"])
    assert refused(c("eks").describe_cluster, name="none")[:2] == ("ResourceNotFoundException", 404)


def see_cluster_versions(c):
    [row] = c("eks").describe_cluster_versions(clusterVersions=["1.34"])["clusterVersions"]
    assert row["clusterVersion"] == "1.34" and row["versionStatus"] == "STANDARD_SUPPORT" and row["endOfStandardSupportDate"] > now()
    assert c("eks").describe_cluster_versions(clusterVersions=["1.1"])["clusterVersions"] == []


def see_fargate_profiles(c):
    assert c("eks").list_fargate_profiles(clusterName="innovate-prod")["fargateProfileNames"] == ["applications"]
    assert refused(c("eks").list_fargate_profiles, clusterName="none")[:2] == ("ResourceNotFoundException", 404)


def see_fargate_profile(c):
    profile = c("eks").describe_fargate_profile(clusterName="innovate-prod", fargateProfileName="applications")["fargateProfile"]
    assert profile["status"] == "ACTIVE" and profile["selectors"] == [{"namespace": "innovate"}] and len(profile["subnets"]) == 2
    assert refused(c("eks").describe_fargate_profile, clusterName="innovate-prod", fargateProfileName="x")[:2] == ("ResourceNotFoundException", 404)


def see_addons(c):
    pages = list(c("eks").get_paginator("list_addons").paginate(clusterName="innovate-prod", PaginationConfig={"PageSize": 3}))
    assert [len(p["addons"]) for p in pages] == [3, 1] and pages[0]["addons"][0] == "vpc-cni"


def see_addon(c):
    addon = c("eks").describe_addon(clusterName="innovate-prod", addonName="coredns")["addon"]
    assert addon["status"] == "ACTIVE" and addon["health"] == {"issues": []} and addon["addonVersion"].startswith("v1.")
    assert refused(c("eks").describe_addon, clusterName="innovate-prod", addonName="x")[:2] == ("ResourceNotFoundException", 404)


def see_clusters(c):
    assert c("eks").list_clusters()["clusters"] == ["innovate-prod"] and c("eks", "root").list_clusters()["clusters"] == []


def see_organization(c):
    for account in ACCOUNTS:
        o = c("organizations", account).describe_organization()["Organization"]
        assert o["FeatureSet"] == "ALL" and o["MasterAccountId"] == ACCOUNTS["root"]
        assert o["AvailablePolicyTypes"] == [{"Type": SCP, "Status": "ENABLED"}]


def see_accounts(c):
    rows = c("organizations", "root").list_accounts()["Accounts"]
    assert {r["Name"]: r["Id"] for r in rows} == ACCOUNTS and {r["Status"] for r in rows} == {"ACTIVE"}
    assert all(r["JoinedTimestamp"] < now() and r["Arn"].endswith(r["Id"]) and "@" in r["Email"] for r in rows)
    assert refused(c("organizations", "dev").list_accounts)[0] == "AccessDeniedException"


def see_policies(c):
    rows = {p["Name"]: p for p in c("organizations", "root").list_policies(Filter=SCP)["Policies"]}
    assert rows["FullAWSAccess"]["AwsManaged"] and not rows["DenyLeavingOrganization"]["AwsManaged"] and len(rows) == 5
    assert c("organizations", "root").list_policies(Filter="TAG_POLICY")["Policies"] == []
    assert refused(c("organizations", "root").list_policies, Filter="NONSENSE")[0] == "InvalidInputException"


def see_targets(c):
    targets = {t["TargetId"]: t for t in c("organizations", "root").list_targets_for_policy(PolicyId="p-FullAWSAccess")["Targets"]}
    assert targets["r-q1w2"]["Type"] == "ROOT" and targets[ACCOUNTS["prod"]]["Name"] == "prod" and targets[ACCOUNTS["dev"]]["Type"] == "ACCOUNT"
    assert refused(c("organizations", "root").list_targets_for_policy, PolicyId="p-none")[0] == "PolicyNotFoundException"


def see_backups(c):
    (home,) = c("rds").describe_db_instance_automated_backups()["DBInstanceAutomatedBackups"]
    (away,) = c("rds", region="us-west-2").describe_db_instance_automated_backups(DBInstanceIdentifier="innovate-prod")["DBInstanceAutomatedBackups"]
    assert (home["Status"], away["Status"], away["Encrypted"], away["BackupRetentionPeriod"]) == ("active", "replicating", True, 7)
    assert home["DBInstanceAutomatedBackupsReplications"] == [{"DBInstanceAutomatedBackupsArn": away["DBInstanceAutomatedBackupsArn"]}]
    assert fresh(away["RestoreWindow"]["LatestTime"], 1200) and away["RestoreWindow"]["EarliestTime"] < now() - dt.timedelta(days=6)
    assert c("rds", "dev", region="us-west-2").describe_db_instance_automated_backups()["DBInstanceAutomatedBackups"] == []


def see_instances(c):
    (p,) = c("rds").describe_db_instances()["DBInstances"]
    (d,) = c("rds", "dev").describe_db_instances(DBInstanceIdentifier="innovate-dev")["DBInstances"]
    assert (p["MultiAZ"], p["AvailabilityZone"], p["SecondaryAvailabilityZone"]) == (True, "us-east-1a", "us-east-1b")
    assert (d["MultiAZ"], d["AvailabilityZone"]) == (False, "us-east-1a") and "SecondaryAvailabilityZone" not in d
    assert p["BackupRetentionPeriod"] == 7 and p["StorageEncrypted"] and p["DBInstanceStatus"] == "available" and p["Endpoint"]["Port"] == 5432
    assert p["DBInstanceArn"] == "arn:aws:rds:us-east-1:333333333333:db:innovate-prod" and fresh(p["LatestRestorableTime"], 420)
    assert [s["SubnetAvailabilityZone"]["Name"] for s in p["DBSubnetGroup"]["Subnets"]] == ["us-east-1a", "us-east-1b"]
    assert c("rds").describe_db_instances(Filters=[{"Name": "engine", "Values": ["mysql", "mariadb"]}])["DBInstances"] == []
    assert c("rds", region="us-west-2").describe_db_instances()["DBInstances"] == []
    assert refused(c("rds").describe_db_instances, DBInstanceIdentifier="none")[:2] == ("DBInstanceNotFound", 404)


def see_events(c):
    rows = c("rds").describe_events(SourceType="db-instance", SourceIdentifier="innovate-prod", Duration=14 * 1440)["Events"]
    assert rows == sorted(rows, key=lambda r: r["Date"]) and {r["SourceIdentifier"] for r in rows} == {"innovate-prod"}
    assert sum("Finished DB instance backup" == r["Message"] for r in rows) in (13, 14, 15)
    failover = c("rds").describe_events(Duration=14 * 1440, EventCategories=["failover"])["Events"]
    assert [r["Message"] for r in failover] == ["Multi-AZ instance failover started.", "DB instance restarted", "Multi-AZ instance failover completed"]
    assert refused(c("rds").describe_events, SourceIdentifier="innovate-prod")[0] == "InvalidParameterCombination"
    start = failover[1]["Date"]
    assert c("rds").describe_events(StartTime=start, EndTime=start)["Events"][0]["Message"] == "DB instance restarted"


def see_role_credentials(c):
    keys = unsigned(c, "sso").get_role_credentials(roleName="TrivetReader", accountId=ACCOUNTS["dev"], accessToken="trivet-sim-access-token")["roleCredentials"]
    who = c.sim.session(keys["accessKeyId"], keys["secretAccessKey"], keys["sessionToken"]).client("sts").get_caller_identity()
    assert who["Account"] == ACCOUNTS["dev"] and keys["expiration"] / 1000 > time.time()
    sso = unsigned(c, "sso")
    assert refused(sso.get_role_credentials, roleName="TrivetReader", accountId=ACCOUNTS["dev"], accessToken="x")[:2] == ("UnauthorizedException", 401)
    assert refused(sso.get_role_credentials, roleName="None", accountId=ACCOUNTS["dev"], accessToken="trivet-sim-access-token")[:2] == ("ResourceNotFoundException", 404)


def see_token(c):
    ask = dict(clientId="trivet-sim-client", clientSecret="trivet-sim-client-secret", grantType="refresh_token", refreshToken="trivet-sim-refresh-token")
    token = unsigned(c, "sso-oidc").create_token(**ask)
    assert token["accessToken"] and token["tokenType"] == "Bearer" and token["expiresIn"] == 28800
    assert refused(unsigned(c, "sso-oidc").create_token, **{**ask, "refreshToken": "x"})[:2] == ("InvalidGrantException", 400)
    assert refused(unsigned(c, "sso-oidc").create_token, **{**ask, "clientSecret": "x"})[:2] == ("InvalidClientException", 401)


def see_assume_role(c):
    for name, account in ACCOUNTS.items():
        answer = c("sts", "user").assume_role(RoleArn=f"arn:aws:iam::{account}:role/TrivetReader", RoleSessionName="night.shift", DurationSeconds=900)
        keys, user = answer["Credentials"], answer["AssumedRoleUser"]
        assert keys["AccessKeyId"].startswith("ASIA") and 890 < (keys["Expiration"] - now()).total_seconds() < 901
        assert user["Arn"] == f"arn:aws:sts::{account}:assumed-role/TrivetReader/night.shift"
        who = c.sim.session(keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"]).client("sts").get_caller_identity()
        assert (who["Account"], who["Arn"], who["UserId"]) == (account, user["Arn"], user["AssumedRoleId"])


def see_web_identity(c):
    ask = dict(RoleArn="arn:aws:iam::111111111111:role/TrivetPipeline", RoleSessionName="ci", WebIdentityToken="trivet-sim-web-identity-token")
    answer = unsigned(c, "sts").assume_role_with_web_identity(**ask)
    keys = answer["Credentials"]
    assert answer["Audience"] == "sts.amazonaws.com" and answer["SubjectFromWebIdentityToken"].startswith("repo:innovate/webapp")
    assert c.sim.session(keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"]).client("sts").get_caller_identity()["Account"] == ACCOUNTS["root"]
    assert refused(unsigned(c, "sts").assume_role_with_web_identity, **{**ask, "WebIdentityToken": "else"})[:2] == ("InvalidIdentityToken", 400)


def see_caller(c):
    who = c("sts", "user").get_caller_identity()
    assert (who["Account"], who["Arn"]) == (ACCOUNTS["root"], "arn:aws:iam::111111111111:user/oncall")


def see_samples(c):
    ask = dict(WebAclArn=acl(c)["ARN"], Scope="CLOUDFRONT", MaxItems=200, TimeWindow=window(170))
    answer = c("wafv2").get_sampled_requests(RuleMetricName=COMMON, **ask)
    rows = answer["SampledRequests"]
    assert 150 < len(rows) <= 200 < answer["PopulationSize"] and {r["Action"] for r in rows} == {"BLOCK"}
    assert all(ask["TimeWindow"]["StartTime"] <= r["Timestamp"] <= ask["TimeWindow"]["EndTime"] and r["Weight"] >= 1 for r in rows)
    assert any("\x1b[2J" in r["Request"]["URI"] for r in rows), "hostile bytes come as they were sent"
    assert any("\u202e" in h["Value"] for r in rows for h in r["Request"]["Headers"]) and any(len(r["Request"]["URI"]) > 250 for r in rows)
    assert rows[0]["RuleNameWithinRuleGroup"].startswith(f"AWS#{COMMON}#") and len({r["Request"]["ClientIP"] for r in rows}) > 20
    assert {r["Action"] for r in c("wafv2").get_sampled_requests(RuleMetricName="innovate-edge", **ask)["SampledRequests"]} == {"ALLOW"}
    rows = c("wafv2").get_sampled_requests(RuleMetricName="BlockedAddresses", **ask)["SampledRequests"]
    blocked = [(r["Request"]["ClientIP"], r["Request"]["Country"]) for r in rows]
    assert 1 < len({ip for ip, _ in blocked}) == len(set(blocked)) < len(blocked), "an address stays in its country"
    assert refused(c("wafv2").get_sampled_requests, RuleMetricName="none", **ask)[0] == "WAFNonexistentItemException"
    assert refused(c("wafv2").get_sampled_requests, RuleMetricName=COMMON, **{**ask, "MaxItems": 501})[0] == "WAFInvalidParameterException"


def see_web_acl(c):
    row = acl(c)
    answer = c("wafv2").get_web_acl(Name=row["Name"], Id=row["Id"], Scope="CLOUDFRONT")
    rules = {r["Name"]: r for r in answer["WebACL"]["Rules"]}
    assert rules["RateLimit"]["Statement"]["RateBasedStatement"]["Limit"] == 2000 and rules["RateLimit"]["Action"] == {"Block": {}}
    assert rules[COMMON]["Statement"]["ManagedRuleGroupStatement"] == {"VendorName": "AWS", "Name": COMMON} and rules["CountBots"]["OverrideAction"] == {"Count": {}}
    assert answer["LockToken"] == row["LockToken"] and answer["WebACL"]["DefaultAction"] == {"Allow": {}}
    assert c("wafv2").get_web_acl(ARN=row["ARN"])["WebACL"]["Id"] == row["Id"]
    assert refused(c("wafv2").get_web_acl, Name="x", Id=row["Id"], Scope="CLOUDFRONT")[0] == "WAFNonexistentItemException"


def see_web_acls(c):
    assert acl(c)["Name"] == "innovate-edge" and c("wafv2").list_web_acls(Scope="REGIONAL")["WebACLs"] == []
    assert c("wafv2", "dev").list_web_acls(Scope="CLOUDFRONT")["WebACLs"] == []
    assert refused(c("wafv2", region="us-west-2").list_web_acls, Scope="CLOUDFRONT")[0] == "WAFInvalidParameterException"


def see_node_groups(c):
    assert c("eks").list_nodegroups(clusterName="innovate-prod")["nodegroups"] == ["addons"]
    assert refused(c("eks").list_nodegroups, clusterName="innovate-dev")[:2] == ("ResourceNotFoundException", 404)


def see_node_group(c):
    group = c("eks").describe_nodegroup(clusterName="innovate-prod", nodegroupName="addons")["nodegroup"]
    assert group["status"] == "ACTIVE" and group["scalingConfig"] == {"minSize": 2, "maxSize": 4, "desiredSize": 2} and group["health"] == {"issues": []}
    assert group["nodegroupArn"].startswith("arn:aws:eks:us-east-1:333333333333:nodegroup/innovate-prod/addons/")
    assert refused(c("eks").describe_nodegroup, clusterName="innovate-prod", nodegroupName="x")[:2] == ("ResourceNotFoundException", 404)


def see_update(c):
    assert refused(c("eks").describe_update, name="innovate-prod", nodegroupName="addons", updateId="none")[:2] == ("ResourceNotFoundException", 404)


def see_maintenance(c):
    assert c("rds").describe_pending_maintenance_actions()["PendingMaintenanceActions"] == []
    answer = refused(c("rds").describe_pending_maintenance_actions, ResourceIdentifier="arn:aws:rds:us-east-1:333333333333:db:none")
    assert answer[:2] == ("ResourceNotFoundFault", 404)


def see_ip_sets(c):
    row = c("wafv2").list_ip_sets(Scope="CLOUDFRONT")["IPSets"][0]
    assert row["Name"] == "innovate-blocked" and row["ARN"].endswith(f":global/ipset/innovate-blocked/{row['Id']}") and row["LockToken"]
    assert c("wafv2").list_ip_sets(Scope="REGIONAL")["IPSets"] == []


def see_ip_set(c):
    row = c("wafv2").list_ip_sets(Scope="CLOUDFRONT")["IPSets"][0]
    answer = c("wafv2").get_ip_set(Name=row["Name"], Id=row["Id"], Scope="CLOUDFRONT")
    assert answer["IPSet"]["Addresses"] == ["203.0.113.77/32", "198.51.100.48/28"] and answer["IPSet"]["IPAddressVersion"] == "IPV4"
    assert answer["LockToken"] == row["LockToken"]
    rules = {r["Name"]: r for r in c("wafv2").get_web_acl(Name="innovate-edge", Id=acl(c)["Id"], Scope="CLOUDFRONT")["WebACL"]["Rules"]}
    assert rules["BlockedAddresses"]["Statement"]["IPSetReferenceStatement"]["ARN"] == row["ARN"]
    assert refused(c("wafv2").get_ip_set, Name="x", Id=row["Id"], Scope="CLOUDFRONT")[0] == "WAFNonexistentItemException"


def see_schedules(c):
    """As the profile's plan says; what would stop it tonight waits if it is night already."""
    names = [s["Name"] for s in c("scheduler", "dev").list_schedules()["Schedules"]]
    assert names == ["trivet-dev-start-database-innovate-dev", "trivet-dev-start-nodes-addons", "trivet-dev-stop-database-innovate-dev", "trivet-dev-stop-nodes-addons"]
    assert c("scheduler", "prod").list_schedules()["Schedules"] == []
    stop, start = (c("scheduler", "dev").get_schedule(Name=f"trivet-dev-{does}-database-innovate-dev") for does in ("stop", "start"))
    there = dt.datetime.now(dt.timezone.utc).astimezone(zoneinfo.ZoneInfo(stop["ScheduleExpressionTimezone"]))
    awake = there.weekday() < 5 and 8 <= there.hour < 20
    assert ("StartDate" in stop) == (not awake) and "StartDate" not in start


def see_schedule(c):
    assert refused(c("scheduler", "dev").get_schedule, Name="none")[:2] == ("ResourceNotFoundException", 404)


def see_repositories(c):
    rows = {r["repositoryName"]: r for r in c("ecr", "root").describe_repositories()["repositories"]}
    assert set(rows) >= {"backend", "frontend", "mirror/coredns"} and rows["backend"]["imageTagMutability"] == "IMMUTABLE_WITH_EXCLUSION"
    assert rows["backend"]["imageTagMutabilityExclusionFilters"] == [{"filterType": "WILDCARD", "filter": f} for f in ("cache-*", "*-latest")]
    assert [r["repositoryName"] for r in c("ecr", "root").describe_repositories(repositoryNames=["frontend"])["repositories"]] == ["frontend"]
    assert refused(c("ecr", "root").describe_repositories, repositoryNames=["none"])[0] == "RepositoryNotFoundException"


def see_images(c):
    pages = list(c("ecr", "root").get_paginator("describe_images").paginate(repositoryName="backend", PaginationConfig={"PageSize": 3}))
    rows = [i for page in pages for i in page["imageDetails"]]
    assert [len(p["imageDetails"]) for p in pages] == [3, 3, 1] and len({i["imageDigest"] for i in rows}) == 7
    newest = max(rows, key=lambda i: i["imagePushedAt"])
    assert newest["imageTags"] == ["sha-a609f80", "dev-latest"] and newest["imageScanStatus"]["status"] == "COMPLETE"
    assert newest["imageScanFindingsSummary"]["findingSeverityCounts"] == {"MEDIUM": 1, "LOW": 1}
    released = c("ecr", "root").describe_images(repositoryName="backend", imageIds=[{"imageTag": "v1.42.0"}])["imageDetails"]
    assert [i["imageTags"] for i in released] == [["sha-8fd6cad", "v1.42.0", "prod-latest"]]
    code, status, message = refused(c("ecr", "root").describe_images, repositoryName="backend", imageIds=[{"imageTag": "v9"}])
    assert (code, status) == ("ImageNotFoundException", 400) and "imageTag:'v9'" in message
    assert refused(c("ecr").describe_images, repositoryName="backend", registryId=ACCOUNTS["root"])[0] == "AccessDeniedException"
    assert refused(c("ecr").describe_images, repositoryName="backend")[0] == "RepositoryNotFoundException"


def see_scan(c):
    ask = dict(repositoryName="backend", imageId={"imageTag": "sha-16497cd"})
    answer = c("ecr", "root").describe_image_scan_findings(**ask)
    assert answer["imageScanFindings"]["findingSeverityCounts"]["CRITICAL"] == 1 and answer["imageId"]["imageTag"] == "sha-16497cd"
    assert {f["severity"] for f in answer["imageScanFindings"]["findings"]} == {"CRITICAL", "MEDIUM", "LOW"}
    pages = list(c("ecr", "root").get_paginator("describe_image_scan_findings").paginate(**ask, PaginationConfig={"PageSize": 2}))
    assert [len(p["imageScanFindings"]["findings"]) for p in pages] == [2, 1]


def see_lifecycle(c):
    assert json.loads(c("ecr", "root").get_lifecycle_policy(repositoryName="backend")["lifecyclePolicyText"])["rules"]
    assert refused(c("ecr", "root").get_lifecycle_policy, repositoryName="none")[0] == "RepositoryNotFoundException"


def see_scan_rules(c):
    assert c("ecr", "root").get_registry_scanning_configuration()["scanningConfiguration"] == {"scanType": "BASIC", "rules": []}


def see_repository_policy(c):
    policy = json.loads(c("ecr", "root").get_repository_policy(repositoryName="backend")["policyText"])
    assert f"arn:aws:iam::{ACCOUNTS['prod']}:root" in policy["Statement"][0]["Principal"]["AWS"]
    assert refused(c("ecr", "root").get_repository_policy, repositoryName="none")[0] == "RepositoryNotFoundException"


def see_pipelines(c):
    assert [p["name"] for p in c("codepipeline").list_pipelines()["pipelines"]] == ["innovate-infrastructure"]
    assert c("codepipeline", "dev").list_pipelines()["pipelines"] == []


def see_pipeline(c):
    state = c("codepipeline").get_pipeline_state(name="innovate-infrastructure")
    assert [(s["stageName"], s["latestExecution"]["status"]) for s in state["stageStates"]] == [
        ("Source", "Succeeded"), ("Approve", "InProgress"), ("Deploy", "Succeeded")]
    assert state["stageStates"][1]["actionStates"][0]["latestExecution"]["token"]
    assert refused(c("codepipeline").get_pipeline_state, name="none")[0] == "PipelineNotFoundException"


def see_invalidation(c):
    assert refused(c("cloudfront").get_invalidation, DistributionId="E2INNOVATE0EDG", Id="INONE")[:2] == ("NoSuchInvalidation", 404)
    assert refused(c("cloudfront").get_invalidation, DistributionId="E0", Id="INONE")[:2] == ("NoSuchDistribution", 404)


def see_vpcs(c):
    (vpc,) = c("ec2").describe_vpcs()["Vpcs"]
    assert vpc["CidrBlock"] == "10.0.0.0/16" and not vpc["IsDefault"] and vpc["State"] == "available"
    assert vpc["Tags"] == [{"Key": "Name", "Value": "innovate-prod"}] and c("ec2", "root").describe_vpcs()["Vpcs"] == []
    assert refused(c("ec2").describe_vpcs, VpcIds=["vpc-none"])[:2] == ("InvalidVpcID.NotFound", 400)
    assert c("ec2", region="us-west-2").describe_vpcs()["Vpcs"] == []


def see_subnets(c):
    rows = {s["CidrBlock"]: s for s in c("ec2").describe_subnets()["Subnets"]}
    assert set(rows) == {"10.0.11.0/24", "10.0.12.0/24", "10.0.21.0/24", "10.0.22.0/24"} and not any(s["MapPublicIpOnLaunch"] for s in rows.values())
    assert rows["10.0.12.0/24"]["AvailabilityZone"] == "us-east-1b" and rows["10.0.11.0/24"]["AvailableIpAddressCount"] == 235
    one = c("ec2").describe_subnets(Filters=[{"Name": "availability-zone", "Values": ["us-east-1a"]}, {"Name": "vpc-id", "Values": [rows["10.0.11.0/24"]["VpcId"]]}])
    assert len(one["Subnets"]) == 2 and c("ec2").describe_subnets(Filters=[{"Name": "vpc-id", "Values": ["vpc-x"]}])["Subnets"] == []
    (db,) = c("rds").describe_db_instances()["DBInstances"]
    assert {s["SubnetIdentifier"] for s in db["DBSubnetGroup"]["Subnets"]} == {rows[k]["SubnetId"] for k in ("10.0.21.0/24", "10.0.22.0/24")}
    assert set(c("eks").describe_cluster(name="innovate-prod")["cluster"]["resourcesVpcConfig"]["subnetIds"]) == {
        rows[k]["SubnetId"] for k in ("10.0.11.0/24", "10.0.12.0/24")}


def see_routes(c):
    tables = c("ec2").describe_route_tables()["RouteTables"]
    assert len(tables) == 3 and sum(a["Main"] for t in tables for a in t["Associations"]) == 1
    assert {r.get("GatewayId", "")[:5] for t in tables for r in t["Routes"]} == {"local", "vpce-"}
    assert len({a["SubnetId"] for t in tables for a in t["Associations"] if not a["Main"]}) == 4


def see_endpoints(c):
    rows = {e["ServiceName"]: e for e in c("ec2").describe_vpc_endpoints()["VpcEndpoints"]}
    assert set(rows) == {f"com.amazonaws.us-east-1.{s}" for s in ("ecr.dkr", "ecr.api", "secretsmanager", "logs", "s3")}
    s3, ecr = rows["com.amazonaws.us-east-1.s3"], rows["com.amazonaws.us-east-1.ecr.dkr"]
    assert (s3["VpcEndpointType"], ecr["VpcEndpointType"], ecr["PrivateDnsEnabled"], ecr["State"]) == ("Gateway", "Interface", True, "available")
    assert s3["RouteTableIds"] and len(ecr["SubnetIds"]) == 2 and ecr["Groups"][0]["GroupId"].startswith("sg-")


def see_acls(c):
    acls = c("ec2").describe_network_acls()["NetworkAcls"]
    assert len(acls) == 3 and sum(a["IsDefault"] for a in acls) == 1
    assert len({a["SubnetId"] for acl in acls if not acl["IsDefault"] for a in acl["Associations"]}) == 4
    ends = [e for acl in acls for e in acl["Entries"] if e["RuleNumber"] == 32767]
    assert len(ends) == 6 and {e["RuleAction"] for e in ends} == {"deny"}
    (db,) = [a for a in acls if a["Tags"] and a["Tags"][0]["Value"] == "innovate-prod-db"]
    assert {(e["Protocol"], e["PortRange"]["From"]) for e in db["Entries"] if e["RuleAction"] == "allow" and not e["Egress"]} == {("6", 5432)}


def see_groups(c):
    groups = {g["GroupName"]: g for g in c("ec2").describe_security_groups()["SecurityGroups"]}
    (rule,) = groups["innovate-prod-database"]["IpPermissions"]
    assert (rule["FromPort"], rule["ToPort"], rule["IpProtocol"], rule["IpRanges"]) == (5432, 5432, "tcp", [])
    assert [g["GroupId"] for g in rule["UserIdGroupPairs"]] == [groups["innovate-prod-backend"]["GroupId"]]
    assert c("rds").describe_db_instances()["DBInstances"][0]["VpcSecurityGroups"] == [
        {"VpcSecurityGroupId": groups["innovate-prod-database"]["GroupId"], "Status": "active"}]
    (all_of_it,) = groups["CloudFront-VPCOrigins-Service-SG"]["IpPermissionsEgress"]
    assert all_of_it["IpProtocol"] == "-1" and "FromPort" not in all_of_it and all_of_it["IpRanges"] == [{"CidrIp": "0.0.0.0/0"}]
    assert len(c("ec2").describe_security_groups(Filters=[{"Name": "group-name", "Values": ["default"]}])["SecurityGroups"]) == 1
    assert refused(c("ec2").describe_security_groups, GroupIds=["sg-none"])[0] == "InvalidGroup.NotFound"


def see_ec2_instances(c):
    rows = [i for r in c("ec2").describe_instances()["Reservations"] for i in r["Instances"]]
    assert len(rows) == 2 and {i["State"]["Name"] for i in rows} == {"running"} and {i["Placement"]["AvailabilityZone"] for i in rows} == {"us-east-1a", "us-east-1b"}
    assert all(i["PrivateIpAddress"].startswith("10.0.1") and i["LaunchTime"] < now() for i in rows)
    assert c("ec2", "root").describe_instances()["Reservations"] == []
    assert refused(c("ec2").describe_instances, InstanceIds=["i-none"])[0] == "InvalidInstanceID.NotFound"


def see_interfaces(c):
    ec2 = c("ec2")
    rows = ec2.describe_network_interfaces()["NetworkInterfaces"]
    groups = {g["GroupName"]: g["GroupId"] for g in ec2.describe_security_groups()["SecurityGroups"]}
    of = {name: [r for r in rows if group in [g["GroupId"] for g in r["Groups"]]] for name, group in groups.items()}
    assert len(of["innovate-prod-backend"]) == 6 and len(of["innovate-prod-frontend"]) == 4
    assert [r["Description"][:8] for r in of["innovate-prod-alb"]] == ["ELB app/"] * 2
    assert {r["AvailabilityZone"] for r in of["innovate-prod-database"]} == {"us-east-1a", "us-east-1b"}
    assert all(r["Description"].startswith("VPC Endpoint Interface vpce-") for r in of["innovate-prod-endpoints"])
    nodes = {i["PrivateIpAddress"]: i["InstanceId"] for r in ec2.describe_instances()["Reservations"] for i in r["Instances"]}
    assert {r["PrivateIpAddress"]: r["Attachment"]["InstanceId"] for r in rows if "Attachment" in r} == nodes
    assert all(len(r["PrivateIpAddresses"]) > 1 for r in rows if "Attachment" in r)  # the pods that share the node's
    assert len({r["PrivateIpAddress"] for r in rows}) == len(rows) == len({r["NetworkInterfaceId"] for r in rows})
    assert ec2.describe_network_interfaces(NetworkInterfaceIds=[rows[0]["NetworkInterfaceId"]])["NetworkInterfaces"][0]["SubnetId"] == rows[0]["SubnetId"]
    assert refused(ec2.describe_network_interfaces, NetworkInterfaceIds=["eni-none"])[0] == "InvalidNetworkInterfaceID.NotFound"


def see_ebs(c):
    for account in ACCOUNTS:
        assert c("ec2", account).get_ebs_encryption_by_default()["EbsEncryptionByDefault"] is True


def balancer(c, account="prod"):
    (b,) = c("elbv2", account).describe_load_balancers()["LoadBalancers"]
    return b


def see_balancers(c):
    b = balancer(c)
    assert (b["Scheme"], b["Type"], b["State"]["Code"]) == ("internal", "application", "active") and b["DNSName"].startswith("internal-innovate-")
    assert [z["ZoneName"] for z in b["AvailabilityZones"]] == ["us-east-1a", "us-east-1b"] and len(b["SecurityGroups"]) == 1
    assert c("elbv2", "root").describe_load_balancers()["LoadBalancers"] == []
    assert refused(c("elbv2").describe_load_balancers, Names=["none"])[:2] == ("LoadBalancerNotFound", 400)


def see_balancer_attributes(c):
    attributes = {a["Key"]: a["Value"] for a in c("elbv2").describe_load_balancer_attributes(LoadBalancerArn=balancer(c)["LoadBalancerArn"])["Attributes"]}
    assert attributes["load_balancing.cross_zone.enabled"] == "true"
    assert refused(c("elbv2").describe_load_balancer_attributes, LoadBalancerArn="arn:x")[0] == "LoadBalancerNotFound"


def listener(c):
    (one,) = c("elbv2").describe_listeners(LoadBalancerArn=balancer(c)["LoadBalancerArn"])["Listeners"]
    return one


def see_listeners(c):
    one = listener(c)
    assert (one["Protocol"], one["Port"]) == ("HTTPS", 443) and one["DefaultActions"][0]["FixedResponseConfig"]["StatusCode"] == "403"
    assert c("elbv2").describe_listeners(ListenerArns=[one["ListenerArn"]])["Listeners"] == [one]
    assert refused(c("elbv2").describe_listeners)[0] == "ValidationError"


def see_rules(c):
    rules = c("elbv2").describe_rules(ListenerArn=listener(c)["ListenerArn"])["Rules"]
    assert [r["Priority"] for r in rules] == ["10", "20", "default"] and [r["IsDefault"] for r in rules] == [False, False, True]
    by_field = {x["Field"]: x for x in rules[0]["Conditions"]}
    assert by_field["path-pattern"]["PathPatternConfig"]["Values"] == ["/api/*"] and by_field["http-header"]["HttpHeaderConfig"]["HttpHeaderName"] == "X-Origin-Verify"
    assert rules[0]["Actions"][0]["TargetGroupArn"] == rules[0]["Actions"][0]["ForwardConfig"]["TargetGroups"][0]["TargetGroupArn"]
    assert refused(c("elbv2").describe_rules, ListenerArn="arn:x")[0] == "ListenerNotFound"


def see_target_group_attributes(c):
    for g in c("elbv2").describe_target_groups()["TargetGroups"]:
        attributes = {a["Key"]: a["Value"] for a in c("elbv2").describe_target_group_attributes(TargetGroupArn=g["TargetGroupArn"])["Attributes"]}
        assert attributes["load_balancing.cross_zone.enabled"] == "use_load_balancer_configuration"
    assert refused(c("elbv2").describe_target_group_attributes, TargetGroupArn="arn:x")[0] == "TargetGroupNotFound"


def see_target_groups(c):
    groups = c("elbv2").describe_target_groups(LoadBalancerArn=balancer(c)["LoadBalancerArn"])["TargetGroups"]
    assert [(g["HealthCheckPath"], g["TargetType"], g["Port"]) for g in groups] == [("/health", "ip", 8000), ("/health", "ip", 80)]
    assert all(g["LoadBalancerArns"] == [balancer(c)["LoadBalancerArn"]] for g in groups)
    assert refused(c("elbv2").describe_target_groups, Names=["none"])[0] == "TargetGroupNotFound"


def see_target_health(c):
    for g in c("elbv2").describe_target_groups()["TargetGroups"]:
        rows = c("elbv2").describe_target_health(TargetGroupArn=g["TargetGroupArn"])["TargetHealthDescriptions"]
        assert {r["TargetHealth"]["State"] for r in rows} == {"healthy"} and len(rows) >= 4 and {r["Target"]["Port"] for r in rows} == {g["Port"]}
        for zone, start in (("us-east-1a", "10.0.11."), ("us-east-1b", "10.0.12.")):
            assert any(r["Target"]["Id"].startswith(start) for r in rows if r["Target"]["AvailabilityZone"] == zone)
    assert refused(c("elbv2").describe_target_health, TargetGroupArn="arn:x")[0] == "TargetGroupNotFound"


def see_certificate(c):
    arn = listener(c)["Certificates"][0]["CertificateArn"]
    certificate = c("acm").describe_certificate(CertificateArn=arn)["Certificate"]
    assert certificate["Status"] == "ISSUED" and dt.timedelta(days=30) < certificate["NotAfter"] - now() < dt.timedelta(days=395)
    assert refused(c("acm").describe_certificate, CertificateArn=arn[:-1])[:2] == ("ResourceNotFoundException", 400)


TARGET = {"Arn": "arn:aws:scheduler:::aws-sdk:rds:stopDBInstance", "RoleArn": "arn:aws:iam::222222222222:role/TrivetScheduler", "Input": "{}"}
SCHEDULE = {"Name": "x", "ScheduleExpression": "rate(1 days)", "FlexibleTimeWindow": {"Mode": "OFF"}, "Target": TARGET}
WRITES = {
    ("cloudfront", "CreateInvalidation"): dict(DistributionId="E0", InvalidationBatch={"CallerReference": "x", "Paths": {"Quantity": 1, "Items": ["/"]}}),
    ("codepipeline", "PutApprovalResult"): dict(pipelineName="x", stageName="x", actionName="x", token="0" * 36, result={"summary": "x", "status": "Approved"}),
    ("eks", "UpdateNodegroupConfig"): dict(clusterName="x", nodegroupName="x"), ("rds", "RebootDBInstance"): dict(DBInstanceIdentifier="x"),
    ("rds", "StartDBInstance"): dict(DBInstanceIdentifier="x"), ("rds", "StopDBInstance"): dict(DBInstanceIdentifier="x"),
    ("scheduler", "CreateSchedule"): SCHEDULE, ("scheduler", "UpdateSchedule"): SCHEDULE, ("scheduler", "DeleteSchedule"): dict(Name="x"),
    ("ce", "CreateAnomalySubscription"): dict(AnomalySubscription={"MonitorArnList": ["arn:aws:ce::111111111111:anomalymonitor/x"], "Subscribers": [],
                                                                    "Frequency": "DAILY", "SubscriptionName": "x"}),
    ("ce", "DeleteAnomalySubscription"): dict(SubscriptionArn="x"), ("eks", "UpdateClusterConfig"): dict(name="x"),
    ("iam", "AttachRolePolicy"): dict(RoleName="x", PolicyArn="arn:aws:iam::aws:policy/x"),
    ("iam", "DetachRolePolicy"): dict(RoleName="x", PolicyArn="arn:aws:iam::aws:policy/x"),
    ("wafv2", "PutLoggingConfiguration"): dict(LoggingConfiguration={"ResourceArn": "arn:aws:wafv2:us-east-1:1:x",
                                                                     "LogDestinationConfigs": ["arn:aws:logs:us-east-1:1:x"]}),
    ("wafv2", "DeleteLoggingConfiguration"): dict(ResourceArn="arn:aws:wafv2:us-east-1:1:x"),
    ("wafv2", "UpdateIPSet"): dict(Name="x", Scope="CLOUDFRONT", Id="x", Addresses=[], LockToken="x"),
}


def see_reader_denied(operation):
    """What changes something: the reader may not. What it does is test_sim_actions.py's."""
    def see(c):
        method = getattr(c(operation[0], "dev"), botocore.xform_name(operation[1]))
        code, _, message = refused(method, **WRITES[operation])
        assert code in ("AccessDenied", "AccessDeniedException") and f"{operation[0]}:{operation[1]}" in message and "no identity-based policy" in message
    return see


def see_summary(c):
    summary = c("iam", "root").get_account_summary()["SummaryMap"]
    assert summary["AccountMFAEnabled"] == 1 and summary["AccountAccessKeysPresent"] == 0 and summary["Users"] == 3


def see_roles(c):
    roles = {r["RoleName"]: r for page in c("iam").get_paginator("list_roles").paginate(PaginationConfig={"PageSize": 3}) for r in page["Roles"]}
    assert {"TrivetReader", "TrivetOperator", "GitHubDeploy", "innovate-prod-Backend"} <= set(roles)
    (statement,) = roles["TrivetOperator"]["AssumeRolePolicyDocument"]["Statement"]
    assert statement["Condition"] == {"Bool": {"aws:MultiFactorAuthPresent": "true"}} and statement["Principal"]["AWS"] == ["arn:aws:iam::111111111111:user/oncall"]
    (deploy,) = roles["GitHubDeploy"]["AssumeRolePolicyDocument"]["Statement"]
    assert deploy["Condition"]["StringLike"] == {"token.actions.githubusercontent.com:sub": "repo:innovate/webapp:environment:production"}


def see_role(c):
    role = c("iam").get_role(RoleName="TrivetReader")["Role"]
    assert role["RoleLastUsed"]["LastUsedDate"] < now() and role["Arn"] == "arn:aws:iam::333333333333:role/TrivetReader"
    assert refused(c("iam").get_role, RoleName="nobody")[:2] == ("NoSuchEntity", 404)


def see_providers(c):
    arns = [p["Arn"] for p in c("iam").list_open_id_connect_providers()["OpenIDConnectProviderList"]]
    assert "arn:aws:iam::333333333333:oidc-provider/token.actions.githubusercontent.com" in arns and len(arns) == 2


def see_provider(c):
    provider = c("iam").get_open_id_connect_provider(OpenIDConnectProviderArn="arn:aws:iam::333333333333:oidc-provider/token.actions.githubusercontent.com")
    assert provider["Url"] == "token.actions.githubusercontent.com" and provider["ClientIDList"] == ["sts.amazonaws.com"]
    assert refused(c("iam").get_open_id_connect_provider, OpenIDConnectProviderArn="arn:aws:iam::333333333333:oidc-provider/x")[0] == "NoSuchEntity"


def see_report_made(c):
    assert c("iam", "dev").generate_credential_report()["State"] in ("STARTED", "INPROGRESS", "COMPLETE")


def see_report(c):
    deadline = time.monotonic() + 90
    while c("iam", "root").generate_credential_report()["State"] != "COMPLETE":
        assert time.monotonic() < deadline
        time.sleep(0.1)
    report = c("iam", "root").get_credential_report()
    rows = [line.split(",") for line in report["Content"].decode().splitlines()]
    users = {row[0]: dict(zip(rows[0], row)) for row in rows[1:]}
    assert report["ReportFormat"] == "text/csv" and set(users) == {"<root_account>", "oncall", "mara.lopez", "break-glass"}
    assert users["oncall"]["mfa_active"] == "true" and users["oncall"]["access_key_1_active"] == "true" and users["oncall"]["access_key_2_active"] == "false"
    assert refused(c("iam", "prod").get_credential_report)[:2] == ("ReportNotPresent", 410)


def see_keys(c):
    kms = c("kms")
    keys = [k["KeyId"] for page in kms.get_paginator("list_keys").paginate(PaginationConfig={"PageSize": 2}) for k in page["Keys"]]
    assert len(keys) == 3 and c("kms", region="us-west-2").list_keys()["Keys"] == []


def see_aliases(c):
    assert {a["AliasName"] for a in c("kms").list_aliases()["Aliases"]} == {"alias/innovate-prod", "alias/innovate-prod-eks", "alias/aws/rds"}


def see_key(c):
    managers = {k["KeyId"]: c("kms").describe_key(KeyId=k["KeyId"])["KeyMetadata"]["KeyManager"] for k in c("kms").list_keys()["Keys"]}
    assert sorted(managers.values()) == ["AWS", "CUSTOMER", "CUSTOMER"]
    assert refused(c("kms").describe_key, KeyId="00000000-0000-0000-0000-000000000000")[0] == "NotFoundException"


def see_key_rotation(c):
    status = c("kms").get_key_rotation_status(KeyId="5a20e7c1-84b3-4f6e-a9d0-1c37e5f8b204")
    assert status["KeyRotationEnabled"] and status["RotationPeriodInDays"] == 365 and status["NextRotationDate"] > now()


def see_secrets(c):
    secrets = {s["Name"]: s for s in c("secretsmanager").list_secrets()["SecretList"]}
    database = secrets["innovate-prod/database"]
    assert database["RotationEnabled"] and database["RotationRules"]["AutomaticallyAfterDays"] == 30 and database["NextRotationDate"] > now()


def see_managed(c):
    rows = c("ssm").describe_instance_information()["InstanceInformationList"]
    assert {r["PingStatus"] for r in rows} == {"Online"} and len(rows) == 2
    assert {r["InstanceId"] for r in rows} <= {i["InstanceId"] for r in c("ec2").describe_instances()["Reservations"] for i in r["Instances"]}


STATE = "innovate-tfstate-111111111111"


def see_versioning(c):
    assert c("s3", "root").get_bucket_versioning(Bucket=STATE)["Status"] == "Enabled"
    assert refused(c("s3", "root").get_bucket_versioning, Bucket="innovate-none")[:2] == ("NoSuchBucket", 404)


def see_encryption(c):
    (rule,) = c("s3", "root").get_bucket_encryption(Bucket=STATE)["ServerSideEncryptionConfiguration"]["Rules"]
    assert rule["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] == "aws:kms"


def see_access_block(c):
    assert set(c("s3", "root").get_public_access_block(Bucket=STATE)["PublicAccessBlockConfiguration"].values()) == {True}


def see_unit_accounts(c):
    organizations, unit = c("organizations", "root"), "ou-q1w2-workload"
    assert {a["Id"] for a in organizations.list_accounts_for_parent(ParentId=unit)["Accounts"]} == {ACCOUNTS["dev"], ACCOUNTS["prod"]}
    assert [a["Id"] for a in organizations.list_accounts_for_parent(ParentId="r-q1w2")["Accounts"]] == [ACCOUNTS["root"]]
    assert refused(organizations.list_accounts_for_parent, ParentId="ou-q1w2-elsewhere")[0] == "ParentNotFoundException"


def see_units(c):
    organizations = c("organizations", "root")
    (unit,) = organizations.list_organizational_units_for_parent(ParentId="r-q1w2")["OrganizationalUnits"]
    assert unit["Name"] == "Workloads" and unit["Arn"].endswith("/" + unit["Id"])
    assert organizations.list_organizational_units_for_parent(ParentId=unit["Id"])["OrganizationalUnits"] == []
    assert refused(organizations.list_organizational_units_for_parent, ParentId="ou-q1w2-elsewhere")[0] == "ParentNotFoundException"


SEEN = {
    ("budgets", "DescribeSubscribersForNotification"): see_subscribers, ("ce", "GetAnomalies"): see_anomalies, ("ce", "GetAnomalyMonitors"): see_monitors,
    ("ce", "GetAnomalySubscriptions"): see_monitors, ("ce", "GetCostAndUsage"): see_costs, ("ce", "GetCostForecast"): see_forecast,
    ("logs", "DescribeLogGroups"): see_log_groups, ("logs", "FilterLogEvents"): see_log_events, ("logs", "StartQuery"): see_query,
    ("logs", "GetQueryResults"): see_query_results, ("logs", "StopQuery"): see_query_stopped, ("logs", "DescribeQueries"): see_queries, ("rds", "DescribeDBParameters"): see_parameters,
    ("iam", "GetAccountSummary"): see_summary, ("iam", "ListRoles"): see_roles, ("iam", "GetRole"): see_role,
    ("iam", "ListOpenIDConnectProviders"): see_providers, ("iam", "GetOpenIDConnectProvider"): see_provider,
    ("iam", "GenerateCredentialReport"): see_report_made, ("iam", "GetCredentialReport"): see_report, ("kms", "ListKeys"): see_keys,
    ("kms", "ListAliases"): see_aliases, ("kms", "DescribeKey"): see_key, ("kms", "GetKeyRotationStatus"): see_key_rotation,
    ("secretsmanager", "ListSecrets"): see_secrets, ("ssm", "DescribeInstanceInformation"): see_managed, ("s3", "GetBucketVersioning"): see_versioning,
    ("s3", "GetBucketEncryption"): see_encryption, ("s3", "GetPublicAccessBlock"): see_access_block,
    ("organizations", "ListAccountsForParent"): see_unit_accounts, ("organizations", "ListOrganizationalUnitsForParent"): see_units,
    ("acm", "ListCertificates"): see_certificates, ("cloudfront", "GetCachePolicy"): see_cache_policy, ("cloudfront", "GetVpcOrigin"): see_vpc_origin,
    ("cloudfront", "GetDistributionConfig"): see_distribution_config, ("cloudfront", "ListInvalidations"): see_invalidations,
    ("route53", "ListHostedZones"): see_hosted_zones, ("route53", "ListResourceRecordSets"): see_records,
    ("wafv2", "ListLoggingConfigurations"): see_waf_logging,
    ("acm", "DescribeCertificate"): see_certificate, ("ec2", "DescribeInstances"): see_ec2_instances, ("ec2", "DescribeNetworkAcls"): see_acls,
    ("ec2", "DescribeNetworkInterfaces"): see_interfaces,
    ("ec2", "DescribeRouteTables"): see_routes, ("ec2", "DescribeSecurityGroups"): see_groups, ("ec2", "DescribeSubnets"): see_subnets,
    ("ec2", "DescribeVpcEndpoints"): see_endpoints, ("ec2", "DescribeVpcs"): see_vpcs, ("ec2", "GetEbsEncryptionByDefault"): see_ebs,
    ("elbv2", "DescribeListeners"): see_listeners, ("elbv2", "DescribeLoadBalancerAttributes"): see_balancer_attributes,
    ("elbv2", "DescribeLoadBalancers"): see_balancers, ("elbv2", "DescribeRules"): see_rules, ("elbv2", "DescribeTargetGroups"): see_target_groups,
    ("elbv2", "DescribeTargetGroupAttributes"): see_target_group_attributes,
    ("elbv2", "DescribeTargetHealth"): see_target_health,
    **{operation: see_reader_denied(operation) for operation in WRITES},
    ("eks", "DescribeClusterVersions"): see_cluster_versions, ("eks", "ListFargateProfiles"): see_fargate_profiles,
    ("eks", "DescribeFargateProfile"): see_fargate_profile, ("eks", "ListAddons"): see_addons, ("eks", "DescribeAddon"): see_addon,
    ("eks", "ListNodegroups"): see_node_groups, ("eks", "DescribeNodegroup"): see_node_group, ("eks", "DescribeUpdate"): see_update,
    ("rds", "DescribePendingMaintenanceActions"): see_maintenance, ("wafv2", "ListIPSets"): see_ip_sets, ("wafv2", "GetIPSet"): see_ip_set,
    ("scheduler", "ListSchedules"): see_schedules, ("scheduler", "GetSchedule"): see_schedule, ("ecr", "DescribeRepositories"): see_repositories,
    ("ecr", "GetRegistryScanningConfiguration"): see_scan_rules,
    ("ecr", "DescribeImages"): see_images, ("ecr", "DescribeImageScanFindings"): see_scan, ("ecr", "GetLifecyclePolicy"): see_lifecycle,
    ("ecr", "GetRepositoryPolicy"): see_repository_policy, ("codepipeline", "ListPipelines"): see_pipelines,
    ("codepipeline", "GetPipelineState"): see_pipeline, ("cloudfront", "GetInvalidation"): see_invalidation,
    ("budgets", "DescribeBudgets"): see_budgets, ("budgets", "DescribeNotificationsForBudget"): see_notifications,
    ("cloudfront", "ListDistributions"): see_distributions, ("cloudtrail", "DescribeTrails"): see_trails, ("cloudtrail", "GetTrailStatus"): see_trail_status, ("cloudtrail", "LookupEvents"): see_events,
    ("cloudwatch", "DescribeAlarmHistory"): see_alarm_history, ("cloudwatch", "DescribeAlarms"): see_alarms, ("cloudwatch", "GetMetricData"): see_metric_data, ("ec2", "DescribeAvailabilityZones"): see_zones,
    ("eks", "DescribeCluster"): see_cluster, ("eks", "ListClusters"): see_clusters, ("organizations", "DescribeOrganization"): see_organization,
    ("organizations", "ListAccounts"): see_accounts, ("organizations", "ListPolicies"): see_policies, ("organizations", "ListTargetsForPolicy"): see_targets,
    ("rds", "DescribeDBInstanceAutomatedBackups"): see_backups, ("rds", "DescribeDBInstances"): see_instances, ("rds", "DescribeEvents"): see_events,
    ("sso", "GetRoleCredentials"): see_role_credentials, ("sso-oidc", "CreateToken"): see_token, ("sts", "AssumeRole"): see_assume_role,
    ("sts", "AssumeRoleWithWebIdentity"): see_web_identity, ("sts", "GetCallerIdentity"): see_caller, ("wafv2", "GetSampledRequests"): see_samples,
    ("wafv2", "GetWebACL"): see_web_acl, ("wafv2", "ListWebACLs"): see_web_acls,
}


def unsigned(clients, service):
    return clients.sim.session().client(service, config=CONFIG.merge(botocore.config.Config(signature_version=botocore.UNSIGNED)))


@pytest.mark.parametrize("operation", operations(), ids=".".join)
def test_operation(operation, sim, clients):
    assert operation in SEEN, "served by nobody, or seen by no test"
    clients.sim = sim
    SEEN[operation](clients)


# Who asks.


def signed(sim, service, body, headers=None, at=None, region="us-east-1", key=None, secret=None, token=None, path="/", method="POST", monkeypatch=None):
    """One request, signed by botocore as if it were `at`."""
    request = botocore.awsrequest.AWSRequest(method=method, url=sim.url + path, data=body, headers=headers or {})
    keys = botocore.credentials.Credentials(key or sim.env["AWS_ACCESS_KEY_ID"], secret or sim.env["AWS_SECRET_ACCESS_KEY"], token)
    if at:
        monkeypatch.setattr(botocore.auth, "get_current_datetime", lambda remove_tzinfo=True: at.replace(tzinfo=None))
    botocore.auth.SigV4Auth(keys, service, region).add_auth(request)
    return dict(request.headers)


def send(sim, headers, body, path="/", method="POST"):
    return HTTP.request(method, sim.url + path, headers=headers, body=body)


FORM = {"Content-Type": "application/x-www-form-urlencoded"}
WHO = "Action=GetCallerIdentity&Version=2011-06-15"


def json_headers(target):
    return {"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": target}


def code_of(reply):
    text = reply.data.decode()
    if reply.headers.get("x-amzn-ErrorType"):
        return reply.headers["x-amzn-ErrorType"]
    return json.loads(text)["__type"] if text.startswith("{") else re.search("<Code>(.*?)</Code>", text).group(1)


def test_wrong_secret_in_every_protocol(sim):
    session = sim.session(secret="wrong")
    want = {"sts": ("get_caller_identity", {}, "SignatureDoesNotMatch", 403), "rds": ("describe_db_instances", {}, "SignatureDoesNotMatch", 403),
            "ec2": ("describe_availability_zones", {}, "AuthFailure", 401), "organizations": ("describe_organization", {}, "InvalidSignatureException", 400),
            "eks": ("list_clusters", {}, "InvalidSignatureException", 403), "cloudfront": ("list_distributions", {}, "SignatureDoesNotMatch", 403),
            "cloudwatch": ("describe_alarms", {}, "InvalidSignatureException", 400)}
    for service, (call, arguments, code, status) in want.items():
        assert refused(getattr(session.client(service), call), **arguments)[:2] == (code, status), service


def test_unknown_key_and_foreign_token(sim):
    unknown = sim.session(key="AKIAUNKNOWNUNKNOWN00")
    assert refused(unknown.client("sts").get_caller_identity)[:2] == ("InvalidClientTokenId", 403)
    assert refused(unknown.client("organizations").describe_organization)[:2] == ("UnrecognizedClientException", 400)
    assert refused(unknown.client("eks").list_clusters)[:2] == ("UnrecognizedClientException", 403)
    one, two = sim.assume("dev"), sim.assume("prod")
    mixed = sim.session(one["AccessKeyId"], one["SecretAccessKey"], two["SessionToken"])
    assert refused(mixed.client("sts").get_caller_identity)[0] == "InvalidClientTokenId"
    assert refused(sim.session(one["AccessKeyId"], one["SecretAccessKey"]).client("sts").get_caller_identity)[0] == "InvalidClientTokenId"


@pytest.mark.parametrize("minutes", [-30, -6, 6, 30])
def test_skew(sim, monkeypatch, minutes):
    at = now() + dt.timedelta(minutes=minutes)
    reply = send(sim, signed(sim, "sts", WHO, FORM, at, monkeypatch=monkeypatch), WHO)
    assert (reply.status, code_of(reply)) == (403, "SignatureDoesNotMatch")
    assert ("Signature expired: " if minutes < 0 else "Signature not yet current: ").encode() in reply.data
    date = dt.datetime.strptime(reply.headers["Date"], "%a, %d %b %Y %H:%M:%S GMT").replace(tzinfo=UTC)
    assert abs((date - now()).total_seconds()) < 3
    headers = json_headers("AWSOrganizationsV20161128.DescribeOrganization")
    reply = send(sim, signed(sim, "organizations", "{}", headers, at, monkeypatch=monkeypatch), "{}")
    assert (reply.status, code_of(reply)) == (400, "InvalidSignatureException") and b"Signature" in reply.data


@pytest.mark.parametrize("minutes", [-4, 4])
def test_a_little_skew_is_allowed(sim, monkeypatch, minutes):
    assert send(sim, signed(sim, "sts", WHO, FORM, now() + dt.timedelta(minutes=minutes), monkeypatch=monkeypatch), WHO).status == 200


def test_what_is_signed_counts(sim):
    headers = signed(sim, "sts", WHO, {**FORM, "X-Amz-Meta": "a   b "})
    assert send(sim, headers, WHO).status == 200
    assert send(sim, {**headers, "X-Amz-Meta": "c"}, WHO).status == 403
    assert send(sim, headers, WHO + "&x=1").status == 403
    assert send(sim, {k: v for k, v in headers.items() if k.lower() != "x-amz-meta"}, WHO).status == 403
    sent = hashlib.sha256(b"else").hexdigest()
    assert send(sim, signed(sim, "sts", WHO, {**FORM, "X-Amz-Content-SHA256": sent}), WHO).status == 403
    wrong_scope = signed(sim, "organizations", "{}", json_headers("AWSOrganizationsV20161128.DescribeOrganization"), region="eu-west-1")
    assert code_of(send(sim, wrong_scope, "{}")) == "InvalidSignatureException"
    assert code_of(send(sim, FORM, WHO)) == "MissingAuthenticationToken"
    assert code_of(send(sim, {**headers, "Authorization": "AWS4-HMAC-SHA256 Credential=x"}, WHO)) == "IncompleteSignature"
    assert send(sim, {**headers, "Authorization": "Bearer x"}, WHO).status in (400, 403)


def test_paths_and_queries_as_they_are_encoded(sim):
    eks = sim.as_role("prod").client("eks", config=botocore.config.Config(retries={"total_max_attempts": 1}))
    for name in ("a b", "ä/ö", "x~y", "a%2Fb", "1+1=2"):
        assert refused(eks.describe_cluster, name=name)[0] == "ResourceNotFoundException", name
    assert eks.list_clusters(maxResults=7, include=["all", "a b&c"])["clusters"]


def test_presigned(sim, monkeypatch):
    sts = sim.as_role("prod").client("sts")
    url = sts.generate_presigned_url("get_caller_identity", ExpiresIn=60, HttpMethod="GET")
    assert b"assumed-role/TrivetReader" in HTTP.request("GET", url).data
    assert HTTP.request("GET", url + "&a=b").status == 403
    monkeypatch.setattr(botocore.auth, "get_current_datetime", lambda remove_tzinfo=True: (now() - dt.timedelta(seconds=90)).replace(tzinfo=None))
    old = HTTP.request("GET", sts.generate_presigned_url("get_caller_identity", ExpiresIn=60, HttpMethod="GET"))
    assert old.status == 403 and b"Signature expired" in old.data


def test_sessions_end_in_simulated_time():
    with Sim("--quiet", "--speed", "3000") as fast:
        keys = fast.assume("prod", DurationSeconds=900)
        session = fast.session(keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"])
        time.sleep(0.5)
        assert refused(session.client("sts").get_caller_identity)[:2] == ("ExpiredToken", 403)
        assert refused(session.client("organizations").describe_organization)[:2] == ("ExpiredTokenException", 400)
        assert refused(session.client("eks").list_clusters)[:2] == ("ExpiredTokenException", 403)


def test_who_may_assume_what(sim):
    sts, arn = sim.session().client("sts"), "arn:aws:iam::111111111111:role/TrivetBreakGlass"
    mfa = dict(SerialNumber="arn:aws:iam::111111111111:mfa/oncall", TokenCode="314159")
    ask = dict(RoleArn=arn, RoleSessionName="test")
    denied = "is not authorized to perform: sts:AssumeRole on resource: " + arn
    for given in ({}, mfa, {"ExternalId": "innovate-break-glass"}, {"ExternalId": "other", **mfa}):
        code, status, message = refused(sts.assume_role, **ask, **given)
        assert (code, status) == ("AccessDenied", 403) and denied in message
    code, _, message = refused(sts.assume_role, **ask, ExternalId="innovate-break-glass", SerialNumber=mfa["SerialNumber"], TokenCode="000000")
    assert code == "AccessDenied" and "invalid MFA one time pass code" in message
    assert sts.assume_role(**ask, ExternalId="innovate-break-glass", **mfa)["Credentials"]
    for role in ("111111111111:role/BillingAuditor", "333333333333:role/None", "999999999999:role/TrivetReader"):
        assert refused(sts.assume_role, RoleArn="arn:aws:iam::" + role, RoleSessionName="test")[0] == "AccessDenied"
    reader = sim.as_role("dev").client("sts")
    assert refused(reader.assume_role, RoleArn="arn:aws:iam::111111111111:role/BillingAuditor", RoleSessionName="x1")[0] == "AccessDenied", "reader may not assume"
    chained = sim.as_role("dev", "BillingReader").client("sts")
    assert chained.assume_role(RoleArn="arn:aws:iam::111111111111:role/BillingAuditor", RoleSessionName="x1")["Credentials"]
    assert refused(chained.assume_role, RoleArn="arn:aws:iam::333333333333:role/TrivetReader", RoleSessionName="x1")[0] == "AccessDenied"
    operator_arn = "arn:aws:iam::333333333333:role/TrivetOperator"
    code, _, message = refused(sts.assume_role, RoleArn=operator_arn, RoleSessionName="test", DurationSeconds=7200)
    assert code == "ValidationError" and "MaxSessionDuration" in message
    assert refused(sts.assume_role, RoleArn=operator_arn, RoleSessionName="no spaces please")[0] == "ValidationError"


def test_an_account_sees_itself_alone(clients):
    assert refused(clients("budgets", "dev").describe_budgets, AccountId=ACCOUNTS["prod"])[0] == "AccessDeniedException"
    assert refused(clients("eks", "dev").describe_cluster, name="innovate-prod")[0] == "ResourceNotFoundException"


def test_access_denied_in_every_protocol(sim):
    keys = sim.session().client("sts").assume_role_with_web_identity(RoleArn="arn:aws:iam::111111111111:role/TrivetPipeline", RoleSessionName="ci",
                                                                     WebIdentityToken="trivet-sim-web-identity-token")["Credentials"]
    session = sim.session(keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"])
    want = {"rds": ("describe_db_instances", "AccessDenied", 403), "ec2": ("describe_availability_zones", "UnauthorizedOperation", 403),
            "organizations": ("describe_organization", "AccessDeniedException", 400), "eks": ("list_clusters", "AccessDeniedException", 403),
            "cloudfront": ("list_distributions", "AccessDenied", 403)}
    for service, (call, code, status) in want.items():
        found = refused(getattr(session.client(service), call))
        assert found[:2] == (code, status) and "is not authorized to perform: " + service in found[2]


# What is asked.


def test_unknown_operations(sim):
    ask = lambda service, body, headers, path="/", method="POST": send(sim, signed(sim, service, body, headers, path=path, method=method), body, path, method)
    for service, version in (("rds", "2014-10-31"), ("sts", "2011-06-15"), ("ec2", "2016-11-15")):
        reply = ask(service, f"Action=DescribeEverything&Version={version}", FORM)
        assert (reply.status, code_of(reply)) == (400, "InvalidAction") and b"DescribeEverything" in reply.data
    assert code_of(ask("sts", "Action=GetCallerIdentity&Version=1999-01-01", FORM)) == "InvalidAction"
    assert code_of(ask("organizations", "{}", json_headers("AWSOrganizationsV20161128.CloseAccount"))) == "UnknownOperationException"
    assert code_of(ask("organizations", "{}", json_headers("AWSBudgetServiceGateway.DescribeBudgets"))) == "UnknownOperationException"
    for service, path in (("eks", "/nothing/here"), ("cloudfront", "/2020-05-31/nothing")):
        reply = ask(service, None, {}, path, "GET")
        assert (reply.status, code_of(reply)) == (404, "UnknownOperationException")
    assert ask("dynamodb", "{}", json_headers("DynamoDB_20120810.ListTables")).status == 404
    for service in ("logs", "s3", "iam"):
        assert sim_status(sim, service) >= 400


def sim_status(sim, service):
    return send(sim, signed(sim, service, "{}", {}), "{}").status


def test_bad_input(sim):
    keys = sim.assume("prod")
    role = dict(key=keys["AccessKeyId"], secret=keys["SecretAccessKey"], token=keys["SessionToken"])
    query = lambda body: code_of(send(sim, signed(sim, "rds", body, FORM, **role), body))
    rds = "Action=DescribeDBInstances&Version=2014-10-31&"
    assert query(rds + "Nonsense=1") == "ValidationError" and query(rds + "MaxRecords=many") == "MalformedInput"
    assert query(rds + "Filters.Filter.1.Name=engine") == "ValidationError" and query(rds + "Filters.member.1.Name=engine") == "ValidationError"
    assert query(rds + "Filters.Filter.2.Name=engine&Filters.Filter.2.Values.Value.1=x") == "ValidationError"
    assert query(rds + "MaxRecords=5") == "InvalidParameterValue"
    ec2 = "Action=DescribeAvailabilityZones&Version=2016-11-15&Zone=x"
    assert code_of(send(sim, signed(sim, "ec2", ec2, FORM, **role), ec2)) == "UnknownParameter"
    target = json_headers("AWSBudgetServiceGateway.DescribeBudgets")
    budgets = lambda body: code_of(send(sim, signed(sim, "budgets", body, target, **role), body))
    assert budgets("{}") == "ValidationException" and budgets('{"AccountId": 3}') == "SerializationException"
    assert budgets('{"AccountId": "333333333333", "Colour": "red"}') == "SerializationException"
    assert budgets("{") == "SerializationException" and budgets("[]") == "SerializationException" and budgets(b'{"AccountId": "\xff"}') == "SerializationException"
    path = "/clusters?maxResults=lots"
    assert code_of(send(sim, signed(sim, "eks", None, {}, path=path, method="GET", **role), None, path, "GET")) == "SerializationException"
    assert send(sim, FORM, "x" * (1 << 20) + "x").status == 413


def test_hostile_input(sim):
    """Whatever is sent, there is an answer in the protocol's own form, and the simulator lives."""
    chance = random.Random(5)
    keys = sim.assume("prod")
    role = dict(key=keys["AccessKeyId"], secret=keys["SecretAccessKey"], token=keys["SessionToken"])
    start = b"Action=DescribeDBInstances&Version=2014-10-31&"
    bodies = [start + b"a." * 400000 + b"=1", start + b"Filters." * 20 + b"=", start + b"Filters.Filter.=1", start + b"=&=&&&.=.&%=%zz&%00=%00", start + b"x=%ff",
              start + b"&".join(b"Filters.Filter.%d.Name=a" % n for n in range(20000)), b"Action=" + b"A" * 100000 + b"&Version=x", b"[" * 100000, b"{" * 5000]
    for _ in range(150):
        body = bytearray(chance.choice([start + b"Filters.Filter.1.Name=engine&Filters.Filter.1.Values.Value.1=x&MaxRecords=20",
                                        b'{"Scope": "CLOUDFRONT", "Limit": 3}']))
        for _ in range(chance.randint(1, 6)):
            body[chance.randrange(len(body))] = chance.randrange(256)
        bodies.append(bytes(body))
    for body in bodies:
        for service, headers in (("rds", FORM), ("ec2", FORM), ("wafv2", json_headers("AWSWAF_20190729.ListWebACLs"))):
            reply = send(sim, signed(sim, service, body, headers, **role), body)
            assert reply.status < 500 and (reply.status == 200 or code_of(reply)), (service, body[:200])
    for path in ("/clusters/%00", "/clusters/%", "/clusters/" + "x" * 20000, "/k8s/", "/k8s/333333333333/innovate-prod", "/github", "//", "/../..", "/?&&=&X-Amz-Date"):
        reply = HTTP.request("GET", sim.url + path, headers={"Authorization": "AWS4-HMAC-SHA256 Credential=a/b/c/eks/aws4_request, SignedHeaders=, Signature="})
        assert 400 <= reply.status < 500, path
    for raw in (b"\r\n\r\n", b"GET\r\n\r\n", b"\x16\x03\x01\x02", b"POST / HTTP/1.1\r\nContent-Length: -4\r\n\r\n", b"A" * 200000,
                b"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n"):
        with socket.create_connection(("127.0.0.1", int(sim.url.rsplit(":", 1)[1])), 5) as s:
            s.settimeout(0.2)
            try:
                s.sendall(raw)
                s.recv(4096)
            except OSError:
                pass
    assert send(sim, signed(sim, "sts", WHO, FORM), WHO).status == 200


def test_pages(sim, clients):
    rds = clients("rds")
    events = list(rds.get_paginator("describe_events").paginate(Duration=14 * 1440, PaginationConfig={"PageSize": 20}))
    whole = rds.describe_events(Duration=14 * 1440)["Events"]
    assert len(events) == 2 and [e for page in events for e in page["Events"]] == whole
    organizations = clients("organizations", "root")
    pages = list(organizations.get_paginator("list_policies").paginate(Filter=SCP, PaginationConfig={"PageSize": 2}))
    assert [len(p["Policies"]) for p in pages] == [2, 2, 1] and len({p["Id"] for page in pages for p in page["Policies"]}) == 5
    alarms = clients("cloudwatch").get_paginator("describe_alarms").paginate(PaginationConfig={"PageSize": 3})
    assert [len(p["MetricAlarms"]) for p in alarms] == [3, 3, 2]
    budgets = clients("budgets").get_paginator("describe_budgets").paginate(AccountId=ACCOUNTS["prod"], PaginationConfig={"PageSize": 1})
    assert [p["Budgets"][0]["BudgetName"] for p in budgets] == ["prod-monthly", "prod-cloudfront"]
    queries = [metric_query(0, "BlockedRequests", "ALL"), metric_query(1, "AllowedRequests", "ALL")]
    span = window(30)
    one = clients("cloudwatch").get_metric_data(MetricDataQueries=queries, **span)["MetricDataResults"]
    found = {"q0": [], "q1": []}
    pages = list(clients("cloudwatch").get_paginator("get_metric_data").paginate(MetricDataQueries=queries, PaginationConfig={"PageSize": 13}, **span))
    for row in (row for page in pages for row in page["MetricDataResults"]):
        found[row["Id"]] += row["Values"]
    assert found == {row["Id"]: row["Values"] for row in one} and len(pages) == 5


def test_tokens_are_opaque_and_bound(clients):
    token = clients("organizations", "root").list_policies(Filter=SCP, MaxResults=2)["NextToken"]
    assert not token.isdigit()
    assert refused(clients("organizations", "root").list_accounts, NextToken=token)[0] == "InvalidInputException"
    assert refused(clients("rds").describe_events, Marker="rubbish")[0] == "InvalidParameterValue"
    assert refused(clients("budgets").describe_budgets, AccountId=ACCOUNTS["prod"], NextToken="AAAA")[0] == "InvalidNextTokenException"
    assert refused(clients("cloudwatch").describe_alarms, NextToken="x")[0] == "InvalidNextToken"
    assert refused(clients("cloudwatch").get_metric_data, MetricDataQueries=[metric_query(0, "BlockedRequests", "ALL")], NextToken="x", **window(5))[0] == "InvalidNextToken"
    assert refused(clients("eks").list_clusters, nextToken="x")[0] == "InvalidParameterException"
    assert refused(clients("wafv2").list_web_acls, Scope="CLOUDFRONT", NextMarker="x")[0] == "WAFInvalidParameterException"
    assert refused(clients("cloudfront").list_distributions, Marker="x")[0] == "InvalidArgument"


# Time, chance, faults.


def test_time_moves():
    with Sim("--quiet", "--speed", "20000") as fast:
        c = fast.session()

        def look():
            keys = fast.assume("prod")
            s = fast.session(keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"])
            budget = s.client("budgets").describe_budgets(AccountId=ACCOUNTS["prod"])["Budgets"][0]
            keys = fast.assume("prod")
            s = fast.session(keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"])
            return s, float(budget["CalculatedSpend"]["ActualSpend"]["Amount"]), budget["TimePeriod"]["Start"]

        assert c.client("sts").get_caller_identity()
        role = "arn:aws:iam::333333333333:role/TrivetReader"
        fast.assume = lambda account: c.client("sts").assume_role(RoleArn=role, RoleSessionName="t1", DurationSeconds=43200)["Credentials"]
        s, spent, month = look()
        restorable = s.client("rds").describe_db_instances()["DBInstances"][0]["LatestRestorableTime"]
        time.sleep(1)
        s, later, month_later = look()
        assert later > spent or month_later > month
        assert s.client("rds").describe_db_instances()["DBInstances"][0]["LatestRestorableTime"] > restorable


def test_a_seed_repeats():
    span = window(30)

    def series(seed):
        with Sim("--quiet", "--seed", str(seed)) as one:
            data = one.as_role("prod").client("cloudwatch").get_metric_data(MetricDataQueries=[metric_query(0, "BlockedRequests", "ALL")], **span)
            return data["MetricDataResults"][0]["Values"]

    first = series(7)
    assert first == series(7) != series(8)


def test_faults():
    specs = ["rds.DescribeEvents:throttle=2", "organizations.ListAccounts:throttle=1", "ec2:throttle=1", "eks.ListClusters@333333333333:error=ServerException/500=1",
             "wafv2:abort=1", "cloudtrail:truncate=1", "cloudfront:html=1", "sts.GetCallerIdentity:latency=300ms", "latency=20"]
    with Sim(*[x for spec in specs for x in ("--fault", spec)]) as broken:
        prod, root, dev = broken.as_role("prod"), broken.as_role("root"), broken.as_role("dev")
        rds = prod.client("rds")
        assert refused(rds.describe_events)[:2] == ("Throttling", 400) and refused(rds.describe_events)[0] == "Throttling"
        assert rds.describe_events()["ResponseMetadata"]["HTTPStatusCode"] == 200
        assert refused(root.client("organizations").list_accounts)[:2] == ("ThrottlingException", 400)
        assert refused(prod.client("ec2").describe_availability_zones)[:2] == ("RequestLimitExceeded", 503)
        assert dev.client("eks").list_clusters()["clusters"] == ["innovate-dev"]
        assert refused(prod.client("eks").list_clusters)[:2] == ("ServerException", 500)
        with pytest.raises((botocore.exceptions.ConnectionClosedError, botocore.exceptions.EndpointConnectionError)):
            prod.client("wafv2").list_web_acls(Scope="CLOUDFRONT")
        assert prod.client("wafv2").list_web_acls(Scope="CLOUDFRONT")["WebACLs"]
        with pytest.raises((botocore.exceptions.ReadTimeoutError, botocore.exceptions.ResponseStreamingError, botocore.exceptions.IncompleteReadError,
                            botocore.exceptions.HTTPClientError, urllib3.exceptions.HTTPError)):
            prod.client("cloudtrail").describe_trails()
        with pytest.raises((botocore.exceptions.ClientError, botocore.parsers.ResponseParserError)):
            prod.client("cloudfront").list_distributions()
        start = time.monotonic()
        prod.client("sts").get_caller_identity()
        assert time.monotonic() - start > 0.3
        start = time.monotonic()
        rds.describe_events()
        assert time.monotonic() - start > 0.02
        adaptive = prod.client("rds", config=botocore.config.Config(retries={"mode": "standard", "total_max_attempts": 3}))
        assert adaptive.describe_db_instances()["DBInstances"]


def test_connections_are_kept(sim):
    pool = urllib3.HTTPConnectionPool("127.0.0.1", int(sim.url.rsplit(":", 1)[1]), maxsize=1)
    for _ in range(5):
        assert pool.request("POST", "/", body=WHO, headers=signed(sim, "sts", WHO, FORM)).status == 200
    assert pool.num_connections == 1


# The cluster's door: the token that `aws eks get-token` makes.


def bearer(session, cluster, **more):
    sts = session.client("sts")
    sts.meta.events.register("before-sign.sts.GetCallerIdentity", lambda request, **_: request.headers.add_header("x-k8s-aws-id", cluster))
    url = sts.generate_presigned_url("get_caller_identity", ExpiresIn=60, HttpMethod="GET")
    return "k8s-aws-v1." + base64.urlsafe_b64encode(url.encode()).decode().rstrip("=")


def test_kubernetes_token(sim, monkeypatch):
    ask = lambda token, cluster="333333333333/innovate-prod", method="GET", path="/version": HTTP.request(
        method, f"{sim.url}/k8s/{cluster}{path}", headers={"Authorization": f"Bearer {token}"} if token else {})
    reader, operator = sim.as_role("prod"), sim.as_role("prod", "TrivetOperator")
    good = bearer(reader, "innovate-prod")
    assert ask(good).status not in (401, 403)
    for reply in (ask(None), ask("nonsense"), ask(bearer(reader, "innovate-dev")), ask(bearer(sim.as_role("dev"), "innovate-prod")), ask(good[:-9])):
        assert reply.status == 401 and json.loads(reply.data)["kind"] == "Status"
    assert ask(good, method="DELETE", path="/api/v1/namespaces/x/pods/y").status == 403
    assert ask(bearer(operator, "innovate-prod"), method="DELETE", path="/api/v1/namespaces/x/pods/y").status == 404
    assert ask(good, cluster="333333333333/other").status == 404
    monkeypatch.setattr(botocore.auth, "get_current_datetime", lambda remove_tzinfo=True: (now() - dt.timedelta(minutes=14)).replace(tzinfo=None))
    assert ask(bearer(reader, "innovate-prod")).status == 200
    monkeypatch.setattr(botocore.auth, "get_current_datetime", lambda remove_tzinfo=True: (now() - dt.timedelta(minutes=16)).replace(tzinfo=None))
    assert ask(bearer(reader, "innovate-prod")).status == 401


# The AWS CLI, with nothing but what --env prints.


def cli(env, *argv):
    done = subprocess.run([str(BIN / "aws"), *argv, "--output", "json"], env=env, capture_output=True, text=True, timeout=120)
    return done.returncode, json.loads(done.stdout) if done.returncode == 0 and done.stdout.strip() else done.stderr


def test_aws_cli(sim):
    env = sim.cli_env()
    assert cli(env, "sts", "get-caller-identity")[1]["Arn"].endswith("user/oncall")
    keys = cli(env, "sts", "assume-role", "--role-arn", "arn:aws:iam::333333333333:role/TrivetReader", "--role-session-name", "cli")[1]["Credentials"]
    role = sim.cli_env(keys)
    assert cli(role, "rds", "describe-db-instances", "--endpoint-url", sim.url)[1]["DBInstances"][0]["MultiAZ"] is True
    assert cli(role, "eks", "list-clusters")[1]["clusters"] == ["innovate-prod"]
    assert cli(role, "wafv2", "list-web-acls", "--scope", "CLOUDFRONT")[1]["WebACLs"][0]["Name"] == "innovate-edge"
    assert len(cli(role, "cloudwatch", "describe-alarms", "--page-size", "3")[1]["MetricAlarms"]) == 8
    code, text = cli(role, "organizations", "list-accounts")
    assert code == 254 or code == 255 and "AccessDeniedException" in text
    token = cli(role, "eks", "get-token", "--cluster-name", "innovate-prod")[1]["status"]["token"]
    assert HTTP.request("GET", sim.url + "/k8s/333333333333/innovate-prod/version", headers={"Authorization": "Bearer " + token}).status == 200


# Options and scenarios.


def run(tmp_path, *argv):
    done = subprocess.run([str(SIM), *argv], env=clean_env(tmp_path), capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=30)
    assert "Sanitizer" not in done.stderr and "runtime error" not in done.stderr, done.stderr
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize("argv, words", [
    (["--port", "70000"], "0 to 65535"), (["--speed", "0"], "0.001"), (["--fault", "rds:explode"], "latency=MS"), (["--fault", "rds:latency=x"], "--fault"),
    (["--seed", "x"], "whole number"), (["extra"], "unexpected argument"), (["--scenario", "nothing"], "healthy"), (["--scenario", "./none.yaml"], "none.yaml")])
def test_bad_usage(tmp_path, argv, words):
    code, out, err = run(tmp_path, *argv)
    assert code == 2 and out == "" and words in err and err.count("\n") == 1, err




@pytest.mark.parametrize("change, place", [
    (("seed: 20261123", "seed: many"), r"bad\.yaml:\d+:7: seed: expected a whole number"),
    (("kind: management", "kind: managment"), r"bad\.yaml:\d+:\d+: accounts\[0\]\.kind: expected management, development or production"),
    (('id: "222222222222"\n    name', 'id: "2222"\n    name'), r"bad\.yaml:\d+:\d+: .*twelve digits"),
    (("    email: aws-dev", "    colour: red\n    email: aws-dev"), r"bad\.yaml:\d+:5: accounts\[1\]\.colour: unknown key"),
    (("    name: dev\n", "    name: root\n"), r"bad\.yaml:\d+:\d+: .*again"),
    (("  secret_access_key:", "  secret_key:"), r"bad\.yaml:\d+:3: user\.secret_key: unknown key"),
    (("backup_days: 7", "backup_days: 70"), r"bad\.yaml:\d+:\d+: .*backup_days: expected a whole number from 0 to 35")])
def test_bad_scenario(tmp_path, change, place):
    assert change[0] in HEALTHY
    path = tmp_path / "bad.yaml"
    path.write_text(HEALTHY.replace(*change, 1))
    code, out, err = run(tmp_path, "--scenario", str(path))
    assert code == 2 and out == "" and err.count("\n") == 1 and re.search(place, err), err


def test_rubbish_scenarios(tmp_path):
    for name, data in {"binary.yaml": bytes(range(256)) * 40, "empty.yaml": b"", "huge.yaml": b"a: " + b"x" * (10 << 20), "loop.yaml": b"a: &a [*a]\n"}.items():
        (tmp_path / name).write_bytes(data)
        code, _, err = run(tmp_path, "--scenario", str(tmp_path / name))
        assert code == 2 and err.count("\n") == 1 and name in err, err


def test_help_and_version(tmp_path):
    assert run(tmp_path, "--version")[1].startswith("trivet-sim ")
    code, out, _ = run(tmp_path, "--help")
    assert code == 0 and "--until-eof" in out and "throttle[=N]" in out


def test_requests_are_told():
    with Sim() as loud:
        loud.session().client("sts").get_caller_identity()
        refused(loud.session(secret="x").client("rds").describe_events)
        lines = loud.log().splitlines()
    assert re.search(r"POST / 200 sts\.GetCallerIdentity 111111111111", lines[0])
    assert re.search(r"POST / 403 rds\.DescribeEvents  SignatureDoesNotMatch", lines[1])

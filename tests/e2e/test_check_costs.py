"""The checks of costs and monitoring, and of the databases' TLS and places: each fails on an estate that was changed from outside. What costs money is
asked for by a person's word alone."""
import datetime
import re
import stat
import time

import pytest

from console import Console
from peers import ROOT, clean_env, evidence, trivet, write
from sim import ACCOUNTS, HEALTHY, Sim, without_schedules

IDS = ("db-tls", "db-private", "cost-budgets", "cost-anomaly", "cost-shutdown", "mon-alarms", "mon-logs")
PROFILE = (ROOT / "profiles/innovate.yaml").read_text()
BILLED = {tuple(line.split()[:2]) for line in (ROOT / "src/aws/operations.txt").read_text().splitlines() if line.endswith("BILLED")}


def part(account, *changes):
    """The healthy scenario with changes in one account."""
    at = HEALTHY.index(f"    name: {account}\n")
    text = HEALTHY[at:]
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    return HEALTHY[:at] + text


def verdicts(env, **more):
    done = trivet("check", "--format", "json", env={**env, **more})
    return {(r["check"], r["account"]): r for r in done.json["results"] if r["check"] in IDS}


def failed(results):
    return {key for key, r in results.items() if r["verdict"] not in ("pass", "n/a")}


@pytest.fixture
def estate(tmp_path):
    made = []

    def make(*options, scenario=HEALTHY, profile=PROFILE):
        sim = Sim(*options, scenario=write(tmp_path / "scenario.yaml", scenario))
        made.append(sim)
        env = clean_env(tmp_path, **sim.env, TRIVET_PROFILE=str(write(tmp_path / "profile.yaml", profile)), XDG_CACHE_HOME=str(tmp_path / "cache"),
                        XDG_STATE_HOME=str(tmp_path / "state"))
        return sim, env

    yield make
    for sim in made:
        sim.stop()


def billed(sim):
    """What of it costs money was answered."""
    return sorted(op for op in re.findall(r" 200 ce\.(\w+)", sim.log()) if ("ce", op) in BILLED)


def test_the_healthy_estate_passes_and_nothing_is_paid(estate):
    sim, env = estate()
    results = verdicts(env)
    assert failed(results) == set(), {k: evidence(results[k]) for k in failed(results)}
    assert results["cost-anomaly", "root"]["verdict"] == results["cost-shutdown", "dev"]["verdict"] == "pass"
    assert billed(sim) == []


ALL_SUBSCRIBERS = [("subscribers: [costs@innovate.example]", "subscribers: []")] * 3 + \
    [('subscribers: [costs@innovate.example, "arn:aws:sns:us-east-1:111111111111:security"]', "subscribers: []")]
DEVIATIONS = [
    ({("db-tls", "prod")}, part("prod", ("force_ssl: true", "force_ssl: false")), "innovate-prod: rds.force_ssl=0 in innovate-prod-tls"),
    ({("db-private", "prod")}, part("prod", ("        iam_auth: true\n", "        iam_auth: true\n        public_access: true\n")), "innovate-prod: publicly accessible"),
    ({("db-private", "prod")}, part("prod", ("deletion_protection: true", "deletion_protection: false")), "innovate-prod: deletion protection off"),
    ({("db-private", "prod")}, part("prod", ("subnets: [subnet-03f1db1a555566660,", "subnets: [subnet-0pr0daaaa11112222,")),
     "innovate-prod: in subnet-0pr0daaaa11112222 10.0.11.0/24 (app)"),
    ({("cost-budgets", a) for a in ACCOUNTS}, part("root", *ALL_SUBSCRIBERS), "its notifications have no subscriber"),
    ({("cost-budgets", "dev")}, part("dev", ("      - name: dev-monthly\n", "      - name: dev-x\n"), ("notifications: *alerts", "notifications: []"),
                                     ("notifications: *alerts", "notifications: []")), "dev-x: has no notification"),
    ({("cost-anomaly", "root")}, part("root", ("emails: [costs@innovate.example]", "emails: []")), "services: nobody is told"),
    ({("cost-shutdown", "dev")}, without_schedules(), "no schedules: nothing stops or starts it by itself"),
    ({("cost-shutdown", "dev")}, part("dev", ("expression: cron(0 20 ? * MON-FRI *)", "expression: cron(0 23 ? * MON-FRI *)")), "stops at 23:00"),
    ({("mon-alarms", "prod")}, part("prod", ('metric: "AWS/CloudFront:5xxErrorRate"', 'metric: "AWS/CloudFront:Requests"')),
     "prod: CloudFront 5xx: no alarm on AWS/CloudFront 5xxErrorRate"),
    ({("mon-alarms", "prod")}, part("prod", ('threshold: 80, periods: 5, period: 1m, action: "arn:aws:sns:us-east-1:333333333333:prod-pager"', "threshold: 80, periods: 5, period: 1m")),
     "rds-cpu: RDS CPU: CPUUtilization tells nobody"),
    ({("mon-logs", "prod")}, part("prod", ("{name: /aws/eks/innovate-prod/cluster, retention_days: 90", "{name: /aws/eks/innovate-prod/cluster, retention_days: 0")),
     "kept for ever: it has no retention"),
    ({("mon-logs", "dev")}, part("dev", ("/aws/containerinsights/innovate-dev/application", "/aws/containerinsights/innovate-dev/dataplane")),
     "the application has no log group such as /aws/containerinsights/CLUSTER/application"),
]


@pytest.mark.parametrize("which, scenario, seen", DEVIATIONS, ids=[f"{sorted(d[0])[0][0]}-{i}" for i, d in enumerate(DEVIATIONS)])
def test_a_deviation_is_found_and_nothing_else(estate, which, scenario, seen):
    _, env = estate("--quiet", scenario=scenario)
    results = verdicts(env)
    assert failed(results) == which, {k: evidence(results[k]) for k in failed(results)}
    for key in which:
        assert results[key]["verdict"] == "fail" and any(seen in line for line in evidence(results[key])), evidence(results[key])


def test_schedules_that_somebody_has_paused(estate):
    sim, env = estate("--quiet")
    scheduler = sim.as_role("dev", "TrivetOperator").client("scheduler")
    name = "trivet-dev-stop-database-innovate-dev"
    row = scheduler.get_schedule(Name=name)
    scheduler.update_schedule(Name=name, State="DISABLED", **{k: row[k] for k in ("ScheduleExpression", "ScheduleExpressionTimezone", "FlexibleTimeWindow", "Target")})
    results = verdicts(env)
    assert failed(results) == {("cost-shutdown", "dev")} and "the stop of database innovate-dev is paused" in evidence(results["cost-shutdown", "dev"])[0]


def test_up_when_it_should_be_down(estate):
    """A plan by which it is night now."""
    now = datetime.datetime.now(datetime.timezone.utc)
    stop, start = [(now + datetime.timedelta(hours=h)).strftime("%H:%M") for h in (-1, 2)]
    _, env = estate("--quiet", profile=re.sub(r"auto_shutdown: \{.*\}", f'auto_shutdown: {{timezone: UTC, stop: "{stop}", start: "{start}", days: sun-sat}}', PROFILE))
    results = verdicts(env)
    assert "dev: up; by the plan it is down now" in evidence(results["cost-shutdown", "dev"])


def test_what_may_not_be_read_is_unknown(estate):
    _, env = estate("--quiet", "--fault", "ce.GetAnomalyMonitors:error=AccessDeniedException/400", "--fault", "rds.DescribeDBParameters:error=AccessDenied/403",
                    "--fault", "logs.DescribeLogGroups:error=AccessDeniedException/400")
    results = verdicts(env)
    assert {k: r["verdict"] for k, r in results.items() if k in failed(results)} == {
        ("cost-anomaly", "root"): "unknown", ("db-tls", "dev"): "unknown", ("db-tls", "prod"): "unknown", ("mon-logs", "dev"): "unknown", ("mon-logs", "prod"): "unknown"}


# What costs money.

def test_costs_are_paid_for_by_a_word_and_kept(estate, tmp_path):
    sim, env = estate()
    before = trivet("show", "costs", "--json", env=env)
    assert before.code == 0 and before.json["explorer"]["asked_at"] is None and before.json["explorer"]["month"] is None and billed(sim) == []
    assert [r["account"] for r in before.json["rows"] if r["budget_forecast"]] and all(r["month"] is None for r in before.json["rows"])
    paid = trivet("show", "costs", "--paid", "--json", env=env)
    assert paid.code == 0 and "$0.03" in paid.err
    assert billed(sim) == ["GetAnomalies", "GetCostAndUsage", "GetCostForecast"]
    explorer = paid.json["explorer"]
    assert explorer["requests"] == 3 and explorer["complete"] and explorer["forecast"] > explorer["month"] > 0
    rows = {(r["account"], r["service"]): r for r in paid.json["rows"]}
    prod = rows["prod", "all services"]
    assert prod["month"] == pytest.approx(sum(r["month"] for k, r in rows.items() if k[0] == "prod" and k[1] != "all services"), abs=0.1)
    assert explorer["month"] == pytest.approx(sum(r["month"] for k, r in rows.items() if k[1] == "all services"), abs=0.1)
    assert paid.json["anomalies"][0]["account"] == ACCOUNTS["prod"] and paid.json["month_saved_by_shutdown"]["dev"] > 10
    (kept,) = (tmp_path / "cache/trivet").glob("costs-*.json")
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    again = trivet("show", "costs", "--json", env=env)
    assert again.json["explorer"] == explorer and len(billed(sim)) == 3
    refused = trivet("show", "pods", "--paid", env=env)
    assert refused.code == 2 and "--paid is for the pane costs alone" in refused.err
    kept.write_text("{}")
    broken = trivet("show", "costs", env=env)
    assert broken.code == 2 and "is not what trivet wrote" in broken.out + broken.err


def test_costs_that_are_refused(estate):
    sim, env = estate("--fault", "ce.GetCostAndUsage:error=AccessDeniedException/400")
    done = trivet("show", "costs", "--paid", "--json", env=env)
    assert done.code == 2 and done.json["explorer"]["asked_at"] is None and done.json["explorer"]["error"]
    assert billed(sim) == []


def test_a_forecast_that_is_not_to_be_had(estate):
    _, env = estate("--quiet", "--fault", "ce.GetCostForecast:error=DataUnavailableException/400")
    done = trivet("show", "costs", "--paid", "--json", env=env)
    assert done.code == 0 and done.json["explorer"]["forecast"] is None and done.json["explorer"]["month"] > 0 and len(done.json["anomalies"]) == 1


def test_anomalies_that_are_not_told(estate):
    """Not told is not none; also in what is kept."""
    _, env = estate("--quiet", "--fault", "ce.GetAnomalies:error=AccessDeniedException/400")
    paid = trivet("show", "costs", "--paid", "--json", env=env)
    assert paid.code == 2 and paid.json["anomalies"] is None and paid.json["explorer"]["month"] > 0
    assert trivet("show", "costs", "--json", env=env).json["anomalies"] is None
    kept = trivet("show", "costs", "--json", env=env).json
    week = {(d["account"], d["service"]): d["amounts"] for d in kept["days"]}
    assert len(week) > 10 and all(len(days) == 7 for days in week.values())
    with Console("--pane", "costs", env=env, columns=120, rows=40) as c:
        c.wait("anomalies are not known: Cost Explorer did not tell", "month to date")
        assert "no anomaly" not in c.text


def test_the_console_asks_first(estate):
    sim, env = estate()
    with Console("--pane", "costs", env=env, columns=120, rows=40) as c:
        c.wait("Cost Explorer was never asked from here", "$0.03")
        c.keys("R")
        c.wait("Ask Cost Explorer for $0.03?", "$0.09 in all")
        c.keys("n")
        c.wait_gone("Ask Cost Explorer")
        assert billed(sim) == []
        c.keys("R")
        c.wait("Ask Cost Explorer for $0.03?")
        c.keys("y")
        c.wait("month to date $", "3 requests paid", "Amazon Relational Database Service")
        assert billed(sim) == ["GetAnomalies", "GetCostAndUsage", "GetCostForecast"]
        assert "anomaly: Amazon Virtual Private Cloud in prod" in c.text


def test_a_log_group_is_followed(estate):
    sim, env = estate()
    with Console("--pane", "logs", env=env, columns=120, rows=40) as c:
        c.wait("/aws/containerinsights/innovate-prod/application", "90d")
        c.keys("/prod/application\r\r")
        c.wait("INFO", "following")
        end = time.monotonic() + 90
        while len(re.findall(r"logs\.FilterLogEvents", sim.log())) < 3:
            assert time.monotonic() < end, sim.log()[-2000:]
            c.read()
        shown = [line for line in c.text.splitlines() if "INFO" in line or "WARN" in line]
        assert len(shown) > 10 and len(shown) == len(set(shown))


def test_a_log_group_is_followed_through_a_fault(estate):
    """Three refusals are one read that fails; the one after it goes well."""
    _, env = estate("--quiet", "--fault", "logs.FilterLogEvents:error=ServiceUnavailableException/503=3")
    with Console("--pane", "logs", env=env, columns=120, rows=40) as c:
        c.wait("/aws/containerinsights/innovate-prod/application", "90d")
        c.keys("/prod/application\r\r")
        c.wait("✗ ServiceUnavailableException")
        c.wait("INFO", "following")
        c.wait_gone("✗ ServiceUnavailableException")


def test_an_alarms_metric_is_shown_beside_its_limit(estate):
    _, env = estate("--quiet")
    with Console("--pane", "alarms", env=env, columns=120, rows=40) as c:
        c.keys("/latency\r")
        c.wait("alb-latency")
        c.keys("\r")
        c.wait("Average OVER", "limit > 0.5: above all of it")

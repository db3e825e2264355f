"""The simulated load balancers follow the simulated pods: their targets, and what CloudWatch has of them."""
import datetime as dt
import subprocess

from peers import TRIVET, clean_env, trivet, write
from sim import Sim, healthy_prod

UTC = dt.timezone.utc
CRASH = [("          log: flask\n", "          log: flask\n          fail: crash\n")]


def groups(elb):
    return {g["TargetGroupName"].split("-")[2]: g for g in elb.describe_target_groups()["TargetGroups"]}


def key(arn, mark):
    return arn[arn.index(mark):]


def metric(session, name, statistic, minutes=20, group=None, zone=None):
    now = dt.datetime.now(UTC)
    elb = session.client("elbv2")
    dimensions = [{"Name": "LoadBalancer", "Value": key(elb.describe_load_balancers()["LoadBalancers"][0]["LoadBalancerArn"], "app/")}]
    if group:
        dimensions.append({"Name": "TargetGroup", "Value": key(groups(elb)[group]["TargetGroupArn"], "targetgroup/")})
    if zone:
        dimensions.append({"Name": "AvailabilityZone", "Value": zone})
    query = {"Id": "q", "MetricStat": {"Period": 60, "Stat": statistic, "Metric": {"Namespace": "AWS/ApplicationELB", "MetricName": name, "Dimensions": dimensions}}}
    # The simulated clock may be ahead of ours: what is not over yet is not given.
    data = session.client("cloudwatch").get_metric_data(MetricDataQueries=[query], StartTime=now - dt.timedelta(minutes=minutes), EndTime=now + dt.timedelta(days=1),
                                                        ScanBy="TimestampAscending")
    return data["MetricDataResults"][0]["Values"]


def test_targets_are_the_pods(tmp_path):
    with Sim("--quiet") as sim:
        env = clean_env(tmp_path, **sim.env)
        pods = trivet("show", "pods", "--json", "--profile", "innovate", env=env).json["rows"]
        for account in ("dev", "prod"):
            elb = sim.as_role(account).client("elbv2")
            for app, group in groups(elb).items():
                targets = elb.describe_target_health(TargetGroupArn=group["TargetGroupArn"])["TargetHealthDescriptions"]
                ours = [p for p in pods if p["account"] == account and p["name"].startswith(app + "-")]
                assert {t["Target"]["Id"] for t in targets} == {p["ip"] for p in ours} and len(targets) == len(ours) > 0
                assert {t["Target"]["AvailabilityZone"][-2:] for t in targets} == {p["zone"][-2:] for p in ours}
                assert {t["TargetHealth"]["State"] for t in targets} == {"healthy"}


def test_hosts_are_counted_by_zone(tmp_path):
    with Sim("--quiet") as sim:
        session = sim.as_role("prod")
        for zone, count in (("us-east-1a", 3), ("us-east-1b", 3), (None, 6)):
            values = metric(session, "HealthyHostCount", "Average", group="backend", zone=zone)
            assert set(values) == {count} and len(values) >= 19
        assert set(metric(session, "UnHealthyHostCount", "Maximum", group="frontend")) == {0}
        assert metric(session, "HealthyHostCount", "Average", group="backend", zone="us-east-1f") == []
        requests = metric(session, "RequestCount", "Sum")
        assert 300 < sum(requests) / len(requests) < 3000
        assert sum(metric(session, "HTTPCode_Target_5XX_Count", "Sum")) < 60 and sum(metric(session, "HTTPCode_ELB_5XX_Count", "Sum")) < 20


def test_targets_that_fail_show_in_the_metrics(tmp_path):
    with Sim("--quiet", "--speed", "60", scenario=write(tmp_path / "crash.yaml", healthy_prod(*CRASH))) as sim:
        session = sim.as_role("prod")
        elb = session.client("elbv2")
        states = {t["TargetHealth"]["State"] for t in elb.describe_target_health(TargetGroupArn=groups(elb)["backend"]["TargetGroupArn"])["TargetHealthDescriptions"]}
        assert states == {"unhealthy"}
        assert set(metric(session, "HealthyHostCount", "Average", group="backend")) == {0}
        assert set(metric(session, "UnHealthyHostCount", "Average", group="backend")) == {6}
        errors, requests = metric(session, "HTTPCode_Target_5XX_Count", "Sum"), metric(session, "RequestCount", "Sum")
        assert sum(errors) / sum(requests) > 0.4 # half of the requests are the backend's, and no target of it is well


def test_a_rollout_changes_the_targets(tmp_path):
    """New pods are registered and become healthy, old ones drain; a healthy one is there all the time."""
    with Sim("--quiet", "--speed", "20") as sim:
        env = clean_env(tmp_path, **sim.env)
        elb = sim.as_role("dev").client("elbv2")
        arn = groups(elb)["frontend"]["TargetGroupArn"]

        def look():
            return {(t["Target"]["Id"], t["TargetHealth"]["State"]) for t in elb.describe_target_health(TargetGroupArn=arn)["TargetHealthDescriptions"]}

        before, seen = look(), set()
        restart = subprocess.Popen([TRIVET, "action", "restart", "--account", "dev", "innovate/frontend", "--yes", "--reason", "test", "--profile", "innovate"], env=env,
                                   stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, text=True)
        try:
            while restart.poll() is None:
                now = look()
                seen |= now
                assert any(state == "healthy" for _, state in now), now
        finally:
            restart.kill()
            out = restart.communicate()[0]
        assert restart.returncode == 0, out
        (old,) = before
        assert old[1] == "healthy" and (old[0], "draining") in seen
        assert {state for ip, state in seen if ip != old[0]} >= {"initial", "healthy"}


def test_metrics_that_fail_hide_no_target(tmp_path):
    with Sim("--quiet", "--fault", "cloudwatch.GetMetricData:error=AccessDenied/403") as sim:
        done = trivet("show", "network", "--json", "--profile", "innovate", env=clean_env(tmp_path, **sim.env))
    assert done.code == 2
    assert [r["state"] for r in done.json["rows"] if r["kind"] == "targets" and r["account"] == "prod"] == ["6/6 healthy", "4/4 healthy"]
    [prod] = [a for a in done.json["accounts"] if a["name"] == "prod"]
    [feed] = [f for f in prod["feeds"] if f["feed"] == "load-balancers"]
    assert feed["state"] == "stale" and feed["error"]["message"].startswith("metrics: ")


def test_listeners_routes_and_acls_are_told(tmp_path):
    with Sim("--quiet") as sim:
        done = trivet("show", "network", "--json", "--profile", "innovate", env=clean_env(tmp_path, **sim.env))
    [https] = [x for x in done.json["listeners"] if x["account"] == "prod"]
    assert https["port"] == 443 and [r["priority"] for r in https["rules"]][-1] == "default" and https["rules"][-1]["status"] == "403"
    assert all(r["header"] == "X-Origin-Verify" for r in https["rules"][:-1]) and len(https["rules"]) > 2
    assert any(r["account"] == "prod" and r["via"].startswith("vpce-") for r in done.json["routes"])
    assert {e["direction"] for e in done.json["acl_entries"]} == {"in", "out"}

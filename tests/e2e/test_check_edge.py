"""The checks of the edge: each fails on an estate that was changed from outside, by a scenario or by boto3 on moto, and says what it saw."""
import datetime

import boto3
import pytest

from peers import clean_env, evidence, start_moto, trivet, write
from sim import HEALTHY, PRODUCTION, Sim, healthy_prod

IDS = ("dns-cloudfront", "cdn-origin", "cdn-behaviours", "cdn-hit-ratio", "waf-attached", "waf-rules", "waf-logging")
SECRET = "simulated-prod-origin-secret"


def env_of(sim, folder):
    return clean_env(folder, **sim.env)


def verdicts(env, profile="innovate", account="prod"):
    done = trivet("check", "--format", "json", "--profile", profile, env=env)
    return {r["check"]: r for r in done.json["results"] if r["account"] == account and r["check"] in IDS}


def differing(results):
    return {check: r["verdict"] for check, r in results.items() if r["verdict"] != "pass"}


def test_the_healthy_estate_passes(tmp_path):
    with Sim("--quiet") as sim:
        env = env_of(sim, tmp_path)
        results = verdicts(env)
        assert set(results) == set(IDS) and differing(results) == {}, {c: evidence(results[c]) for c in differing(results)}
        assert set(differing(verdicts(env, account="dev")).values()) == {"n/a"}


WWW = "          - {name: www.innovate.example, type: A, alias: d3innovate0edg.cloudfront.net}\n"
API = '- {path: "/api/*", viewer: https-only, compress: true, cache_policy: 4135ea2d-6df8-44a3-9df3-4b5a84be39ad}'
ORIGIN = "        vpc_origin: vo_7QhX2mZk4TgB9cVnRsLw1A\n        load_balancer: innovate\n"
OWN_POLICY = ("    hosted_zones:\n", "    cache_policies: [{id: 0d7e4c1a-1111-4222-8333-444455556666, name: api-minute, default: 1m, max: 1m}]\n    hosted_zones:\n")
HITS = "name: CacheHitRate, dimensions: {DistributionId: E2INNOVATE0EDG, Region: Global}, mean: 86,"
DEVIATIONS = [
    ("dns-cloudfront", [(WWW, WWW.replace("d3innovate0edg", "d9somebody0els"))], "www.innovate.example: A, alias to d9somebody0els.cloudfront.net"),
    ("dns-cloudfront", [(WWW, WWW.replace("alias: d3innovate0edg.cloudfront.net", "values: [192.0.2.7]"))], "www.innovate.example: A of 192.0.2.7"),
    ("dns-cloudfront", [(WWW, ""), (WWW.replace(" A,", " AAAA,"), "")], "www.innovate.example: no record in the zone innovate.example"),
    ("cdn-origin", [("        header: X-Origin-Verify #", "        #")], "alb.prod.innovate.example: is sent no header of its own"),
    ("cdn-origin", [(ORIGIN, "")], "goes to no load balancer: alb.prod.innovate.example"),
    ("cdn-origin", [("        load_balancer: innovate\n", "")], "goes to arn:aws:ec2:us-east-1:333333333333:instance/i-0 as VPC origin"),
    ("cdn-behaviours", [(API, API.replace("https-only", "allow-all"))], "/api/*: viewers: allow-all"),
    ("cdn-behaviours", [("        default: {viewer: redirect-to-https, compress: true,", "        default: {viewer: redirect-to-https,")], "*: compression off"),
    ("cdn-behaviours", [("        tls: TLSv1.2_2021\n", "        tls: TLSv1.1_2016\n")], "viewers' TLS TLSv1.1_2016"),
    ("cdn-behaviours", [(API, API.replace("4135ea2d-6df8-44a3-9df3-4b5a84be39ad", "0d7e4c1a-1111-4222-8333-444455556666")), OWN_POLICY], "/api/*: cached by api-minute"),
    ("cdn-behaviours", [('path: "/api/*"', 'path: "/v1/*"')], "no behaviour for /api/*"),
    ("cdn-hit-ratio", [(HITS, HITS.replace("86", "52"))], "% from the cache over 24 hours, 70 to 90 % promised"),
    ("waf-attached", [("        web_acl: innovate-edge\n", "")], "innovate.example: no web ACL before it"),
    ("waf-rules", [("AWSManagedRulesSQLiRuleSet", "AWSManagedRulesLinuxRuleSet")], "SQL injection: no rule"),
    ("waf-rules", [("            kind: rate\n", "            kind: rate\n            action: count\n")], "too many requests: RateLimit, counts only"),
    ("waf-rules", [("AWSManagedRulesBotControlRuleSet", "AWSManagedRulesUnixRuleSet")], "bots: no rule"),
    ("waf-rules", [("name: AWSManagedRulesCommonRuleSet", "name: AWSManagedRulesAdminProtectionRuleSet")], "cross-site scripting among them: no rule"),
    ("waf-logging", [('        logs: "arn:aws:logs:us-east-1:333333333333:log-group:aws-waf-logs-innovate-edge"\n', "")], "innovate-edge: logs nowhere"),
]


@pytest.mark.parametrize("check, changes, seen", DEVIATIONS, ids=[f"{d[0]}-{i}" for i, d in enumerate(DEVIATIONS)])
def test_a_deviation_is_found_and_nothing_else(tmp_path, check, changes, seen):
    with Sim("--quiet", scenario=write(tmp_path / "drifted.yaml", healthy_prod(*changes))) as sim:
        results = verdicts(env_of(sim, tmp_path))
        assert results[check]["verdict"] == "fail" and any(seen in line for line in evidence(results[check])), evidence(results[check])
        assert differing(results) == {check: "fail"}, {c: evidence(results[c]) for c in differing(results)}


def test_a_name_of_its_own_for_the_load_balancer_is_followed(tmp_path):
    """No VPC origin: the origin's name leads to the load balancer by a record."""
    record = "          - {name: alb.prod.innovate.example, type: A, alias: dualstack.internal-innovate-6c8f1b2d3e.us-east-1.elb.amazonaws.com}\n"
    with Sim("--quiet", scenario=write(tmp_path / "named.yaml", healthy_prod((ORIGIN, ""), (WWW, record + WWW)))) as sim:
        results = verdicts(env_of(sim, tmp_path))
        assert differing(results) == {} and any("dualstack.internal-innovate-6c8f1b2d3e" in line for line in evidence(results["cdn-origin"]))


def test_additional_metrics_that_are_off_are_said_and_not_shown_as_zero(tmp_path):
    lines = [line + "\n" for line in HEALTHY[PRODUCTION:].splitlines() if "name: CacheHitRate" in line or "name: OriginLatency" in line]
    assert len(lines) == 2
    with Sim("--quiet", scenario=write(tmp_path / "off.yaml", healthy_prod(*[(line, "") for line in lines]))) as sim:
        env = env_of(sim, tmp_path)
        results = verdicts(env)
        assert differing(results) == {"cdn-hit-ratio": "unknown"}
        assert evidence(results["cdn-hit-ratio"]) == ["innovate.example: the distribution's additional metrics are off"]
        assert trivet("check", "--profile", "innovate", env=env).code == 2
        (seen,) = trivet("show", "edge", "--json", "--profile", "innovate", env=env).json["traffic"]
        assert seen["hit_ratio"] is None and seen["hit_ratio_day"] is None and seen["latency_p99_ms"] is None and seen["additional_metrics"] is False
        assert seen["requests_per_minute"] > 0


def test_what_may_not_be_read_is_unknown_and_hides_nothing_else(tmp_path):
    with Sim("--quiet", "--fault", "route53:error=AccessDenied/403", "--fault", "wafv2.ListLoggingConfigurations:error=AccessDeniedException/400") as sim:
        env = env_of(sim, tmp_path)
        results = verdicts(env)
        assert differing(results) == {"dns-cloudfront": "unknown", "waf-logging": "unknown"}
        assert "hosted zones, records, web ACL logging:" in results["dns-cloudfront"]["evidence"][0]["value"]
        shown = trivet("show", "edge", "--profile", "innovate", env=env)
        assert shown.code == 2 and "hosted zones, records, web ACL logging:" in shown.out and "E2INNOVATE0EDG" in shown.out


def test_a_name_whose_zone_is_elsewhere_is_unknown(tmp_path):
    with Sim("--quiet", scenario=write(tmp_path / "elsewhere.yaml", healthy_prod(("        name: innovate.example\n        records:", "        name: other.example\n        records:")))) as sim:
        results = verdicts(env_of(sim, tmp_path))
        assert differing(results) == {"dns-cloudfront": "unknown"}
        assert evidence(results["dns-cloudfront"])[0] == "innovate.example: no hosted zone of this account has the name"


def test_the_pane_shows_the_edge_and_no_secret(tmp_path):
    log = tmp_path / "debug.log"
    with Sim("--quiet", scenario=write(tmp_path / "soon.yaml", healthy_prod(("domain: innovate.example, expires_in: 187d", "domain: innovate.example, expires_in: 12d")))) as sim:
        env = env_of(sim, tmp_path)
        done = trivet("show", "edge", "--json", "--profile", "innovate", "--log", log, env=env)
        assert done.code == 0 and SECRET not in done.out + log.read_text()
        rows = {(r["kind"], r["name"]): r for r in done.json["rows"]}
        assert {kind for kind, _ in rows} == {"cdn", "behaviour", "origin", "record", "certificate", "cleared"}
        assert rows["certificate", "innovate.example"]["state"] == "11d left" and rows["certificate", "alb.prod.innovate.example"]["state"] == "213d left"
        assert rows["record", "www.innovate.example A"]["about"] == "alias to d3innovate0edg.cloudfront.net"
        assert rows["behaviour", "/api/*"]["about"].startswith("not cached, https-only")
        (seen,) = done.json["traffic"]
        assert seen["distribution"] == "E2INNOVATE0EDG" and 70 < seen["hit_ratio_day"] < 100 and seen["latency_p99_ms"] > 0 and seen["errors_5xx"] < 1


# Terraform's distribution, made by boto3 on moto.

MOTO_PROFILE = """name: moto
region: us-east-1
accounts:
  - {name: prod, id: "123456789012", kind: production, web_acl: innovate-edge}
"""


class Terraform:
    """What `terraform apply` of the architecture's edge leaves behind, as far as moto has it."""

    def __init__(self, url):
        client = lambda service: boto3.client(service, endpoint_url=url, region_name="us-east-1", aws_access_key_id="testing", aws_secret_access_key="testing")
        self.waf, self.cdn, self.dns, self.cloudwatch = client("wafv2"), client("cloudfront"), client("route53"), client("cloudwatch")
        subnets = [s["SubnetId"] for s in client("ec2").describe_subnets()["Subnets"]][:2]
        self.alb = client("elbv2").create_load_balancer(Name="innovate", Subnets=subnets, Scheme="internal")["LoadBalancers"][0]["DNSName"]
        self.acl = self.waf.create_web_acl(Name="innovate-edge", Scope="CLOUDFRONT", DefaultAction={"Allow": {}}, VisibilityConfig=self.visible("edge"),
                                           Rules=self.rules())["Summary"]
        made = self.cdn.create_distribution(DistributionConfig=self.config())["Distribution"]
        self.id, self.domain = made["Id"], made["DomainName"]
        self.zone = self.dns.create_hosted_zone(Name="innovate.example", CallerReference="1")["HostedZone"]["Id"]
        self.name("innovate.example", self.domain)

    @staticmethod
    def visible(name):
        return {"SampledRequestsEnabled": True, "CloudWatchMetricsEnabled": True, "MetricName": name}

    def rules(self):
        groups = ("AWSManagedRulesCommonRuleSet", "AWSManagedRulesSQLiRuleSet", "AWSManagedRulesBotControlRuleSet")
        managed = [{"Name": g, "Priority": i, "Statement": {"ManagedRuleGroupStatement": {"VendorName": "AWS", "Name": g}}, "OverrideAction": {"None": {}},
                    "VisibilityConfig": self.visible(g)} for i, g in enumerate(groups)]
        return managed + [{"Name": "rate", "Priority": 9, "Statement": {"RateBasedStatement": {"Limit": 2000, "AggregateKeyType": "IP"}}, "Action": {"Block": {}},
                           "VisibilityConfig": self.visible("rate")}]

    def config(self):
        cache = {"ForwardedValues": {"QueryString": True, "Cookies": {"Forward": "all"}}, "TrustedSigners": {"Enabled": False, "Quantity": 0}}
        standard = {"TargetOriginId": "alb", "ViewerProtocolPolicy": "redirect-to-https", "Compress": True, "MinTTL": 0, "DefaultTTL": 86400, "MaxTTL": 31536000, **cache}
        api = {**standard, "PathPattern": "/api/*", "DefaultTTL": 0, "MaxTTL": 0}
        origin = {"Id": "alb", "DomainName": self.alb, "OriginPath": "",
                  "CustomHeaders": {"Quantity": 1, "Items": [{"HeaderName": "X-Origin-Verify", "HeaderValue": SECRET}]},
                  "CustomOriginConfig": {"HTTPPort": 80, "HTTPSPort": 443, "OriginProtocolPolicy": "https-only", "OriginSslProtocols": {"Quantity": 1, "Items": ["TLSv1.2"]}}}
        return {"CallerReference": "1", "Comment": "", "Enabled": True, "Aliases": {"Quantity": 1, "Items": ["innovate.example"]}, "WebACLId": self.acl["ARN"],
                "Origins": {"Quantity": 1, "Items": [origin]}, "DefaultCacheBehavior": standard, "CacheBehaviors": {"Quantity": 1, "Items": [api]},
                "ViewerCertificate": {"ACMCertificateArn": "arn:aws:acm:us-east-1:123456789012:certificate/1", "SSLSupportMethod": "sni-only",
                                      "MinimumProtocolVersion": "TLSv1.2_2021", "CloudFrontDefaultCertificate": False}}

    def name(self, name, target):
        alias = {"HostedZoneId": "Z2FDTNDATAQYW2", "DNSName": target, "EvaluateTargetHealth": False}
        self.dns.change_resource_record_sets(HostedZoneId=self.zone, ChangeBatch={"Changes": [
            {"Action": "UPSERT", "ResourceRecordSet": {"Name": name, "Type": "A", "AliasTarget": alias}}]})

    def counted(self, hours_ago, requests, hits):
        at = datetime.datetime.now(datetime.timezone.utc).replace(minute=0, second=0, microsecond=0) - datetime.timedelta(hours=hours_ago)
        dimensions = [{"Name": "DistributionId", "Value": self.id}, {"Name": "Region", "Value": "Global"}]
        self.cloudwatch.put_metric_data(Namespace="AWS/CloudFront", MetricData=[
            {"MetricName": name, "Dimensions": dimensions, "Timestamp": at, "Value": value} for name, value in (("Requests", requests), ("CacheHitRate", hits))])

    def update(self, change):
        got = self.cdn.get_distribution_config(Id=self.id)
        change(got["DistributionConfig"])
        self.cdn.update_distribution(Id=self.id, IfMatch=got["ETag"], DistributionConfig=got["DistributionConfig"])


@pytest.fixture(scope="module")
def moto(tmp_path_factory):
    folder = tmp_path_factory.mktemp("moto")
    server, url = start_moto(folder)
    try:
        env = clean_env(folder, AWS_ENDPOINT_URL=url, AWS_ACCESS_KEY_ID="testing", AWS_SECRET_ACCESS_KEY="testing", AWS_REGION="us-east-1")
        yield Terraform(url), env, str(write(folder / "moto.yaml", MOTO_PROFILE))
    finally:
        server.stop()


# moto counts no requests, and its ListLoggingConfigurations looks for ":global:" in ARNs, which none of CLOUDFRONT's has.
MOTO = {"cdn-hit-ratio": "unknown", "waf-logging": "fail"}


def test_what_terraform_made_conforms(moto):
    _, env, profile = moto
    results = verdicts(env, profile)
    assert differing(results) == MOTO, {c: evidence(results[c]) for c in differing(results)}
    assert "innovate.example: no requests counted in 24 hours" in evidence(results["cdn-hit-ratio"])


def no_acl(t):
    t.update(lambda config: config.update(WebACLId=""))
    return lambda: t.update(lambda config: config.update(WebACLId=t.acl["ARN"]))


def no_header(t):
    kept = t.config()["Origins"]["Items"][0]["CustomHeaders"]
    change = lambda headers: t.update(lambda config: config["Origins"]["Items"][0].update(CustomHeaders=headers))
    change({"Quantity": 0})
    return lambda: change(kept)


def cached_api(t):
    change = lambda seconds: t.update(lambda config: config["CacheBehaviors"]["Items"][0].update(MaxTTL=seconds))
    change(60)
    return lambda: change(0)


def other_target(t):
    t.name("innovate.example", "d9somebody0els.cloudfront.net")
    return lambda: t.name("innovate.example", t.domain)


def other_rules(t):
    change = lambda rules: t.waf.update_web_acl(Name="innovate-edge", Scope="CLOUDFRONT", Id=t.acl["Id"], DefaultAction={"Allow": {}}, Rules=rules,
                                                VisibilityConfig=t.visible("edge"), LockToken=t.waf.get_web_acl(Name="innovate-edge", Scope="CLOUDFRONT", Id=t.acl["Id"])["LockToken"])
    change([r for r in t.rules() if "SQLi" not in r["Name"]])
    return lambda: change(t.rules())


BENT = [
    (other_rules, "waf-rules", "SQL injection: no rule"),
    (no_acl, "waf-attached", "innovate.example: no web ACL before it"),
    (no_header, "cdn-origin", "is sent no header of its own"),
    (cached_api, "cdn-behaviours", "/api/*: cached by its own times"),
    (other_target, "dns-cloudfront", "innovate.example: A, alias to d9somebody0els.cloudfront.net"),
]


@pytest.mark.parametrize("bend, check, seen", BENT, ids=[b[1] for b in BENT])
def test_what_somebody_changed_by_hand_is_found(moto, bend, check, seen):
    terraform, env, profile = moto
    undo = bend(terraform)
    try:
        results = verdicts(env, profile)
        assert differing(results) == {**MOTO, check: "fail"}, {c: evidence(results[c]) for c in differing(results)}
        assert any(seen in line for line in evidence(results[check])), evidence(results[check])
    finally:
        undo()


def test_the_hit_ratio_is_what_was_counted(moto):
    """The last test: what CloudWatch was told stays."""
    terraform, env, profile = moto
    terraform.counted(5, 1000, 52)
    seen = verdicts(env, profile)["cdn-hit-ratio"]
    assert seen["verdict"] == "fail" and "% from the cache over 24 hours, 70 to 90 % promised" in evidence(seen)[0]
    terraform.counted(3, 1000000, 85)
    seen = verdicts(env, profile)["cdn-hit-ratio"]
    assert seen["verdict"] == "pass", evidence(seen)


COUNTED = [(None, "cdn-hit-ratio", "% from the cache")]

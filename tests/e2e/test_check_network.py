"""The checks of the network: each fails on an estate that was changed from outside, by a scenario or by boto3 on moto, and says what it saw."""
import subprocess

import boto3
import pytest

from peers import clean_env, evidence, start_moto, trivet, write
from sim import Sim, healthy_prod

IDS = ("net-vpc", "net-app-subnets", "net-db-subnets", "net-private", "net-endpoints", "net-nacl", "sg-pods", "sg-db", "sg-open", "alb-internal", "alb-header",
       "alb-tls", "alb-health", "ebs-encrypted")


def env_of(sim, folder):
    return clean_env(folder, **sim.env)


def verdicts(env, profile="innovate", account="prod"):
    done = trivet("check", "--format", "json", "--profile", profile, env=env)
    return {r["check"]: r for r in done.json["results"] if r["account"] == account and r["check"] in IDS}


def failed(results):
    return {check for check, r in results.items() if r["verdict"] != "pass"}


def test_the_healthy_estate_passes(tmp_path):
    with Sim("--quiet") as sim:
        env = env_of(sim, tmp_path)
        for account in ("dev", "prod"):
            results = verdicts(env, account=account)
            assert set(results) == set(IDS) and failed(results) == set(), {c: evidence(results[c]) for c in failed(results)}


GROUPS = "        - {id: sg-03f100d5c6b7a8091, name: default"
DEVIATIONS = [
    ("net-vpc", [("name: innovate-prod, cidr: 10.0.0.0/16", "name: innovate-prod, cidr: 10.8.0.0/16")], "10.8.0.0/16, 10.0.0.0/16 promised"),
    ("net-app-subnets", [("cidr: 10.0.12.0/24, zone: us-east-1b", "cidr: 10.0.12.0/24, zone: us-east-1a")],
     "app subnets in 1 zone, 2 promised"),
    ("net-db-subnets", [("cidr: 10.0.22.0/24", "cidr: 10.0.32.0/24")], "no subnet is 10.0.22.0/24"),
    ("net-private", [("- {id: rtb-03f1a9b8c7d6e5f40, name: innovate-prod-app, routes: [", "- {id: rtb-03f1a9b8c7d6e5f40, name: innovate-prod-app, routes: [{to: 0.0.0.0/0, via: igw-0a1b2c3d4e5f60718}, ")],
     "0.0.0.0/0 goes to igw-0a1b2c3d4e5f60718"),
    ("net-private", [("cidr: 10.0.21.0/24, zone: us-east-1a,", "cidr: 10.0.21.0/24, zone: us-east-1a, public: true,")], "hands out public addresses"),
    ("net-endpoints", [("service: logs, private_dns: true", "service: logs, private_dns: false")], "logs: vpce-03f14a1b2c3d4e5f6, Interface, no private DNS, available"),
    ("net-nacl", [(", acl: acl-03f1d1c2e3f4a5b60}", "}")], "is the default ACL"),
    ("sg-pods", [("about: Pods of the backend, ingress: [", "about: Pods of the backend, ingress: [{ports: \"8000\", peers: [10.0.0.0/16]}, ")],
     "innovate-prod-backend lets in 10.0.0.0/16 on tcp 8000"),
    ("sg-db", [("about: PostgreSQL, ingress: [", "about: PostgreSQL, ingress: [{ports: 5432-5439, peers: [10.0.11.0/24]}, ")],
     "innovate-prod-database lets in 10.0.11.0/24 on tcp 5432-5439"),
    ("sg-open", [(GROUPS, "        - {id: sg-0abc, name: bastion, ingress: [{ports: \"22\", peers: [192.0.2.0/24]}]}\n" + GROUPS)], "bastion lets in 192.0.2.0/24 on tcp 22"),
    ("sg-open", [(GROUPS, "        - {id: sg-0abc, name: web, ingress: [{ports: \"443\", peers: [\"::/0\"]}]}\n" + GROUPS)], "web lets in ::/0 on tcp 443"),
    ("alb-internal", [("          cross_zone: true\n", "          cross_zone: false\n")], "cross-zone balancing off"),
    ("alb-internal", [("subnets: [subnet-0pr0daaaa11112222, subnet-0pr0dbbbb33334444]\n          groups", "subnets: [subnet-0pr0daaaa11112222]\n          groups")], "internal, in 1 zone"),
    ("alb-header", [("{priority: 20, header: X-Origin-Verify, value: simulated-prod-origin-secret, ", "{priority: 20, ")],
     "rule 20 to k8s-innovate-frontend-1cf387c012 asks for no header"),
    ("alb-header", [("              protocol: HTTPS\n", "              protocol: HTTPS\n              target: k8s-innovate-frontend-1cf387c012\n")], "where no rule fits: forward"),
    ("alb-tls", [("expires_in: 214d", "expires_in: 20d")], "ISSUED, valid until"),
    ("alb-health", [("id: 9d2bc5e8f1a03746, app: innovate/backend, port: 8000, path: /health", "id: 9d2bc5e8f1a03746, app: innovate/backend, port: 8000, path: /")], "checks /"),
    ("ebs-encrypted", [("      ebs_encryption: true\n", "      ebs_encryption: false\n")], "encryption by default off"),
]


@pytest.mark.parametrize("check, changes, seen", DEVIATIONS, ids=[f"{d[0]}-{i}" for i, d in enumerate(DEVIATIONS)])
def test_a_deviation_is_found_and_nothing_else(tmp_path, check, changes, seen):
    with Sim("--quiet", scenario=write(tmp_path / "drifted.yaml", healthy_prod(*changes))) as sim:
        env = env_of(sim, tmp_path)
        results = verdicts(env)
        assert results[check]["verdict"] == "fail" and any(seen in line for line in evidence(results[check])), evidence(results[check])
        assert failed(results) == {check}, {c: evidence(results[c]) for c in failed(results)}
        assert failed(verdicts(env, account="dev")) == set()


def test_an_internet_facing_balancer_is_no_pods_friend(tmp_path):
    """Two promises hang on one fact: its scheme, and that only an internal one may reach the pods."""
    changes = [("          cross_zone: true\n", "          cross_zone: true\n          internet_facing: true\n")]
    with Sim("--quiet", scenario=write(tmp_path / "drifted.yaml", healthy_prod(*changes))) as sim:
        results = verdicts(env_of(sim, tmp_path))
        assert failed(results) == {"alb-internal", "sg-pods"} and evidence(results["alb-internal"]) == ["innovate: internet-facing, in 2 zones"]


def test_pods_that_crash_are_unhealthy_targets(tmp_path):
    changes = [("          log: flask\n", "          log: flask\n          fail: crash\n")]
    with Sim("--quiet", "--speed", "60", scenario=write(tmp_path / "crash.yaml", healthy_prod(*changes))) as sim:
        env = env_of(sim, tmp_path)
        results = verdicts(env)
        assert failed(results) == {"alb-health"}
        lines = evidence(results["alb-health"])
        assert any("is unhealthy: Target.FailedHealthChecks" in line for line in lines) and any("0 of 6 healthy, in 0 zones" in line for line in lines)
        shown = trivet("show", "network", "--json", "--profile", "innovate", env=env).json
        states = {t["group"]: t["state"] for t in shown["targets"] if t["account"] == "prod"}
        assert states == {"k8s-innovate-backend-10e08a419e": "unhealthy", "k8s-innovate-frontend-1cf387c012": "healthy"}
        row = next(r for r in shown["rows"] if r["account"] == "prod" and r["name"] == "k8s-innovate-backend-10e08a419e")
        assert row["state"] == "0/6 healthy" and row["zones"] == "1a 0/3  1b 0/3"
        status = trivet("status", "--json", "--profile", "innovate", env=env)
        problems = next(a for a in status.json["accounts"] if a["name"] == "prod")["problems"]
        assert status.code == 1 and any(p["text"].startswith("6 of 10 targets unhealthy: k8s-innovate-backend-10e08a419e 10.0.1") for p in problems)


def test_what_may_not_be_read_is_unknown_and_hides_nothing_else(tmp_path):
    with Sim("--quiet", "--fault", "ec2.DescribeNetworkAcls:error=UnauthorizedOperation/403", "--fault", "acm.DescribeCertificate:error=AccessDeniedException/400") as sim:
        env = env_of(sim, tmp_path)
        results = verdicts(env)
        assert {c: r["verdict"] for c, r in results.items() if r["verdict"] != "pass"} == {"net-nacl": "unknown", "alb-tls": "unknown"}
        assert "network ACLs, certificates:" in results["net-nacl"]["evidence"][0]["value"]
        assert trivet("check", "--profile", "innovate", env=env).code == 2
        shown = trivet("show", "network", "--profile", "innovate", env=env)
        assert shown.code == 2 and "network ACLs, certificates:" in shown.out and "innovate-prod-app-1a" in shown.out
        assert not any(r["kind"] == "acl" for r in trivet("show", "network", "--json", "--profile", "innovate", env=env).json["rows"])


def test_the_header_s_value_is_told_nowhere(tmp_path):
    log = tmp_path / "debug.log"
    with Sim("--quiet") as sim:
        env = env_of(sim, tmp_path)
        texts = [trivet("check", "--format", "json", "--profile", "innovate", env=env).out,
                 trivet("show", "network", "--json", "--profile", "innovate", "--log", log, env=env).out, log.read_text()]
    assert "X-Origin-Verify" in texts[0] and not any("origin-secret" in text for text in texts)


# Terraform's VPC, made by boto3 on moto.

MOTO_PROFILE = """name: moto
region: us-east-1
accounts:
  - {name: prod, id: "123456789012", kind: production, database: innovate-prod}
"""


def certificate(folder):
    """One that openssl signs for itself, good for a year; and its key."""
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "365", "-subj", "/CN=alb.innovate.example", "-keyout", folder / "key.pem",
                    "-out", folder / "certificate.pem"], check=True, capture_output=True)
    return (folder / "certificate.pem").read_bytes(), (folder / "key.pem").read_bytes()


KEYS = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing"}


class Terraform:
    """What `terraform apply` of the architecture's modules leaves behind."""

    def __init__(self, url, folder, keys=KEYS):
        client = lambda service: boto3.client(service, endpoint_url=url, region_name="us-east-1", **keys)
        self.ec2, self.elb, self.acm, self.rds = client("ec2"), client("elbv2"), client("acm"), client("rds")
        self.vpc = self.ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        self.subnets = {cidr: self.ec2.create_subnet(VpcId=self.vpc, CidrBlock=cidr, AvailabilityZone=f"us-east-1{zone}")["Subnet"]["SubnetId"]
                        for cidr, zone in (("10.0.11.0/24", "a"), ("10.0.12.0/24", "b"), ("10.0.21.0/24", "a"), ("10.0.22.0/24", "b"))}
        self.app = [self.subnets["10.0.11.0/24"], self.subnets["10.0.12.0/24"]]
        self.db = [self.subnets["10.0.21.0/24"], self.subnets["10.0.22.0/24"]]
        self.make_routes()
        self.make_endpoints()
        self.acls = {"app": self.make_acl(self.app, "10.0.0.0/16", "-1", None), "db": self.make_acl(self.db, "10.0.11.0/24", "6", 5432)}
        self.make_groups()
        self.make_balancer(*certificate(folder))
        self.make_database()
        self.ec2.enable_ebs_encryption_by_default()

    def make_routes(self):
        self.table = self.ec2.create_route_table(VpcId=self.vpc)["RouteTable"]["RouteTableId"]
        for subnet in self.app:
            self.ec2.associate_route_table(RouteTableId=self.table, SubnetId=subnet)

    def make_endpoints(self):
        for service in ("ecr.dkr", "ecr.api", "secretsmanager", "logs"):
            self.ec2.create_vpc_endpoint(VpcId=self.vpc, ServiceName=f"com.amazonaws.us-east-1.{service}", VpcEndpointType="Interface", SubnetIds=self.app,
                                         PrivateDnsEnabled=True)
        self.ec2.create_vpc_endpoint(VpcId=self.vpc, ServiceName="com.amazonaws.us-east-1.s3", VpcEndpointType="Gateway", RouteTableIds=[self.table])

    def make_acl(self, subnets, cidr, protocol, port):
        acl = self.ec2.create_network_acl(VpcId=self.vpc)["NetworkAcl"]["NetworkAclId"]
        more = {"PortRange": {"From": port, "To": port}} if port else {}
        self.ec2.create_network_acl_entry(NetworkAclId=acl, RuleNumber=100, Protocol=protocol, RuleAction="allow", Egress=False, CidrBlock=cidr, **more)
        for other in self.ec2.describe_network_acls(Filters=[{"Name": "vpc-id", "Values": [self.vpc]}])["NetworkAcls"]:
            for link in other["Associations"]:
                if link["SubnetId"] in subnets:
                    self.ec2.replace_network_acl_association(AssociationId=link["NetworkAclAssociationId"], NetworkAclId=acl)
        return acl

    def group(self, name, port=None, source=None):
        group = self.ec2.create_security_group(GroupName=name, Description=name, VpcId=self.vpc)["GroupId"]
        if port:
            self.allow(group, port, source)
        return group

    @staticmethod
    def permission(port, source):
        peer = {"UserIdGroupPairs": [{"GroupId": source}]} if source.startswith("sg-") else {"IpRanges": [{"CidrIp": source}]}
        return [{"IpProtocol": "tcp", "FromPort": port, "ToPort": port, **peer}]

    def allow(self, group, port, source):
        self.ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=self.permission(port, source))

    def make_groups(self):
        self.edge = self.group("cloudfront-origins")
        self.alb_group = self.group("innovate-alb", 443, self.edge)
        self.frontend = self.group("innovate-frontend", 80, self.alb_group)
        self.backend = self.group("innovate-backend", 8000, self.alb_group)
        self.database = self.group("innovate-database", 5432, self.backend)

    def make_balancer(self, certificate, key):
        self.alb = self.elb.create_load_balancer(Name="innovate", Subnets=self.app, SecurityGroups=[self.alb_group], Scheme="internal")["LoadBalancers"][0]["LoadBalancerArn"]
        self.elb.modify_load_balancer_attributes(LoadBalancerArn=self.alb, Attributes=[{"Key": "load_balancing.cross_zone.enabled", "Value": "true"}])
        self.target = self.elb.create_target_group(Name="k8s-innovate-backend-10e08a419e", Protocol="HTTP", Port=8000, VpcId=self.vpc, TargetType="ip",
                                                   HealthCheckPath="/health")["TargetGroups"][0]["TargetGroupArn"]
        certificate = self.acm.import_certificate(Certificate=certificate, PrivateKey=key)["CertificateArn"]
        refuse = [{"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "403", "ContentType": "text/plain", "MessageBody": "no"}}]
        self.listener = self.elb.create_listener(LoadBalancerArn=self.alb, Protocol="HTTPS", Port=443, Certificates=[{"CertificateArn": certificate}],
                                                 DefaultActions=refuse)["Listeners"][0]["ListenerArn"]
        header = {"Field": "http-header", "HttpHeaderConfig": {"HttpHeaderName": "X-Origin-Verify", "Values": ["not-to-be-told"]}}
        self.rule = self.elb.create_rule(ListenerArn=self.listener, Priority=10, Conditions=[header],
                                         Actions=[{"Type": "forward", "TargetGroupArn": self.target}])["Rules"][0]["RuleArn"]
        self.targets = [{"Id": ip, "Port": 8000, "AvailabilityZone": zone} for ip, zone in (("10.0.11.21", "us-east-1a"), ("10.0.12.21", "us-east-1b"))]
        self.elb.register_targets(TargetGroupArn=self.target, Targets=self.targets)

    def make_database(self):
        self.rds.create_db_subnet_group(DBSubnetGroupName="private", DBSubnetGroupDescription="private", SubnetIds=self.db)
        self.rds.create_db_instance(DBInstanceIdentifier="innovate-prod", DBInstanceClass="db.t3.medium", Engine="postgres", AllocatedStorage=20, MasterUsername="app",
                                    MasterUserPassword="not-a-secret-1", MultiAZ=True, VpcSecurityGroupIds=[self.database], DBSubnetGroupName="private")


@pytest.fixture(scope="module")
def moto(tmp_path_factory):
    folder = tmp_path_factory.mktemp("moto")
    server, url = start_moto(folder)
    try:
        profile = write(folder / "moto.yaml", MOTO_PROFILE)
        env = clean_env(folder, AWS_ENDPOINT_URL=url, AWS_ACCESS_KEY_ID="testing", AWS_SECRET_ACCESS_KEY="testing", TRIVET_PROFILE=str(profile))
        yield Terraform(url, folder), env, str(profile)
    finally:
        server.stop()


def test_what_terraform_made_conforms(moto):
    _, env, profile = moto
    results = verdicts(env, profile)
    assert failed(results) == set(), {c: evidence(results[c]) for c in failed(results)}
    rows = trivet("show", "network", "--json", env=env).json["rows"]
    assert {(r["name"], r["about"]) for r in rows if r["kind"] == "allows"} >= {("innovate-backend → innovate-database", "tcp 5432"), ("innovate-alb → innovate-backend", "tcp 8000")}
    assert next(r for r in rows if r["kind"] == "targets")["state"] == "2/2 healthy"


# Each changes one thing and gives back how to undo it.


def public_subnet(t):
    change = lambda on: t.ec2.modify_subnet_attribute(SubnetId=t.db[0], MapPublicIpOnLaunch={"Value": on})
    change(True)
    return lambda: change(False)


def internet(t):
    gateway = t.ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    t.ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=t.vpc)
    t.ec2.create_route(RouteTableId=t.table, DestinationCidrBlock="0.0.0.0/0", GatewayId=gateway)
    return lambda: t.ec2.delete_route(RouteTableId=t.table, DestinationCidrBlock="0.0.0.0/0")


def no_endpoint(t):
    (one,) = [e for e in t.ec2.describe_vpc_endpoints()["VpcEndpoints"] if e["ServiceName"].endswith(".secretsmanager")]
    t.ec2.delete_vpc_endpoints(VpcEndpointIds=[one["VpcEndpointId"]])
    return lambda: t.ec2.create_vpc_endpoint(VpcId=t.vpc, ServiceName=one["ServiceName"], VpcEndpointType="Interface", SubnetIds=t.app, PrivateDnsEnabled=True)


def open_acl(t):
    t.ec2.create_network_acl_entry(NetworkAclId=t.acls["db"], RuleNumber=90, Protocol="-1", RuleAction="allow", Egress=False, CidrBlock="0.0.0.0/0")
    return lambda: t.ec2.delete_network_acl_entry(NetworkAclId=t.acls["db"], RuleNumber=90, Egress=False)


def let_in(group, port, source):
    def change(t):
        permission = t.permission(port, source if source[0].isdigit() else getattr(t, source))
        t.ec2.authorize_security_group_ingress(GroupId=getattr(t, group), IpPermissions=permission)
        return lambda: t.ec2.revoke_security_group_ingress(GroupId=getattr(t, group), IpPermissions=permission)
    return change


def forwarding_default(t):
    before = t.elb.describe_listeners(ListenerArns=[t.listener])["Listeners"][0]["DefaultActions"]
    t.elb.modify_listener(ListenerArn=t.listener, DefaultActions=[{"Type": "forward", "TargetGroupArn": t.target}])
    return lambda: t.elb.modify_listener(ListenerArn=t.listener, DefaultActions=before)


def rule_by_path_only(t):
    rule = t.elb.create_rule(ListenerArn=t.listener, Priority=20, Conditions=[{"Field": "path-pattern", "Values": ["/status"]}],
                             Actions=[{"Type": "forward", "TargetGroupArn": t.target}])["Rules"][0]["RuleArn"]
    return lambda: t.elb.delete_rule(RuleArn=rule)


def plain_http(t):
    t.elb.modify_listener(ListenerArn=t.listener, Protocol="HTTP", Port=80)
    certificates = [{"CertificateArn": t.acm.list_certificates()["CertificateSummaryList"][0]["CertificateArn"]}]
    return lambda: t.elb.modify_listener(ListenerArn=t.listener, Protocol="HTTPS", Port=443, Certificates=certificates)


def cross_zone_off(t):
    change = lambda on: t.elb.modify_load_balancer_attributes(LoadBalancerArn=t.alb, Attributes=[{"Key": "load_balancing.cross_zone.enabled", "Value": on}])
    change("false")
    return lambda: change("true")


def zones_kept_apart(t):
    """As it can be done at a load balancer that has it on for all."""
    key = "load_balancing.cross_zone.enabled"
    change = lambda how: t.elb.modify_target_group_attributes(TargetGroupArn=t.target, Attributes=[{"Key": key, "Value": how}])
    change("false")
    return lambda: change("use_load_balancer_configuration")


def other_health_check(t):
    change = lambda path: t.elb.modify_target_group(TargetGroupArn=t.target, HealthCheckPath=path)
    change("/index.html")
    return lambda: change("/health")


def one_zone_left(t):
    t.elb.deregister_targets(TargetGroupArn=t.target, Targets=t.targets[1:])
    return lambda: t.elb.register_targets(TargetGroupArn=t.target, Targets=t.targets[1:])


def plain_disks(t):
    t.ec2.disable_ebs_encryption_by_default()
    return t.ec2.enable_ebs_encryption_by_default


BENT = [
    (public_subnet, "net-private", "hands out public addresses"),
    (internet, "net-private", "0.0.0.0/0 goes to igw-"),
    (no_endpoint, "net-endpoints", ", Interface, private DNS, deleted"),
    (open_acl, "net-nacl", "rule 90 of acl-"),
    (let_in("frontend", 80, "10.0.0.0/16"), "sg-pods", "innovate-frontend lets in 10.0.0.0/16 on tcp 80"),
    (let_in("database", 5432, "alb_group"), "sg-db", "innovate-alb on tcp 5432"),
    (let_in("database", 5433, "backend"), "sg-db", "innovate-backend on tcp 5433"),
    (let_in("alb_group", 443, "0.0.0.0/0"), "sg-open", "innovate-alb lets in 0.0.0.0/0 on tcp 443"),
    (let_in("edge", 22, "10.0.11.0/24"), "sg-open", "cloudfront-origins lets in 10.0.11.0/24 on tcp 22"),
    (forwarding_default, "alb-header", "where no rule fits: forward k8s-innovate-backend-10e08a419e"),
    (rule_by_path_only, "alb-header", "rule 20 to k8s-innovate-backend-10e08a419e asks for no header"),
    (plain_http, "alb-tls", "no listener is HTTPS"),
    (cross_zone_off, "alb-internal", "cross-zone balancing off"),
    (zones_kept_apart, "alb-internal", "cross-zone balancing off for the target group k8s-innovate-backend-10e08a419e"),
    (other_health_check, "alb-health", "checks /index.html"),
    (one_zone_left, "alb-health", "1 of 1 healthy, in 1 zone"),
    (plain_disks, "ebs-encrypted", "encryption by default off"),
]


@pytest.mark.parametrize("bend, check, seen", BENT, ids=[f"{b[1]}-{i}" for i, b in enumerate(BENT)])
def test_what_somebody_changed_by_hand_is_found(moto, bend, check, seen):
    terraform, env, profile = moto
    undo = bend(terraform)
    try:
        results = verdicts(env, profile)
        assert failed(results) == {check}, {c: evidence(results[c]) for c in failed(results)}
        assert any(seen in line for line in evidence(results[check])), evidence(results[check])
    finally:
        undo()


def test_promises_of_the_profile_are_what_is_checked(moto, tmp_path):
    _, env, _ = moto
    other = write(tmp_path / "other.yaml", MOTO_PROFILE.replace("accounts:", "network: {vpc: 10.1.0.0/16, app: [10.0.11.0/24], db: [10.0.21.0/24, 10.0.22.0/24]}\naccounts:"))
    results = verdicts(env, str(other))
    assert "prod: no VPC is 10.1.0.0/16" in evidence(results["net-vpc"])
    assert results["net-app-subnets"]["verdict"] == "pass" and results["net-db-subnets"]["verdict"] == "fail"

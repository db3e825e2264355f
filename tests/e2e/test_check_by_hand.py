"""The checks whose evidence neither moto nor ministack has, or has in part only: somebody changes the simulated estate as he would the real one, by
boto3 and by PyGithub, and trivet check finds it; then he puts it right. And two that moto and ministack have after all."""
import hashlib
import json

import boto3
import github
import kubernetes
import pytest

import sim_kube_peer as peer
from peers import clean_env, evidence, start_ministack, start_moto, trivet, write
from sim import ACCOUNTS, without_schedules
from sim_kube_peer import eventually

HOUR = 3600
AGENT = "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"
DEVELOPER = "ghs_simulatedTokenOfADeveloper0000000000"
TERRAFORM = '      - {name: Terraform, trust: ["arn:aws:iam::111111111111:user/oncall"], max_session: 12h, allow: ["*"]}\n'


class Estate:
    """The simulator, at sixty times the clock's pace, with a role in each account that may do all."""

    def __init__(self, folder):
        scenario = without_schedules().replace("    roles:\n", "    roles:\n" + TERRAFORM)
        self.sim = peer.Sim(folder, "--speed", "60", scenario=write(folder / "by-hand.yaml", scenario))
        self.env = clean_env(folder, **self.sim.env)

    def client(self, service, account="prod"):
        keys = dict(aws_access_key_id=self.sim.env["AWS_ACCESS_KEY_ID"], aws_secret_access_key=self.sim.env["AWS_SECRET_ACCESS_KEY"])
        here = dict(endpoint_url=self.sim.url, region_name="us-east-1")
        role = boto3.client("sts", **here, **keys).assume_role(RoleArn=f"arn:aws:iam::{ACCOUNTS[account]}:role/Terraform", RoleSessionName="terraform",
                                                               DurationSeconds=12 * HOUR)
        given = role["Credentials"]
        return boto3.client(service, **here, aws_access_key_id=given["AccessKeyId"], aws_secret_access_key=given["SecretAccessKey"],
                            aws_session_token=given["SessionToken"])

    def repository(self, token=None):
        hub = github.Github(auth=github.Auth.Token(token or self.sim.env["GITHUB_TOKEN"]), base_url=self.sim.github, retry=None)
        return hub.get_repo("innovate/webapp")

    def said(self, check, account="prod"):
        done = trivet("check", "--format", "json", "--profile", "innovate", env=self.env)
        return next(r for r in done.json["results"] if (r["check"], r["account"]) == (check, account))


@pytest.fixture(scope="module")
def estate(tmp_path_factory):
    estate = Estate(tmp_path_factory.mktemp("by-hand"))
    yield estate
    assert estate.sim.stop()


# Each changes one thing and gives back what puts it right.

def cluster(e, **change):
    eks = e.client("eks")
    update = eks.update_cluster_config(name="innovate-prod", **change)["update"]
    eventually(lambda: eks.describe_update(name="innovate-prod", updateId=update["id"])["update"]["status"] == "Successful")


def cluster_without_logs(e):
    change = lambda on: cluster(e, logging={"clusterLogging": [{"types": ["audit", "authenticator"], "enabled": on}]})
    change(False)
    return lambda: change(True)


def cluster_for_everybody(e):
    change = lambda cidrs: cluster(e, resourcesVpcConfig={"endpointPublicAccess": True, "publicAccessCidrs": cidrs})
    before = e.client("eks").describe_cluster(name="innovate-prod")["cluster"]["resourcesVpcConfig"]["publicAccessCidrs"]
    change(["0.0.0.0/0"])
    return lambda: change(before)


def acl_without_log(e):
    waf = e.client("wafv2")
    (before,) = waf.list_logging_configurations(Scope="CLOUDFRONT")["LoggingConfigurations"]
    waf.delete_logging_configuration(ResourceArn=before["ResourceArn"])
    return lambda: waf.put_logging_configuration(LoggingConfiguration={k: before[k] for k in ("ResourceArn", "LogDestinationConfigs")})


def nobody_subscribed(e):
    ce = e.client("ce", "root")
    rows = ce.get_anomaly_subscriptions()["AnomalySubscriptions"]
    for row in rows:
        ce.delete_anomaly_subscription(SubscriptionArn=row["SubscriptionArn"])
    new = {k: rows[0][k] for k in ("MonitorArnList", "Frequency", "SubscriptionName", "Threshold")}
    new["Subscribers"] = [{"Address": "costs@innovate.example", "Type": "EMAIL"}]
    return lambda: ce.create_anomaly_subscription(AnomalySubscription=new)


def agents_without_rights(e):
    iam, ssm = e.client("iam"), e.client("ssm")
    pings = lambda: {m["PingStatus"] for m in ssm.describe_instance_information()["InstanceInformationList"]}
    iam.detach_role_policy(RoleName="innovate-prod-nodes", PolicyArn=AGENT)
    eventually(lambda: pings() == {"ConnectionLost"})
    return lambda: iam.attach_role_policy(RoleName="innovate-prod-nodes", PolicyArn=AGENT)


def no_reviewers(e):
    repository = e.repository()
    people = [r.reviewer for rule in repository.get_environment("production").protection_rules for r in rule.reviewers or []]
    repository.create_environment("production")
    reviewers = [github.EnvironmentProtectionRuleReviewer.ReviewerParams("User", p.id) for p in people]
    return lambda: repository.create_environment("production", reviewers=reviewers, prevent_self_review=True)


def run_by_hand(e, **inputs):
    """By a developer, and let through by the maintainer."""
    repository = e.repository()
    before = repository.get_workflow_runs()[0].run_number
    assert e.repository(DEVELOPER).get_workflow("release.yml").create_dispatch("main", inputs)
    run = repository.get_workflow_runs()[0]
    assert run.run_number == before + 1 and run.event == "workflow_dispatch"
    url = run.url + "/pending_deployments"
    pending = eventually(lambda: run.requester.requestJsonAndCheck("GET", url)[1])
    review = {"environment_ids": [pending[0]["environment"]["id"]], "state": "approved", "comment": "Urgent"}
    run.requester.requestJsonAndCheck("POST", url, input=review)
    eventually(lambda: repository.get_workflow_run(run.id).conclusion == "success")


def scan_left_out(e):
    run_by_hand(e, skip_scan="true")
    return lambda: run_by_hand(e)


BY_HAND = [
    (cluster_without_logs, "eks-cluster", "prod", "innovate-prod: logs: api"),
    (cluster_for_everybody, "eks-cluster", "prod", "innovate-prod: private endpoint on, public one 0.0.0.0/0"),
    (acl_without_log, "waf-logging", "prod", "innovate-edge: logs nowhere"),
    (nobody_subscribed, "cost-anomaly", "root", "nobody is told"),
    (agents_without_rights, "ops-session-manager", "prod", ": ConnectionLost"),
    (no_reviewers, "ci-prod-gate", "prod", "production: deploys without a reviewer"),
    (scan_left_out, "ci-scan", "prod", "has no job or step that scans"),
]


@pytest.mark.parametrize("bend, check, account, seen", BY_HAND, ids=[f[0].__name__ for f in BY_HAND])
def test_what_somebody_changed_is_found_and_what_he_put_right_is_well(estate, bend, check, account, seen):
    right = bend(estate)
    said = estate.said(check, account)
    right()
    assert said["verdict"] == "fail" and any(seen in line for line in evidence(said)), evidence(said)
    said = estate.said(check, account)
    assert said["verdict"] == "pass", evidence(said)


# What is refused.

def test_who_may_not_changes_nothing(estate):
    repository = estate.repository(DEVELOPER)
    with pytest.raises(github.GithubException) as refused:
        repository.create_environment("production")
    assert refused.value.status == 403
    assert not repository.get_workflow("release.yml").create_dispatch("nowhere")
    for service, call in (("eks", lambda c: c.update_cluster_config(name="innovate-prod")),
                          ("wafv2", lambda c: c.delete_logging_configuration(ResourceArn="arn:aws:wafv2:us-east-1:333333333333:global/webacl/none/1")),
                          ("iam", lambda c: c.detach_role_policy(RoleName="nobody", PolicyArn=AGENT)),
                          ("ce", lambda c: c.delete_anomaly_subscription(SubscriptionArn="arn:aws:ce::333333333333:anomalysubscription/none"))):
        client = estate.client(service)
        with pytest.raises(client.exceptions.ClientError) as refused:
            call(client)
        assert refused.value.response["Error"]["Code"] in ("InvalidParameterException", "WAFNonexistentItemException", "NoSuchEntity",
                                                           "UnknownSubscriptionException")


# Images of moto's registry, in the simulator's cluster.

IMAGES = """name: images
region: us-east-1
accounts:
  - {{name: root, id: "123456789012", kind: management}}
  - name: prod
    id: "{prod}"
    kind: production
    role: TrivetReader
    cluster: {{name: innovate-prod, server: "{server}", token_file: "{token}"}}
"""


def test_tags_of_what_runs(tmp_path):
    server, url = start_moto(tmp_path)
    cluster = peer.Sim(tmp_path)
    try:
        ecr = boto3.client("ecr", endpoint_url=url, region_name="us-east-1", aws_access_key_id="testing", aws_secret_access_key="testing")
        apps = kubernetes.client.AppsV1Api(cluster.api_client(ACCOUNTS["prod"]))
        for name in ("frontend", "backend"):
            ecr.create_repository(repositoryName=name)
            manifest = json.dumps({"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json", "layers": [],
                                   "config": {"digest": "sha256:" + hashlib.sha256(name.encode()).hexdigest(), "size": 2,
                                              "mediaType": "application/vnd.oci.image.config.v1+json"}})
            for tag in ("sha-8fd6cad", "prod-latest"):
                digest = ecr.put_image(repositoryName=name, imageManifest=manifest, imageTag=tag)["image"]["imageId"]["imageDigest"]
            image = f"123456789012.dkr.ecr.us-east-1.amazonaws.com/{name}@{digest}"
            apps.patch_namespaced_deployment(name, "innovate", {"spec": {"template": {"spec": {"containers": [{"name": name, "image": image}]}}}})
        token = write(tmp_path / "token", cluster.token(ACCOUNTS["prod"]))
        profile = str(write(tmp_path / "images.yaml", IMAGES.format(prod=ACCOUNTS["prod"], server=cluster.server(ACCOUNTS["prod"]), token=token)))
        env = clean_env(tmp_path, AWS_ENDPOINT_URL=url, AWS_ACCESS_KEY_ID="testing", AWS_SECRET_ACCESS_KEY="testing")

        def said():
            done = trivet("check", "--format", "json", "--profile", profile, env=env)
            return next(r for r in done.json["results"] if (r["check"], r["account"]) == ("img-tags", "prod"))

        assert said()["verdict"] == "pass", evidence(said())
        ecr.batch_delete_image(repositoryName="backend", imageIds=[{"imageTag": "prod-latest"}])
        assert said()["verdict"] == "fail" and evidence(said()) == ["backend: prod-latest resolves to nothing in backend"]
    finally:
        server.stop()
        cluster.stop()


# The root user's second factor: ministack takes any device in use for his.

def test_the_root_user_s_second_factor(tmp_path):
    server, url = start_ministack(tmp_path)
    try:
        iam = boto3.client("iam", endpoint_url=url, region_name="us-east-1", aws_access_key_id=ACCOUNTS["prod"], aws_secret_access_key="test")
        text = f'name: root\nregion: us-east-1\naccounts:\n  - {{name: prod, id: "{ACCOUNTS["prod"]}", kind: production}}\n'
        profile = str(write(tmp_path / "root.yaml", text))
        env = clean_env(tmp_path, AWS_ENDPOINT_URL=url, AWS_ACCESS_KEY_ID=ACCOUNTS["prod"], AWS_SECRET_ACCESS_KEY="test")

        def said():
            done = trivet("check", "--format", "json", "--profile", profile, env=env)
            return next(r for r in done.json["results"] if r["check"] == "iam-root-mfa")

        iam.create_user(UserName="oncall")
        serial = iam.create_virtual_mfa_device(VirtualMFADeviceName="root-account-mfa-device")["VirtualMFADevice"]["SerialNumber"]
        iam.enable_mfa_device(UserName="oncall", SerialNumber=serial, AuthenticationCode1="123456", AuthenticationCode2="654321")
        assert said()["verdict"] == "pass", evidence(said())
        iam.deactivate_mfa_device(UserName="oncall", SerialNumber=serial)
        assert said()["verdict"] == "fail" and evidence(said()) == ["root user: no MFA"]
    finally:
        server.stop()


PEERS = ("img-tags", "iam-root-mfa")

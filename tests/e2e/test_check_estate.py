"""Two accounts of an organisation as Terraform would make them, by boto3 on moto, with a cluster of the simulator that a Kubernetes client changes: what was
made conforms; then somebody changes much by hand, and one run of trivet check finds all of it."""
import json

import boto3
import kubernetes
import pytest

import sim_kube_peer as peer
from peers import clean_env, evidence, start_ministack, start_moto, trivet, write
from test_check_network import KEYS, Terraform

PROD = "333333333333"
REGION = {"region_name": "us-east-1"}
NEVER = "sha256:b300dd651857707102188c7123eaecd6e4075fc22bdfa9e1fd9cd89e86ebacd4"  # failed its scan, so development never had it
PROFILE = """name: estate
region: us-east-1
accounts:
  - {{name: root, id: "123456789012", kind: management, role: "arn:aws:iam::123456789012:role/Reader", operator_role: Operator}}
  - name: prod
    id: "{prod}"
    kind: production
    role: "arn:aws:iam::{prod}:role/Reader"
    operator_role: Operator
    database: innovate-prod
    backup_region: us-west-2
    cluster: {{name: innovate-prod, server: "{server}", token_file: "{token}"}}
"""


def results(env, profile):
    done = trivet("check", "--format", "json", "--profile", profile, env=env)
    return {(r["account"], r["check"]): r for r in done.json["results"]}


def trust(*principals):
    return json.dumps({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": {"AWS": list(principals)}, "Action": "sts:AssumeRole"}})


class Production(Terraform):
    """The network of the architecture, and what stands in it."""

    def __init__(self, url, folder, keys):
        client = lambda service, region="us-east-1": boto3.client(service, endpoint_url=url, region_name=region, **keys)
        self.logs, self.cloudwatch, self.eks, self.iam, self.ecr = (client(s) for s in ("logs", "cloudwatch", "eks", "iam", "ecr"))
        self.far = client("rds", "us-west-2")
        super().__init__(url, folder, keys)
        for role in ("Reader", "Operator"):
            self.iam.create_role(RoleName=role, AssumeRolePolicyDocument=trust("arn:aws:iam::123456789012:root"))
        self.make_logs()
        self.make_alarms()
        self.make_cluster()

    def make_database(self):
        self.rds.create_db_subnet_group(DBSubnetGroupName="private", DBSubnetGroupDescription="private", SubnetIds=self.db)
        for name, value in (("tls", "1"), ("lax", "0")):
            self.rds.create_db_parameter_group(DBParameterGroupName=name, DBParameterGroupFamily="postgres16", Description=name)
            self.rds.modify_db_parameter_group(DBParameterGroupName=name, Parameters=[
                {"ParameterName": "rds.force_ssl", "ParameterValue": value, "ApplyMethod": "immediate"}])
        self.instance(self.rds)

    def instance(self, rds, **more):
        """An instance in the other region is how moto has a backup there: it cannot replicate one."""
        here = dict(DBParameterGroupName="tls", DBSubnetGroupName="private", VpcSecurityGroupIds=[self.database]) if rds is self.rds else {}
        rds.create_db_instance(**{**dict(
            DBInstanceIdentifier="innovate-prod", DBInstanceClass="db.t3.medium", Engine="postgres", AllocatedStorage=20, MasterUsername="app",
            MasterUserPassword="not-a-secret-1", MultiAZ=True, BackupRetentionPeriod=7, StorageEncrypted=True, EnableIAMDatabaseAuthentication=True,
            PubliclyAccessible=False, DeletionProtection=True), **here, **more})

    def make_logs(self):
        for name in ("/aws/eks/innovate-prod/cluster", "/aws/containerinsights/innovate-prod/application"):
            self.logs.create_log_group(logGroupName=name)
            self.logs.put_retention_policy(logGroupName=name, retentionInDays=90)

    def alarm(self, name, space, metric, **more):
        self.cloudwatch.put_metric_alarm(AlarmName=name, Namespace=space, MetricName=metric, Statistic="Sum", Period=60, EvaluationPeriods=3, Threshold=20,
                                         ComparisonOperator="GreaterThanThreshold", **{"AlarmActions": ["arn:aws:sns:us-east-1:123456789012:pager"], **more})

    def make_alarms(self):
        self.alarm("alb-5xx", "AWS/ApplicationELB", "HTTPCode_Target_5XX_Count")
        self.alarm("edge-5xx", "AWS/CloudFront", "5xxErrorRate")
        self.alarm("rds-cpu", "AWS/RDS", "CPUUtilization")
        self.alarm("rds-storage", "AWS/RDS", "FreeStorageSpace")

    def make_cluster(self):
        made = self.eks.create_cluster(name="innovate-prod", roleArn=f"arn:aws:iam::{PROD}:role/eks", resourcesVpcConfig={"subnetIds": self.app})["cluster"]
        self.eks.create_nodegroup(clusterName="innovate-prod", nodegroupName="addons", subnets=self.app, nodeRole=f"arn:aws:iam::{PROD}:role/node",
                                  instanceTypes=["t3.medium"], scalingConfig={"minSize": 2, "maxSize": 4, "desiredSize": 2})
        self.eks.create_fargate_profile(fargateProfileName="applications", clusterName="innovate-prod", podExecutionRoleArn=f"arn:aws:iam::{PROD}:role/pods",
                                        selectors=[{"namespace": "innovate"}])
        self.issuer = self.iam.create_open_id_connect_provider(Url=made["identity"]["oidc"]["issuer"], ClientIDList=["sts.amazonaws.com"],
                                                               ThumbprintList=["a" * 40])["OpenIDConnectProviderArn"]


class Management:
    def __init__(self, url):
        client = lambda service: boto3.client(service, endpoint_url=url, **REGION, **KEYS)
        self.organizations, self.trail, self.rds, self.iam, self.ecr = (client(s) for s in ("organizations", "cloudtrail", "rds", "iam", "ecr"))
        self.organizations.create_organization(FeatureSet="ALL")
        self.prod = self.organizations.create_account(Email="aws-prod@innovate.example", AccountName="prod")["CreateAccountStatus"]["AccountId"]
        self.policy = self.organizations.create_policy(Content="{}", Description="x", Name="ProtectProduction", Type="SERVICE_CONTROL_POLICY")["Policy"]["PolicySummary"]["Id"]
        self.organizations.attach_policy(PolicyId=self.policy, TargetId=self.prod)
        client("s3").create_bucket(Bucket="audit")
        self.trail.create_trail(Name="organization", S3BucketName="audit", IsMultiRegionTrail=True, EnableLogFileValidation=True, IsOrganizationTrail=True)
        self.trail.start_logging(Name="organization")
        for role in ("Reader", "Operator"):
            self.iam.create_role(RoleName=role, AssumeRolePolicyDocument=trust("arn:aws:iam::123456789012:root"))
        self.ecr.create_repository(repositoryName="backend")


@pytest.fixture(scope="module")
def estate(tmp_path_factory):
    folder = tmp_path_factory.mktemp("estate")
    server, url = start_moto(folder)
    cluster = peer.Sim(folder, "--speed", "40")
    try:
        root = Management(url)
        role = boto3.client("sts", endpoint_url=url, **REGION, **KEYS).assume_role(RoleArn=f"arn:aws:iam::{root.prod}:role/Terraform", RoleSessionName="terraform")
        keys = role["Credentials"]
        prod = Production(url, folder, {"aws_access_key_id": keys["AccessKeyId"], "aws_secret_access_key": keys["SecretAccessKey"],
                                        "aws_session_token": keys["SessionToken"]})
        prod.instance(prod.far)
        token = write(folder / "token", cluster.token(PROD))
        profile = write(folder / "estate.yaml", PROFILE.format(prod=root.prod, server=cluster.server(PROD), token=token))
        env = clean_env(folder, AWS_ENDPOINT_URL=url, AWS_ACCESS_KEY_ID="testing", AWS_SECRET_ACCESS_KEY="testing", XDG_STATE_HOME=str(folder / "state"))
        yield root, prod, env, str(profile)
    finally:
        server.stop()
        cluster.stop()


CONFORMS = {("root", c) for c in ("org-accounts", "org-trail", "org-no-workload", "iam-cross-account", "iam-user-mfa", "ecr-central")} | \
    {("prod", c) for c in ("org-accounts", "org-scp", "iam-cross-account", "db-engine", "db-backups", "db-dr", "db-tls", "db-iam-auth", "db-private", "mon-alarms", "mon-logs",
                           "eks-fargate", "eks-nodes", "eks-irsa", "net-vpc", "net-app-subnets", "net-db-subnets")}


def test_what_terraform_made_conforms(estate):
    _, _, env, profile = estate
    found = results(env, profile)
    assert {key: evidence(found[key]) for key in CONFORMS if found[key]["verdict"] != "pass"} == {}


def another_database(root, prod):
    """Made anew by hand, from a template of somebody's."""
    prod.rds.modify_db_instance(DBInstanceIdentifier="innovate-prod", DeletionProtection=False)
    prod.rds.delete_db_instance(DBInstanceIdentifier="innovate-prod", SkipFinalSnapshot=True)
    prod.instance(prod.rds, Engine="mysql", MultiAZ=False, BackupRetentionPeriod=1, StorageEncrypted=False, EnableIAMDatabaseAuthentication=False,
                  PubliclyAccessible=True, DeletionProtection=False, DBParameterGroupName="lax")


def no_copy_elsewhere(root, prod):
    prod.far.modify_db_instance(DBInstanceIdentifier="innovate-prod", DeletionProtection=False)
    prod.far.delete_db_instance(DBInstanceIdentifier="innovate-prod", SkipFinalSnapshot=True)


def other_identities(root, prod):
    prod.iam.delete_open_id_connect_provider(OpenIDConnectProviderArn=prod.issuer)
    prod.iam.update_assume_role_policy(RoleName="Reader", PolicyDocument=trust("arn:aws:iam::999999999999:root"))
    root.iam.create_user(UserName="mara")
    root.iam.create_login_profile(UserName="mara", Password="aB3$aaaaaaaa")


def other_organization(root, prod):
    root.organizations.detach_policy(PolicyId=root.policy, TargetId=root.prod)
    root.trail.stop_logging(Name="organization")
    root.organizations.close_account(AccountId=root.prod)
    root.rds.create_db_instance(DBInstanceIdentifier="reports", DBInstanceClass="db.t3.medium", Engine="postgres", AllocatedStorage=20, MasterUsername="app",
                                MasterUserPassword="not-a-secret-1")
    prod.ecr.create_repository(repositoryName="own")


def other_cluster(root, prod):
    prod.eks.delete_fargate_profile(clusterName="innovate-prod", fargateProfileName="applications")
    prod.eks.update_nodegroup_config(clusterName="innovate-prod", nodegroupName="addons", scalingConfig={"minSize": 2, "maxSize": 12, "desiredSize": 9})


def other_monitoring(root, prod):
    prod.cloudwatch.delete_alarms(AlarmNames=["edge-5xx"])
    prod.alarm("alb-5xx", "AWS/ApplicationELB", "HTTPCode_Target_5XX_Count", AlarmActions=[])
    prod.logs.delete_retention_policy(logGroupName="/aws/eks/innovate-prod/cluster")
    prod.logs.delete_log_group(logGroupName="/aws/containerinsights/innovate-prod/application")


BENDS = (another_database, no_copy_elsewhere, other_identities, other_organization, other_cluster, other_monitoring)
FOUND = {
    ("prod", "db-engine"): "innovate-prod: engine mysql", ("prod", "db-multi-az"): "innovate-prod: Single-AZ", ("prod", "db-backups"): "kept 1 day, 7 promised",
    ("prod", "db-encrypted"): "innovate-prod: not encrypted", ("prod", "db-iam-auth"): "IAM authentication off", ("prod", "db-tls"): "rds.force_ssl=0 in lax",
    ("prod", "db-private"): "publicly accessible", ("prod", "db-dr"): "no automated backup in a second region",
    ("prod", "eks-irsa"): "which is no identity provider in IAM", ("prod", "iam-cross-account"): "Reader: trusts arn:aws:iam::999999999999:root",
    ("root", "iam-user-mfa"): "mara: signs in without MFA", ("prod", "org-scp"): "no policy of the organisation's own reaches it",
    ("root", "org-trail"): "not logging", ("prod", "org-accounts"): "SUSPENDED", ("root", "org-no-workload"): "reports: a database in the management account",
    ("prod", "ecr-central"): "own: is a repository of prod", ("prod", "eks-fargate"): "innovate: no Fargate profile selects it", ("prod", "eks-nodes"): "addons: 9 of t3.medium",
    ("prod", "mon-alarms"): "no alarm on AWS/CloudFront 5xxErrorRate", ("prod", "mon-logs"): "the application has no log group",
}
BENT = [(None, check, seen) for (_, check), seen in FOUND.items()]


def test_what_somebody_changed_by_hand_is_found(estate):
    root, prod, env, profile = estate
    for bend in BENDS:
        bend(root, prod)
    found = results(env, profile)
    assert {key: evidence(found[key]) for key, seen in FOUND.items() if found[key]["verdict"] != "fail" or not any(seen in line for line in evidence(found[key]))} == {}


def test_another_region_is_another_network(estate, tmp_path):
    """A VPC of other addresses, with its subnets in one zone."""
    _, prod, env, _ = estate
    ec2 = boto3.client("ec2", endpoint_url=env["AWS_ENDPOINT_URL"], region_name="us-west-2", **KEYS)
    vpc = ec2.create_vpc(CidrBlock="10.8.0.0/16")["Vpc"]["VpcId"]
    for cidr in ("10.8.11.0/24", "10.8.21.0/24"):
        ec2.create_subnet(VpcId=vpc, CidrBlock=cidr, AvailabilityZone="us-west-2a")
    profile = write(tmp_path / "west.yaml", 'name: west\nregion: us-west-2\naccounts:\n  - {name: west, id: "123456789012", kind: production}\n')
    found = results(env, str(profile))
    assert {c for c in ("net-vpc", "net-app-subnets", "net-db-subnets") if found["west", c]["verdict"] == "fail"} == {"net-vpc", "net-app-subnets", "net-db-subnets"}
    assert any("10.0.0.0/16" in line for line in evidence(found["west", "net-vpc"]))


WEST = [(None, check, "") for check in ("net-vpc", "net-app-subnets", "net-db-subnets")]


# Budgets that tell somebody, and secrets that rotate: ministack has both.

MINI = """name: mini
region: us-east-1
accounts:
  - {name: prod, id: "333333333333", kind: production, database_secret: innovate-prod/database}
"""
NOTICE = {"NotificationType": "ACTUAL", "ComparisonOperator": "GREATER_THAN", "Threshold": 80, "ThresholdType": "PERCENTAGE"}
SOMEBODY = {"SubscriptionType": "EMAIL", "Address": "ops@innovate.example"}
MINISTACK = [(None, "cost-budgets", "prod-monthly: "), (None, "sec-rotation", "innovate-prod/database: does not rotate")]


def test_budgets_and_secrets(tmp_path):
    server, url = start_ministack(tmp_path)
    try:
        client = lambda service: boto3.client(service, endpoint_url=url, **REGION, aws_access_key_id=PROD, aws_secret_access_key="test")
        budgets, secrets = client("budgets"), client("secretsmanager")
        client("rds").create_db_instance(DBInstanceIdentifier="innovate-prod", DBInstanceClass="db.t3.medium", Engine="postgres", AllocatedStorage=20,
                                         MasterUsername="app", MasterUserPassword="not-a-secret-1")
        budgets.create_budget(AccountId=PROD, Budget={"BudgetName": "prod-monthly", "BudgetLimit": {"Amount": "4000", "Unit": "USD"}, "TimeUnit": "MONTHLY",
                                                      "BudgetType": "COST"}, NotificationsWithSubscribers=[{"Notification": NOTICE, "Subscribers": [SOMEBODY]}])
        secrets.create_secret(Name="innovate-prod/database", SecretString="not-to-be-told")
        secrets.rotate_secret(SecretId="innovate-prod/database", RotationRules={"AutomaticallyAfterDays": 30},
                              RotationLambdaARN=f"arn:aws:lambda:us-east-1:{PROD}:function:rotate")
        profile = str(write(tmp_path / "mini.yaml", MINI))
        env = clean_env(tmp_path, AWS_ENDPOINT_URL=url, AWS_ACCESS_KEY_ID=PROD, AWS_SECRET_ACCESS_KEY="test")
        found = results(env, profile)
        assert {c: evidence(found["prod", c]) for _, c, _ in MINISTACK if found["prod", c]["verdict"] != "pass"} == {}
        budgets.delete_subscriber(AccountId=PROD, BudgetName="prod-monthly", Notification=NOTICE, Subscriber=SOMEBODY)
        secrets.delete_secret(SecretId="innovate-prod/database", ForceDeleteWithoutRecovery=True)
        secrets.create_secret(Name="innovate-prod/database", SecretString="not-to-be-told")
        found = results(env, profile)
        for _, check, seen in MINISTACK:
            assert found["prod", check]["verdict"] == "fail" and any(seen in line for line in evidence(found["prod", check])), evidence(found["prod", check])
    finally:
        server.stop()


# What only a cluster has: by a Kubernetes client, on the simulator's.

KUBERNETES = [
    (None, "eks-addons", "external-dns: 0/0 ready"), (None, "eks-hpa", "frontend: cpu"), (None, "eks-spread", "frontend: 1 ready in us-east-1"),
    (None, "eks-irsa", "container backend has AWS_SECRET_ACCESS_KEY in its environment"), (None, "img-promoted", "backend: b300dd65 never ran in dev"),
    (None, "img-findings", "b300dd65: 1 critical"),
]


def test_what_a_kubernetes_client_changed_is_found(tmp_path):
    cluster = peer.Sim(tmp_path, "--speed", "40")
    try:
        env = clean_env(tmp_path, **cluster.env)
        client = cluster.api_client(PROD)
        apps, scalers = kubernetes.client.AppsV1Api(client), kubernetes.client.AutoscalingV2Api(client)
        ready = lambda name: apps.read_namespaced_deployment(name, "innovate").status.ready_replicas

        def change(replicas, least, most, **container):
            apps.patch_namespaced_deployment_scale("external-dns", "kube-system", {"spec": {"replicas": replicas}})
            scalers.patch_namespaced_horizontal_pod_autoscaler("frontend", "innovate", {"spec": {"minReplicas": least, "maxReplicas": most}})
            apps.patch_namespaced_deployment("backend", "innovate", {"spec": {"template": {"spec": {"containers": [{"name": "backend", **container}]}}}})

        image = apps.read_namespaced_deployment("backend", "innovate").spec.template.spec.containers[0].image
        change(0, 1, 1, image=image.split("@")[0] + "@" + NEVER, env=[{"name": "AWS_SECRET_ACCESS_KEY", "value": "x"}])
        peer.eventually(lambda: ready("frontend") == 1, 60)
        found = results(env, "innovate")
        wrong = {c: (found["prod", c]["verdict"], evidence(found["prod", c])) for _, c, seen in KUBERNETES
                 if found["prod", c]["verdict"] != "fail" or not any(seen in line for line in evidence(found["prod", c]))}
        assert wrong == {}
        change(1, 4, 12, image=image, env=[{"name": "AWS_SECRET_ACCESS_KEY", "$patch": "delete"}])
        peer.eventually(lambda: ready("frontend") >= 4 and ready("backend") >= 6, 60)
        peer.eventually(lambda: apps.read_namespaced_deployment("external-dns", "kube-system").status.ready_replicas == 1, 60)
        found = results(env, "innovate")
        assert {c: evidence(found["prod", c]) for _, c, _ in KUBERNETES if found["prod", c]["verdict"] != "pass"} == {}
    finally:
        cluster.stop()

"""The checks of the organisation, of who may do what and of secrets: each fails on an estate that was changed from outside, by a scenario or by boto3 on
moto, and says what it saw."""
import json

import boto3
import pytest

from peers import clean_env, evidence, start_moto, trivet, write
from sim import HEALTHY, Sim

IDS = ("org-accounts", "org-scp", "org-trail", "org-no-workload", "iam-root-mfa", "iam-user-mfa", "iam-prod-mfa", "iam-cross-account", "ci-oidc", "ci-no-keys",
       "ci-prod-gate", "ci-scan", "s3-state", "s3-static", "sec-rotation", "kms-rotation", "ops-session-manager")
STARTS = {"all": 0, "root": HEALTHY.index("    name: root\n"), "dev": HEALTHY.index("    name: dev\n"), "prod": HEALTHY.index("    name: prod\n")}


def changed(account, *changes):
    """The healthy scenario, with changes at the first place from where the account begins."""
    at = STARTS[account]
    text = HEALTHY[at:]
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    return HEALTHY[:at] + text


def verdicts(env, profile="innovate"):
    done = trivet("check", "--format", "json", "--profile", profile, env=env)
    return {(r["account"], r["check"]): r for r in done.json["results"] if r["check"] in IDS}


def bad(results):
    return {key for key, r in results.items() if r["verdict"] not in ("pass", "n/a")}


def test_the_healthy_estate_passes(tmp_path):
    with Sim("--quiet") as sim:
        results = verdicts(clean_env(tmp_path, **sim.env))
        assert bad(results) == set(), {key: evidence(results[key]) for key in bad(results)}
        passed = {check for (_, check), r in results.items() if r["verdict"] == "pass"}
        assert passed == set(IDS)


SUBJECT = 'subject: "repo:innovate/webapp:environment:production"'
PROD_OPERATOR = '        trust: ["arn:aws:iam::111111111111:user/oncall"]\n        mfa: true\n'
DEVIATIONS = [
    ("dev", "org-accounts", [("    kind: development\n", "    kind: development\n    status: SUSPENDED\n")], "222222222222: SUSPENDED"),
    ("root", "org-trail", [("validated: true, logging: true", "validated: false, logging: true")], "log files not validated"),
    ("root", "org-trail", [("validated: true, logging: true", "validated: true, logging: false")], "not logging"),
    ("root", "org-trail", [("validated: true, logging: true", "validated: true, logging: true, delivery_error: NoSuchBucket")], "delivery: NoSuchBucket"),
    ("root", "org-trail", [("organization: true, multi_region: true", "organization: true, multi_region: false")], "one region only"),
    ("root", "iam-root-mfa", [("      root_mfa: true\n", "      root_mfa: false\n")], "root user: no MFA"),
    ("prod", "iam-root-mfa", [("      root_mfa: true\n", "      root_mfa: true\n      root_keys: true\n")], "root user: has access keys"),
    ("root", "iam-user-mfa", [("name: mara.lopez, console: true, mfa: true", "name: mara.lopez, console: true, mfa: false")], "mara.lopez: signs in without MFA"),
    ("prod", "iam-prod-mfa", [(PROD_OPERATOR, PROD_OPERATOR.replace("        mfa: true\n", ""))], "user/oncall without MFA"),
    ("prod", "iam-cross-account", [(PROD_OPERATOR, PROD_OPERATOR.replace('user/oncall"', 'user/oncall", "arn:aws:iam::999999999999:root"'))],
     "TrivetOperator: trusts arn:aws:iam::999999999999:root"),
    ("prod", "ci-oidc", [("        - *github_tokens\n", "")], "no such OIDC provider"),
    ("prod", "ci-oidc", [(SUBJECT, 'subject: "repo:innovate/webapp:ref:refs/heads/main"')], "not limited to the environment"),
    ("prod", "ci-oidc", [(SUBJECT, 'subject: "repo:innovate/*"')], "repo:innovate/*: another repository, or any"),
    ("prod", "ci-oidc", [(SUBJECT, 'subject: ""')], "any repository on GitHub may assume it"),
    ("root", "ci-no-keys", [("keys: [{age: 41d", "keys: [{age: 141d")], "oncall: an active access key, 141d old"),
    ("root", "ci-no-keys", [("        - {name: break-glass,", "        - {name: github-ci, age: 9d, keys: [{age: 2d}]}\n        - {name: break-glass,")],
     "github-ci: an active access key, of a pipeline by its name"),
    ("prod", "ci-prod-gate", [("    - {name: production, reviewers: [rosa-kim, ines-park], prevent_self_review: true, account: prod}",
                               "    - {name: production, account: prod}")], "production: deploys without a reviewer"),
    ("prod", "ci-prod-gate", [("    - {name: production, ", "    - {name: live, "), ("environment: production}", "environment: live}")],
     "production: there is no such environment on GitHub"),
    ("root", "s3-state", [("tfstate-111111111111, versioned: true", "tfstate-111111111111, versioned: false")], "not versioned"),
    ("root", "s3-state", [('versioned: true, encryption: "aws:kms", blocked: true', "versioned: true, blocked: true")], "not encrypted"),
    ("root", "s3-state", [('encryption: "aws:kms", blocked: true', 'encryption: "aws:kms", blocked: false')], "0 of 4 kinds of public access blocked"),
    ("prod", "ci-scan", [("    - {name: scan, duration: 50s, ", "    - {name: lint, duration: 50s, "), ("fail: scan}", "fail: lint}")],
     "run 405: has no job or step that scans"),
    ("root", "s3-static", [("encryption: AES256, blocked: true", "encryption: AES256, blocked: false")], "innovate-static-111111111111: 0 of 4 kinds of public access blocked"),
    ("root", "s3-static", [("encryption: AES256, blocked: true", "blocked: true")], "innovate-static-111111111111: not encrypted"),
    ("root", "s3-state", [("- {name: innovate-tfstate-111111111111,", "- {name: innovate-elsewhere,")], "there is no such bucket"),
    ("prod", "sec-rotation", [("key: alias/innovate-prod, rotates: true", "key: alias/innovate-prod, rotates: false")], "innovate-prod/database: does not rotate"),
    ("prod", "sec-rotation", [("rotated: 19d8h", "rotated: 49d")], "innovate-prod/database: should have rotated: last time 49d ago"),
    ("dev", "kms-rotation", [("description: Database and secrets, age: 398d, rotates: true", "description: Database and secrets, age: 398d, rotates: false")],
     "alias/innovate-dev: does not rotate"),
    ("prod", "ops-session-manager", [("      root_mfa: true\n", "      root_mfa: true\n      unmanaged: true\n")], "Session Manager does not know it"),
]


@pytest.mark.parametrize("account, check, changes, seen", DEVIATIONS, ids=[f"{d[1]}-{i}" for i, d in enumerate(DEVIATIONS)])
def test_a_deviation_is_found_and_nothing_else(tmp_path, account, check, changes, seen):
    with Sim("--quiet", scenario=write(tmp_path / "drifted.yaml", changed(account, *changes))) as sim:
        results = verdicts(clean_env(tmp_path, **sim.env))
        result = results[account, check]
        assert result["verdict"] == "fail" and any(seen in line for line in evidence(result)), result
        assert bad(results) == {(account, check)}, {key: evidence(results[key]) for key in bad(results)}


def test_policies_that_reach_nobody(tmp_path):
    changes = [("targets: [root]", "targets: []"), ('targets: ["222222222222", "333333333333"]', 'targets: ["222222222222"]'), ("targets: [root],", "targets: [],"),
               ('targets: ["333333333333"]', "targets: []")]
    with Sim("--quiet", scenario=write(tmp_path / "drifted.yaml", changed("all", *changes))) as sim:
        results = verdicts(clean_env(tmp_path, **sim.env))
        assert bad(results) == {("prod", "org-scp")} and evidence(results["prod", "org-scp"]) == ["prod: no policy of the organisation's own reaches it"]


def test_a_policy_on_a_unit_reaches_what_is_in_the_units_under_it(tmp_path):
    units = ('    - {id: ou-q1w2-workload, name: Workloads, accounts: ["222222222222", "333333333333"]}',
             '    - {id: ou-q1w2-inner111, name: Inner, under: ou-q1w2-outer111, accounts: ["333333333333"]}\n    - {id: ou-q1w2-outer111, name: Outer}')
    changes = [units, ("targets: [root]", "targets: []"), ('targets: ["222222222222", "333333333333"]', "targets: [ou-q1w2-outer111]"),
               ("targets: [root],", "targets: [],"), ('targets: ["333333333333"]', "targets: []")]
    with Sim("--quiet", scenario=write(tmp_path / "units.yaml", changed("all", *changes))) as sim:
        results = verdicts(clean_env(tmp_path, **sim.env))
        assert bad(results) == {("dev", "org-scp")}
        assert "DenyOutsideRegions: reaches prod" in evidence(results["prod", "org-scp"])


def test_a_database_in_the_management_account(tmp_path):
    at = HEALTHY.index("    databases:\n      - id: innovate-dev\n")
    database = HEALTHY[at:HEALTHY.index("        events:\n", at)]
    with Sim("--quiet", scenario=write(tmp_path / "drifted.yaml", changed("root", ("    trails:\n", database + "    trails:\n")))) as sim:
        results = verdicts(clean_env(tmp_path, **sim.env))
        assert evidence(results["root", "org-no-workload"]) == ["innovate-dev: a database in the management account"]


def test_what_may_not_be_read_is_unknown_and_hides_nothing_else(tmp_path):
    faults = [f"--fault={what}" for what in ("iam.GenerateCredentialReport:error=AccessDenied/403", "kms.GetKeyRotationStatus:error=AccessDeniedException/400",
                                             "s3.GetBucketVersioning:error=AccessDenied/403")]
    with Sim("--quiet", *faults) as sim:
        env = clean_env(tmp_path, **sim.env)
        results = verdicts(env)
        assert {check for _, check in bad(results)} == {"iam-user-mfa", "ci-no-keys", "kms-rotation", "s3-state"}
        assert all(results[key]["verdict"] == "unknown" for key in bad(results))
        shown = trivet("show", "security", "--profile", "innovate", env=env)
        assert shown.code == 2 and "credentials: AccessDenied" in shown.out + shown.err and "TrivetOperator" in shown.out


def test_the_pane_names_what_is_off(tmp_path):
    text = changed("prod", (SUBJECT, 'subject: "repo:*"'), ("rotated: 19d8h", "rotated: 49d"))
    with Sim("--quiet", scenario=write(tmp_path / "drifted.yaml", text)) as sim:
        env = clean_env(tmp_path, **sim.env)
        rows = trivet("show", "security", "--json", "--profile", "innovate", env=env).json["rows"]
        off = {(r["account"], r["kind"], r["name"], r["mark"]) for r in rows if r["mark"].startswith("✗")}
        assert off == {("prod", "role", "GitHubDeploy", "✗ another repository, or any"), ("prod", "secret", "innovate-prod/database", "✗ rotation is late")}
        assert {r["kind"] for r in rows} == {"root", "user", "role", "provider", "key", "secret", "policy", "trail", "bucket", "pod role", "instance", "gate", "scan"}


# What Terraform would make, made by boto3 on moto.

PROFILE = """name: moto
region: us-east-1
github: {repository: innovate/webapp}
accounts:
  - {name: prod, id: "123456789012", kind: production, operator_role: Operator, state_bucket: innovate-tfstate, static_bucket: innovate-static, database: innovate-prod, database_secret: innovate-prod/database}
"""
GITHUB = "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com"


def trust(principal, action="sts:AssumeRole", **condition):
    return json.dumps({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": principal, "Action": action, "Condition": condition}})


MFA = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
ONCALL = {"AWS": "arn:aws:iam::123456789012:user/oncall"}


def deploys(subject):
    return trust({"Federated": GITHUB}, "sts:AssumeRoleWithWebIdentity", StringLike={"token.actions.githubusercontent.com:sub": [subject]})


class Estate:
    def __init__(self, url):
        client = lambda service: boto3.client(service, endpoint_url=url, region_name="us-east-1", aws_access_key_id="testing", aws_secret_access_key="testing")
        self.iam, self.kms, self.secrets, self.s3, self.rds = client("iam"), client("kms"), client("secretsmanager"), client("s3"), client("rds")
        self.iam.create_open_id_connect_provider(Url="https://token.actions.githubusercontent.com", ClientIDList=["sts.amazonaws.com"], ThumbprintList=["a" * 40])
        self.iam.create_user(UserName="oncall")
        self.iam.create_role(RoleName="Operator", AssumeRolePolicyDocument=trust(ONCALL, **MFA))
        self.iam.create_role(RoleName="Deploy", AssumeRolePolicyDocument=deploys("repo:innovate/webapp:environment:production"))
        self.key = self.kms.create_key(Description="Database")["KeyMetadata"]["KeyId"]
        self.kms.create_alias(AliasName="alias/innovate", TargetKeyId=self.key)
        self.kms.enable_key_rotation(KeyId=self.key)
        self.s3.create_bucket(Bucket="innovate-tfstate")
        self.version("Enabled")
        self.s3.put_bucket_encryption(Bucket="innovate-tfstate", ServerSideEncryptionConfiguration={
            "Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"}}]})
        self.block()
        self.s3.create_bucket(Bucket="innovate-static")
        self.encrypt_static()
        self.block("innovate-static")
        self.rds.create_db_instance(DBInstanceIdentifier="innovate-prod", DBInstanceClass="db.t3.medium", Engine="postgres", AllocatedStorage=20,
                                    MasterUsername="app", MasterUserPassword="not-a-secret-1")
        self.secrets.create_secret(Name="innovate-prod/database", SecretString="not-to-be-told")

    def version(self, status):
        self.s3.put_bucket_versioning(Bucket="innovate-tfstate", VersioningConfiguration={"Status": status})

    def encrypt_static(self):
        self.s3.put_bucket_encryption(Bucket="innovate-static", ServerSideEncryptionConfiguration={
            "Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]})

    def block(self, bucket="innovate-tfstate"):
        self.s3.put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration=dict.fromkeys(
            ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), True))


@pytest.fixture(scope="module")
def moto(tmp_path_factory):
    folder = tmp_path_factory.mktemp("moto")
    server, url = start_moto(folder)
    try:
        profile = write(folder / "moto.yaml", PROFILE)
        env = clean_env(folder, AWS_ENDPOINT_URL=url, AWS_ACCESS_KEY_ID="testing", AWS_SECRET_ACCESS_KEY="testing")
        yield Estate(url), env, str(profile)
    finally:
        server.stop()


def moto_verdicts(moto):
    _, env, profile = moto
    return {check: r for (_, check), r in verdicts(env, profile).items()}


CONFORMS = {"iam-user-mfa", "iam-prod-mfa", "ci-oidc", "ci-no-keys", "s3-state", "s3-static", "kms-rotation"}


def test_what_was_made_on_moto_conforms(moto):
    results = moto_verdicts(moto)
    assert {c: evidence(results[c]) for c in CONFORMS if results[c]["verdict"] != "pass"} == {}
    # moto rotates no secret by itself, and gives the root user no MFA: both are seen.
    assert evidence(results["sec-rotation"]) == ["innovate-prod/database: does not rotate"]
    assert evidence(results["iam-root-mfa"]) == ["root user: no MFA"]


def no_mfa(m):
    m.iam.update_assume_role_policy(RoleName="Operator", PolicyDocument=trust(ONCALL))
    return lambda: m.iam.update_assume_role_policy(RoleName="Operator", PolicyDocument=trust(ONCALL, **MFA))


def lax_mfa(m):
    """IfExists lets keys through that carry no word about MFA: no demand at all."""
    m.iam.update_assume_role_policy(RoleName="Operator", PolicyDocument=trust(ONCALL, BoolIfExists={"aws:MultiFactorAuthPresent": "true"}))
    return lambda: m.iam.update_assume_role_policy(RoleName="Operator", PolicyDocument=trust(ONCALL, **MFA))


def any_repository(m):
    m.iam.update_assume_role_policy(RoleName="Deploy", PolicyDocument=deploys("repo:*"))
    return lambda: m.iam.update_assume_role_policy(RoleName="Deploy", PolicyDocument=deploys("repo:innovate/webapp:environment:production"))


def static_key(m):
    m.iam.create_user(UserName="terraform")
    key = m.iam.create_access_key(UserName="terraform")["AccessKey"]["AccessKeyId"]
    return lambda: (m.iam.delete_access_key(UserName="terraform", AccessKeyId=key), m.iam.delete_user(UserName="terraform"))


def no_rotation(m):
    m.kms.disable_key_rotation(KeyId=m.key)
    return lambda: m.kms.enable_key_rotation(KeyId=m.key)


def no_versions(m):
    m.version("Suspended")
    return lambda: m.version("Enabled")


def public_bucket(m):
    m.s3.delete_public_access_block(Bucket="innovate-tfstate")
    return m.block


def plain_static(m):
    m.s3.delete_bucket_encryption(Bucket="innovate-static")
    return m.encrypt_static


BENT = [
    ("iam-prod-mfa", no_mfa, "Operator: arn:aws:iam::123456789012:user/oncall without MFA"),
    ("iam-prod-mfa", lax_mfa, "Operator: arn:aws:iam::123456789012:user/oncall without MFA"),
    ("ci-oidc", any_repository, "Deploy: repo:*: another repository, or any"),
    ("ci-no-keys", static_key, "terraform: an active access key, of a pipeline by its name"),
    ("kms-rotation", no_rotation, "alias/innovate: does not rotate"),
    ("s3-state", no_versions, "innovate-tfstate: not versioned"),
    ("s3-state", public_bucket, "innovate-tfstate: 0 of 4 kinds of public access blocked"),
    ("s3-static", plain_static, "innovate-static: not encrypted"),
]


@pytest.mark.parametrize("check, change, seen", BENT, ids=lambda p: getattr(p, "__name__", None))
def test_a_change_on_moto_is_found(moto, check, change, seen):
    undo = change(moto[0])
    try:
        results = moto_verdicts(moto)
        assert evidence(results[check]) == [seen]
        assert {c for c in CONFORMS if results[c]["verdict"] != "pass"} == {check}
    finally:
        undo()


def test_no_secret_is_read_or_told(moto, tmp_path):
    log = tmp_path / "debug.log"
    _, env, profile = moto
    texts = [trivet("show", "security", "--json", "--profile", profile, "--log", log, env=env).out, log.read_text()]
    assert "innovate-prod/database" in texts[0] and not any("not-to-be-told" in text for text in texts)


def test_what_is_told_of_roles_is_not_hidden_by_what_is_not(tmp_path):
    faults = ("iam.GetOpenIDConnectProvider:error=AccessDenied/403", "iam.GetAccountSummary:error=AccessDenied/403")
    with Sim("--quiet", *[a for f in faults for a in ("--fault", f)]) as sim:
        done = trivet("show", "security", "--json", "--profile", "innovate", env=clean_env(tmp_path, **sim.env))
    rows = {(r["kind"], r["name"]): r for r in done.json["rows"] if r["account"] == "prod"}
    assert done.code == 2 and rows["role", "TrivetOperator"]["mark"] == "✓"
    assert rows["root", "root user"]["about"] == "MFA not known, access keys not known" and rows["root", "root user"]["mark"] == "? not known"
    assert rows["provider", "token.actions.githubusercontent.com"]["about"] == "for whom is not known"
    [feed] = [f for a in done.json["accounts"] if a["name"] == "prod" for f in a["feeds"] if f["feed"] == "identity"]
    assert feed["state"] == "stale" and feed["error"]["code"] == "AccessDenied"

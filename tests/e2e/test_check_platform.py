"""The checks of clusters, the registry and images: each fails on an estate that was changed from outside, by a scenario, by a Kubernetes client or by
boto3 on moto, and says what it saw."""
import json

import boto3
import pytest

from peers import clean_env, evidence, start_moto, trivet, write
from sim import HEALTHY, Sim

IDS = ("eks-cluster", "eks-fargate", "eks-spread", "eks-nodes", "eks-addons", "eks-hpa", "eks-irsa", "ecr-central", "ecr-scan", "ecr-immutable",
       "ecr-lifecycle", "ecr-policy", "img-promoted", "img-findings", "img-tags")
PROD = HEALTHY.index("    name: prod\n")
REGISTRY = "111111111111.dkr.ecr.us-east-1.amazonaws.com/"
RUNS = "sha256:6f76676f0ae74bc62bf2129672916e14bdcad75f85a632e42690be74e27e2791"      # production's backend
NEVER = "sha256:b300dd651857707102188c7123eaecd6e4075fc22bdfa9e1fd9cd89e86ebacd4"   # failed its scan, so development never had it


def changed(*changes, account="prod"):
    """The healthy scenario with changes in production, or before it: in the management account, which stands first."""
    head, text = (HEALTHY[:PROD], HEALTHY[PROD:]) if account == "prod" else ("", HEALTHY)
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    return head + text


def verdicts(env, profile="innovate", account="prod"):
    done = trivet("check", "--format", "json", "--profile", profile, env=env)
    return {r["check"]: r for r in done.json["results"] if r["account"] == account and r["check"] in IDS}


def failed(results):
    return {check for check, r in results.items() if r["verdict"] not in ("pass", "n/a")}


def test_the_healthy_estate_passes(tmp_path):
    with Sim("--quiet") as sim:
        env = clean_env(tmp_path, **sim.env)
        results = {a: verdicts(env, account=a) for a in ("root", "dev", "prod")}
    for account, of in results.items():
        assert set(of) == set(IDS) and failed(of) == set(), {c: evidence(of[c]) for c in failed(of)}
    passes = {c for of in results.values() for c, r in of.items() if r["verdict"] == "pass"}
    assert passes == set(IDS)


BACKEND = "        - name: backend\n          namespace: innovate\n"
DEVIATIONS = [
    ("eks-cluster", "prod", [("logs: [api, audit, authenticator]", "logs: [api]")], "logs: api"),
    ("eks-cluster", "prod", [("public_from: [203.0.113.0/24, 198.51.100.16/28]", "public_from: [0.0.0.0/0]")], "public one 0.0.0.0/0"),
    ("eks-cluster", "prod", [("      secrets_key: arn:aws:kms", "      no_private_endpoint: true\n      secrets_key: arn:aws:kms")], "private endpoint off"),
    ("eks-cluster", "prod", [("      secrets_key: arn:aws:kms:us-east-1:333333333333:key/71cdee94-3f08-4b1a-9e52-c06a8d4f7305\n", "")],
     "secrets encrypted with no key of the account's own"),
    ("eks-fargate", "prod", [("namespaces: [innovate]", "namespaces: [elsewhere]")], "innovate: no Fargate profile selects it"),
    ("eks-spread", "prod", [("        - {name: us-east-1b, subnet: 10.0.12.0/24}\n", ""), ("        - {zone: us-east-1b, type: t3.medium, age: 61d}\n", "")],
     "backend: 6 ready in us-east-1a"),
    ("eks-nodes", "prod", [(BACKEND, "        - {name: batch, namespace: jobs, replicas: 1, image: \"111111111111.dkr.ecr.us-east-1.amazonaws.com/backend@" + RUNS +
                            "\"}\n" + BACKEND)], "of jobs runs on the managed node"),
    ("eks-addons", "prod", [("{name: external-dns, namespace", "{name: outer-names, namespace")], "ExternalDNS: is not there"),
    ("eks-addons", "prod", [("secrets-store-csi-driver-provider-aws:2.1.1\"}", "secrets-store-csi-driver-provider-aws:2.1.1\", broken: true}")],
     "csi-secrets-store-provider-aws: on 0/2 nodes"),
    ("eks-hpa", "prod", [("hpa: {min: 6, max: 20, target: 70%}", "hpa: {min: 6, max: 6, target: 70%}")], "pinned at its maximum"),
    ("eks-hpa", "prod", [("          hpa: {min: 6, max: 20, target: 70%}\n", "")], "backend: has no autoscaler"),
    ("eks-irsa", "prod", [("role: \"arn:aws:iam::333333333333:role/innovate-prod-ExternalDns\", ", "")], "kube-system/external-dns stands for no role"),
    ("eks-irsa", "prod", [("          role: arn:aws:iam::333333333333:role/innovate-prod-Backend\n", "          secret: AWS_SECRET_ACCESS_KEY\n")],
     "container backend has AWS_SECRET_ACCESS_KEY in its environment"),
    ("eks-irsa", "prod", [("url: oidc.eks.us-east-1.amazonaws.com/id/9A8B7C6D5E4F30211203F4E5D6C7B8A9,", "url: oidc.eks.us-east-1.amazonaws.com/id/00000000,")],
     "id/9A8B7C6D5E4F30211203F4E5D6C7B8A9, which is no identity provider in IAM"),
    ("ecr-scan", "root", [("        scan_on_push: true\n        mutable_tags", "        mutable_tags")], "frontend: scan on push off"),
    ("ecr-immutable", "root", [("        mutable_tags: [\"cache-*\", \"*-latest\"]\n", "        mutable: true\n")], "frontend: MUTABLE"),
    ("ecr-immutable", "root", [("mutable_tags: [\"cache-*\", \"*-latest\"]", "mutable_tags: [\"v*\"]")], "IMMUTABLE_WITH_EXCLUSION, but for v*"),
    ("ecr-lifecycle", "root", [("        lifecycle: *lifecycle\n", "")], "backend: no lifecycle policy"),
    ("ecr-policy", "root", [("\"arn:aws:iam::333333333333:root\"]}", "\"*\"]}")], "lets * in"),
    ("ecr-policy", "root", [("\"ecr:BatchGetImage\"", "\"ecr:PutImage\",\"ecr:BatchGetImage\"")], "lets others do ecr:PutImage"),
    ("ecr-central", "prod", [("    budgets:\n", "    repositories:\n      - {name: own, scan_on_push: true}\n    budgets:\n")], "own: is a repository of prod"),
    ("img-promoted", "prod", [(f"image: \"{REGISTRY}backend@{RUNS}\"", f"image: \"{REGISTRY}backend@{NEVER}\"")], "backend: b300dd65 never ran in dev"),
    ("img-promoted", "prod", [(f"image: \"{REGISTRY}backend@{RUNS}\"", "image: \"docker.io/library/python:3\"")], "is not from the registry of root"),
    ("img-findings", "prod", [(f"image: \"{REGISTRY}backend@{RUNS}\"", f"image: \"{REGISTRY}backend@{NEVER}\"")], "b300dd65: 1 critical"),
]
ALSO = {"ecr-immutable": set(), "eks-fargate": set(), "eks-nodes": {"eks-fargate"}, "img-promoted": {"img-findings", "img-tags"}, "img-findings": {"img-promoted", "img-tags"}}


@pytest.mark.parametrize("check, account, changes, seen", DEVIATIONS, ids=[f"{d[0]}-{i}" for i, d in enumerate(DEVIATIONS)])
def test_what_deviates_fails(tmp_path, check, account, changes, seen):
    scenario = write(tmp_path / "bent.yaml", changed(*changes, account="prod" if account == "prod" else None))
    with Sim("--quiet", scenario=scenario) as sim:
        results = verdicts(clean_env(tmp_path, **sim.env), account=account)
    assert results[check]["verdict"] == "fail" and failed(results) - {check} <= ALSO.get(check, set()), {c: evidence(results[c]) for c in failed(results)}
    assert any(seen in line for line in evidence(results[check])), evidence(results[check])


def test_a_version_out_of_support_fails(tmp_path):
    scenario = write(tmp_path / "old.yaml", changed(("      secrets_key:", "      support: 1s\n      secrets_key:")))
    with Sim("--quiet", "--speed", "50", scenario=scenario) as sim:
        results = verdicts(clean_env(tmp_path, **sim.env))
    assert results["eks-cluster"]["verdict"] == "fail" and "innovate-prod: version 1.34, EXTENDED_SUPPORT" in evidence(results["eks-cluster"])[0]


def test_a_tag_that_says_nothing_fails(tmp_path):
    text = HEALTHY.replace("tags: [sha-8fd6cad, v1.42.0, prod-latest]", "tags: [final]")
    with Sim("--quiet", scenario=write(tmp_path / "tags.yaml", text)) as sim:
        results = verdicts(clean_env(tmp_path, **sim.env))
    assert failed(results) == {"img-tags"}
    assert "backend: 6f76676f: final" in evidence(results["img-tags"]) and "backend: prod-latest resolves to nothing in backend" in evidence(results["img-tags"])


def test_what_may_not_be_read_is_unknown(tmp_path):
    faults = ("eks.ListFargateProfiles:error=AccessDeniedException/403", "ecr.GetLifecyclePolicy:error=AccessDeniedException/400")
    with Sim("--quiet", *[a for f in faults for a in ("--fault", f)]) as sim:
        env = clean_env(tmp_path, **sim.env)
        prod, root = verdicts(env), verdicts(env, account="root")
    assert failed(prod) == {"eks-fargate"} and "AccessDeniedException" in evidence(prod["eks-fargate"])[0]
    assert failed(root) == {"ecr-lifecycle"} and root["ecr-lifecycle"]["verdict"] == "unknown"


def test_the_panes_are_told_headless(tmp_path):
    with Sim("--quiet") as sim:
        env = clean_env(tmp_path, **sim.env, TRIVET_PROFILE="innovate")
        images, nodes = (trivet("show", pane, "--json", env=env).json for pane in ("images", "nodes"))
    assert {r["repository"] for r in images["repositories"]} >= {"frontend", "backend", "mirror/coredns"}
    [running] = [r for r in images["rows"] if r["digest"] == RUNS[7:15]]
    assert running["runs_in"] == "prod backend" and running["critical"] == 0 and "v1.42.0" in running["tags"]
    rows = {(r["account"], r["kind"], r["name"]): r for r in nodes["rows"]}
    assert rows["prod", "fargate", "applications"]["ready"] == "10" and rows["prod", "addon", "Secrets Store CSI Driver"]["state"] == "ready"
    assert rows["prod", "hpa", "innovate/backend"]["state"] == "scales" and rows["prod", "group", "addons"]["ready"] == "2/2"


def test_a_repository_that_nothing_runs_has_its_images_too(tmp_path):
    """And all of them where no cluster tells what it runs."""
    text = HEALTHY.replace("    repositories:\n", "    repositories:\n      - {name: lonely, scan_on_push: true, "
                           "images: [{digest: \"sha256:%s\", tags: [v0.1.0], pushed: 5d}]}\n" % ("ab" * 32), 1)
    with Sim("--quiet", scenario=write(tmp_path / "s.yaml", text)) as sim:
        env = clean_env(tmp_path, **sim.env, TRIVET_PROFILE="innovate")
        rows = trivet("show", "images", "--json", env=env).json["rows"]
    assert [(r["digest"], r["tags"], r["runs_in"]) for r in rows if r["repository"] == "lonely"] == [("abababab", "v0.1.0", "nowhere")]
    with Sim("--quiet", "--fault", "kubernetes:error=Forbidden/403") as sim:
        rows = trivet("show", "images", "--json", env=clean_env(tmp_path, **sim.env, TRIVET_PROFILE="innovate")).json["rows"]
    assert {r["repository"] for r in rows} >= {"frontend", "backend"} and {r["runs_in"] for r in rows} == {"dev ?  prod ?"}


def test_findings_that_may_not_be_read_hide_no_image(tmp_path):
    with Sim("--quiet", "--fault", "ecr.DescribeImageScanFindings:error=AccessDeniedException/400") as sim:
        done = trivet("show", "images", "--json", env=clean_env(tmp_path, **sim.env, TRIVET_PROFILE="innovate"))
    assert done.code == 2 and {r["repository"] for r in done.json["rows"]} >= {"frontend", "backend"}
    [feed] = [f for f in done.json["accounts"][0]["feeds"] if f["feed"] == "images"]
    assert feed["state"] == "stale" and feed["error"]["message"].startswith("findings: ")


# What Terraform would make, by boto3 on moto.

MOTO_PROFILE = """name: moto
region: us-east-1
accounts:
  - {name: root, id: "123456789012", kind: management}
"""
POLICY = {"Version": "2012-10-17", "Statement": [{"Sid": "pull", "Effect": "Allow", "Principal": {"AWS": ["arn:aws:iam::123456789012:root"]},
                                                  "Action": ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer", "ecr:BatchCheckLayerAvailability"]}]}
LIFECYCLE = {"rules": [{"rulePriority": 1, "selection": {"tagStatus": "untagged", "countType": "sinceImagePushed", "countUnit": "days", "countNumber": 14},
                        "action": {"type": "expire"}}]}


@pytest.fixture(scope="module")
def moto(tmp_path_factory):
    folder = tmp_path_factory.mktemp("moto")
    server, url = start_moto(folder)
    keys = dict(aws_access_key_id="test", aws_secret_access_key="test", region_name="us-east-1")
    try:
        ecr = boto3.client("ecr", endpoint_url=url, **keys)
        ecr.create_repository(repositoryName="backend", imageTagMutability="IMMUTABLE", imageScanningConfiguration={"scanOnPush": True})
        ecr.set_repository_policy(repositoryName="backend", policyText=json.dumps(POLICY))
        ecr.put_lifecycle_policy(repositoryName="backend", lifecyclePolicyText=json.dumps(LIFECYCLE))
        env = clean_env(folder, AWS_ENDPOINT_URL=url, AWS_ACCESS_KEY_ID="test", AWS_SECRET_ACCESS_KEY="test", AWS_REGION="us-east-1")
        yield ecr, env, str(write(folder / "moto.yaml", MOTO_PROFILE))
    finally:
        server.stop()


ECR = {"ecr-central", "ecr-scan", "ecr-immutable", "ecr-lifecycle", "ecr-policy"}


def test_a_registry_that_terraform_made_conforms(moto):
    _, env, profile = moto
    results = verdicts(env, profile, "root")
    assert {c for c in ECR if results[c]["verdict"] == "pass"} == ECR, {c: evidence(results[c]) for c in ECR}


def scan_off(ecr):
    change = lambda on: ecr.put_image_scanning_configuration(repositoryName="backend", imageScanningConfiguration={"scanOnPush": on})
    change(False)
    return lambda: change(True)


def tags_move(ecr):
    change = lambda to: ecr.put_image_tag_mutability(repositoryName="backend", imageTagMutability=to)
    change("MUTABLE")
    return lambda: change("IMMUTABLE")


def nothing_expires(ecr):
    ecr.delete_lifecycle_policy(repositoryName="backend")
    return lambda: ecr.put_lifecycle_policy(repositoryName="backend", lifecyclePolicyText=json.dumps(LIFECYCLE))


def all_may_pull(ecr):
    change = lambda policy: ecr.set_repository_policy(repositoryName="backend", policyText=json.dumps(policy))
    change({**POLICY, "Statement": [{**POLICY["Statement"][0], "Principal": "*"}]})
    return lambda: change(POLICY)


BENT = [(scan_off, "ecr-scan", "scan on push off"), (tags_move, "ecr-immutable", "MUTABLE"), (nothing_expires, "ecr-lifecycle", "no lifecycle policy"),
        (all_may_pull, "ecr-policy", "lets * in")]


@pytest.mark.parametrize("bend, check, seen", BENT, ids=[b[1] for b in BENT])
def test_what_somebody_changed_by_hand_is_found(moto, bend, check, seen):
    ecr, env, profile = moto
    undo = bend(ecr)
    try:
        results = verdicts(env, profile, "root")
        assert failed(results) & ECR == {check}, {c: evidence(results[c]) for c in failed(results)}
        assert any(seen in line for line in evidence(results[check])), evidence(results[check])
    finally:
        undo()


def test_the_registry_may_scan_by_a_rule_of_its_own(moto):
    """Which has taken the place of each repository's setting."""
    ecr, env, profile = moto
    rule = lambda frequency: [{"scanFrequency": frequency, "repositoryFilters": [{"filter": "back*", "filterType": "WILDCARD"}]}]
    undo = scan_off(ecr)
    try:
        ecr.put_registry_scanning_configuration(scanType="ENHANCED", rules=rule("CONTINUOUS_SCAN"))
        assert verdicts(env, profile, "root")["ecr-scan"]["verdict"] == "pass"
        ecr.put_registry_scanning_configuration(scanType="BASIC", rules=[])
        assert verdicts(env, profile, "root")["ecr-scan"]["verdict"] == "fail"
    finally:
        undo()

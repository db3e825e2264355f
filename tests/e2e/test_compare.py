"""What is different in production: nothing that the architecture does not mean in the healthy estate, and every deviation made from outside."""
import json
import re

import jsonschema

from peers import ROOT, clean_env, trivet, write
from sim import Sim, without_schedules

NEVER = "sha256:b300dd651857707102188c7123eaecd6e4075fc22bdfa9e1fd9cd89e86ebacd4"  # failed its scan, so development never had it
RUNS = "sha256:6f76676f0ae74bc62bf2129672916e14bdcad75f85a632e42690be74e27e2791"   # production's backend


def compare(env, profile="innovate", code=0):
    done = trivet("show", "compare", "--json", "--profile", str(profile), env=env)
    assert done.code == code, done.err
    jsonschema.validate(done.json, json.loads((ROOT / "doc/show.schema.json").read_text()))
    return done.json


def of(found, verdict):
    return {(r["thing"], r["fact"]): (r["dev"], r["prod"]) for r in found["rows"] if r["verdict"] == verdict}


def test_the_healthy_estate_differs_only_by_design(tmp_path):
    scenario = write(tmp_path / "s.yaml", without_schedules())
    with Sim("--quiet", scenario=scenario) as sim:
        found = compare(clean_env(tmp_path, **sim.env))
        text = trivet("show", "compare", "--profile", "innovate", env=clean_env(tmp_path, **sim.env))
    assert of(found, "differs") == {} and of(found, "not known") == {}
    assert found["pairs"] == [{"development": "dev", "production": "prod"}]
    assert sum(found["counts"].values()) == len(found["rows"]) and found["counts"]["differs"] == 0
    meant, same = of(found, "by design"), of(found, "same")
    assert all(r["why"] for r in found["rows"] if r["verdict"] == "by design")
    assert meant[("database innovate-*", "Multi-AZ")] == ("no", "yes") and meant[("database innovate-*", "backups kept")] == ("1 d", "7 d")
    assert meant[("deployment innovate/backend", "image")] == ("backend@6aaa8c37e027", "backend@6f76676f0ae7")
    assert meant[("budget *-monthly", "limit")] == ("$250", "$4,000") and meant[("web ACL innovate-edge", "there")] == ("none", "yes")
    assert same[("database innovate-*", "storage type")] == ("gp3", "gp3")
    assert same[("deployment innovate/backend", "memory limit")] == ("1.0Gi", "1.0Gi")
    assert same[("security group innovate-*-database", "lets in")] == ("innovate-dev-backend tcp 5432", "innovate-prod-backend tcp 5432")
    assert same[("security group eks-cluster-sg-innovate-*", "lets in")] == ("itself all all",) * 2
    assert same[("deployment innovate/backend", "variables")] == ("APP_NAME, AWS_REGION",) * 2
    assert {t.split()[0] for t, _ in meant | same} >= {"database", "deployment", "cluster", "node", "Fargate", "add-on", "web", "ALB", "network",
                                                       "security", "secret", "alarm", "logs", "budget", "account"}
    assert text.code == 0 and "by design" in text.out and "dev is single-AZ" in text.out


def deviating():
    """Production has gone its own ways, development has a web ACL too, and a variable that production has not."""
    text = without_schedules()
    at = text.index("    name: prod\n")
    dev, prod = text[:at], text[at:]
    edge = re.search(r"(?s)    web_acls:\n.*?(?=    pipelines:)", prod)[0]
    dev_at = dev.index("    name: dev\n")
    dev = dev[:dev_at] + dev[dev_at:].replace("    network:\n", edge.replace("name: innovate-edge", "name: innovate-dev-edge") + "    network:\n", 1)
    dev = dev.replace("role: arn:aws:iam::222222222222:role/innovate-dev-Backend\n", "role: arn:aws:iam::222222222222:role/innovate-dev-Backend\n          secret: FEATURE_BASKET\n")
    for old, new in (('version: "16.9"', 'version: "17.2"'), ("multi_az: true", "multi_az: false"), ("            limit: 2000\n", "            limit: 2000\n            action: count\n"),
                     (f"image: \"111111111111.dkr.ecr.us-east-1.amazonaws.com/backend@{RUNS}\"", f"image: \"111111111111.dkr.ecr.us-east-1.amazonaws.com/backend@{NEVER}\""),
                     ('version: "1.34"', 'version: "1.33"')):
        assert old in prod, old
        prod = prod.replace(old, new, 1)
    return dev + prod


def test_what_deviates_is_found(tmp_path):
    scenario = write(tmp_path / "s.yaml", deviating())
    profile = write(tmp_path / "p.yaml", (ROOT / "profiles/innovate.yaml").read_text().replace("    auto_shutdown:", "    web_acl: innovate-dev-edge\n    auto_shutdown:"))
    with Sim("--quiet", scenario=scenario) as sim:
        sim.as_role("dev", "TrivetOperator").client("eks").update_nodegroup_config(clusterName="innovate-dev", nodegroupName="addons", scalingConfig={"maxSize": 9})
        env = clean_env(tmp_path, **sim.env)
        found = compare(env, profile)
        refused = compare(env, write(tmp_path / "q.yaml", profile.read_text().replace("TrivetReader", "NoSuchRole", 2)), code=2)
    differs = of(found, "differs")
    assert differs[("database innovate-*", "engine")] == ("postgres 16.9", "postgres 17.2")
    assert ("database innovate-*", "Multi-AZ") not in differs  # both have none: that is for the checks to say
    assert differs[("deployment innovate/backend", "image")] == ("backend@6aaa8c37e027", "backend@b300dd651857")
    assert differs[("deployment innovate/backend", "variables")] == ("2 alike + FEATURE_BASKET", "2 alike")
    assert differs[("cluster innovate-*", "version")] == ("1.34", "1.33")
    assert differs[("node group addons", "at most")] == ("9", "4")
    assert differs[("web ACL innovate-edge", "rules")] == ("6 alike + RateLimit block from 2000 on", "6 alike + RateLimit count from 2000 on")
    why = {(r["thing"], r["fact"]): r["why"] for r in found["rows"]}
    assert why[("deployment innovate/backend", "image")] == "prod's never ran in dev"
    assert [r["verdict"] for r in found["rows"][:found["counts"]["differs"]]] == ["differs"] * found["counts"]["differs"]
    assert {t for t, _ in differs} == {"database innovate-*", "deployment innovate/backend", "cluster innovate-*", "node group addons", "web ACL innovate-edge"}
    # Where development cannot be read at all, nothing is said to be the same, or to be different.
    assert refused["counts"]["same"] == refused["counts"]["differs"] == refused["counts"]["by_design"] == 0 and refused["counts"]["not_known"] > 10

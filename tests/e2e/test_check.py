"""trivet check: its formats, exit codes and waivers, and what it remembers. The checks of each area have tests of their own."""
import json
import xml.etree.ElementTree as ElementTree

import jsonschema
import pytest

from peers import ROOT, clean_env, trivet, write
from sim import HEALTHY, Sim

PROFILE = (ROOT / "profiles/innovate.yaml").read_text()
WEAK = HEALTHY.replace("iam_auth: true", "iam_auth: false")


@pytest.fixture(scope="module")
def healthy(tmp_path_factory):
    with Sim("--quiet") as s:
        yield clean_env(tmp_path_factory.mktemp("healthy"), **s.env, TRIVET_PROFILE="innovate")


@pytest.fixture(scope="module")
def weak(tmp_path_factory):
    folder = tmp_path_factory.mktemp("weak")
    with Sim("--quiet", "--scenario", str(write(folder / "weak.yaml", WEAK))) as s:
        yield clean_env(folder, **s.env, TRIVET_PROFILE="innovate")


def results(done):
    return {(r["check"], r["account"]): r for r in json.loads(done.out)["results"]}


def test_a_healthy_estate_conforms(healthy):
    done = trivet("check", env=healthy)
    assert done.code == 0, done.out + done.err
    assert " 0 fail, 0 unknown" in done.out
    assert "pass     db-multi-az       prod  innovate-prod: Multi-AZ" in done.out


def test_json_is_as_described(healthy):
    document = json.loads(trivet("check", "--format", "json", env=healthy).out)
    jsonschema.validate(document, json.loads((ROOT / "doc/check.schema.json").read_text()))
    assert len(document["results"]) == sum(document["counts"].values())


def test_a_failure_has_evidence_and_remedy(weak):
    done = trivet("check", env=weak)
    assert done.code == 1
    assert "fail     db-iam-auth       prod  innovate-prod: IAM authentication off" in done.out
    assert "to put it right: ModifyDBInstance EnableIAMDatabaseAuthentication" in done.out


def test_junit(weak):
    root = ElementTree.fromstring(trivet("check", "--format", "junit", env=weak).out)
    case = root.find(".//testcase[@classname='database.prod'][@name='db-iam-auth']")
    assert "IAM authentication off" in case.find("failure").get("message") and case.find("failure").get("type") == "fail"
    for suite in root:
        assert int(suite.get("tests")) == len(suite.findall("testcase"))
        assert int(suite.get("failures")) == len(suite.findall(".//failure"))


def test_sarif(weak):
    run = json.loads(trivet("check", "--format", "sarif", env=weak).out)["runs"][0]
    verdicts = json.loads(trivet("check", "--json", env=weak).out)["results"]
    assert {r["id"] for r in run["tool"]["driver"]["rules"]} == {r["check"] for r in verdicts}
    failed = {f"{r['check']}/{r['account']}" for r in verdicts if r["verdict"] == "fail"}
    assert {r["partialFingerprints"]["primaryLocationLineHash"] for r in run["results"]} == failed
    assert len(run["results"]) == 2 and {r["ruleId"] for r in run["results"]} == {"db-iam-auth"}
    for r in run["results"]:
        (place,) = r["locations"]
        assert r["kind"] == "fail" and r["level"] == "error" and "IAM authentication off" in r["message"]["text"]
        assert place["physicalLocation"] == {"artifactLocation": {"uri": "innovate.yaml"}, "region": {"startLine": 1}}


def test_waivers(weak, tmp_path):
    waive = PROFILE + '\nwaivers:\n  - {check: db-iam-auth, reason: "moves next month", until: 2999-01-01}\n'
    done = trivet("check", "--json", "--profile", str(write(tmp_path / "p.yaml", waive)), env=weak)
    found = results(done)
    assert done.code == 0
    assert found["db-iam-auth", "prod"]["verdict"] == "fail" and found["db-iam-auth", "prod"]["waiver"]["reason"] == "moves next month"
    over = PROFILE + '\nwaivers:\n  - {check: db-iam-auth, reason: "was", until: 2020-01-01}\n'
    assert trivet("check", "--profile", str(write(tmp_path / "q.yaml", over)), env=weak).code == 1
    wrong = PROFILE + '\nwaivers:\n  - {check: db-iam, reason: "x", until: 2999-01-01}\n'
    done = trivet("check", "--profile", str(write(tmp_path / "r.yaml", wrong)), env=weak)
    assert done.code == 2 and "db-iam-auth" in done.err and "r.yaml:" in done.err


def test_what_has_changed_since_the_run_before(healthy, weak, tmp_path):
    first = trivet("check", "--json", env={**healthy, "XDG_STATE_HOME": str(tmp_path)})
    second = trivet("check", "--json", env={**weak, "XDG_STATE_HOME": str(tmp_path)})
    third = trivet("check", "--json", env={**weak, "XDG_STATE_HOME": str(tmp_path)})
    key = ("db-iam-auth", "prod")
    assert [results(d)[key]["before"] for d in (first, second, third)] == [None, "pass", None]


def test_what_could_not_be_read_is_unknown(tmp_path):
    with Sim("--quiet", "--fault", "rds.DescribeDBInstances:error=AccessDenied/403") as s:
        done = trivet("check", "--json", env=clean_env(tmp_path, **s.env, TRIVET_PROFILE="innovate"))
    found = results(done)
    assert done.code == 2
    assert found["db-engine", "prod"]["verdict"] == "unknown"
    assert "AccessDenied" in found["db-engine", "prod"]["evidence"][0]["value"]


def test_unknown_format(healthy):
    done = trivet("check", "--format", "xml", env=healthy)
    assert done.code == 2 and done.err == 'trivet: --format "xml": expected one of text, json, junit, sarif\n'

"""The timeline: what changed, who did it, also what was refused and what was done from here; and the way from a row to its pane and back."""
import json
import time

import pytest

from console import Console
from peers import clean_env, trivet
from sim import Sim


@pytest.fixture(scope="module")
def stage(tmp_path_factory):
    with Sim("--quiet", "--speed", "300") as s:
        yield s, clean_env(tmp_path_factory.mktemp("timeline"), **s.env, TRIVET_PROFILE="innovate")


def rows(env, *options):
    done = trivet("show", "timeline", "--json", *options, env=env)
    assert done.code == 0, done.err
    return json.loads(done.out)["rows"]


def until(what, limit=90):
    end = time.monotonic() + limit
    while not (found := what()):
        assert time.monotonic() < end, "it did not come about"
    return found


def test_all_sources_newest_first(stage):
    _, env = stage
    found = rows(env)
    times = [r["at"] for r in found]
    assert times == sorted(times, reverse=True)
    assert {"trail", "rds", "release"} <= {r["source"] for r in found}
    denied = next(r for r in found if "AuthorizeSecurityGroupIngress" in r["what"])
    assert denied["who"] == "jonas-weber" and "refused: Client.UnauthorizedOperation" in denied["what"] and denied["account"] == "prod"


def test_since(stage):
    _, env = stage
    found = rows(env, "--since", "2h")
    assert found and len(found) < len(rows(env))
    assert not any("PutSecretValue" in r["what"] for r in found)
    done = trivet("show", "timeline", "--since", "soon", env=env)
    assert done.code == 2 and "--since" in done.err and len(done.err.splitlines()) == 1


def test_by_account_source_resource_and_time(stage):
    _, env = stage
    everything = rows(env)
    found = rows(env, "--account", "prod", "--since", "2d", "--filter", "source:rds resource:innovate-prod")
    assert found and all((r["account"], r["source"], r["subject"]) == ("prod", "rds", "innovate-prod") for r in found)
    assert len(found) == len([r for r in everything if (r["account"], r["source"], r["subject"]) == ("prod", "rds", "innovate-prod")])
    running = json.loads(trivet("show", "pods", "--json", "--filter", "account=dev status:running", env=env).out)["rows"]
    assert running and {r["account"] for r in running} == {"dev"}
    done = trivet("show", "pods", "--account", "stage", env=env)
    assert done.code == 2 and done.err == 'trivet: account "stage": expected one of root, dev, prod\n'


def test_what_was_done_by_others_and_from_here(stage):
    sim, env = stage
    client = sim.session().client("sts")
    keys = client.assume_role(RoleArn="arn:aws:iam::222222222222:role/TrivetOperator", RoleSessionName="ines-park")["Credentials"]
    other = sim.session(keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"]).client("rds")
    other.reboot_db_instance(DBInstanceIdentifier="innovate-dev")
    seen = until(lambda: [r for r in rows(env, "--since", "1h") if "RebootDBInstance" in r["what"]])
    assert seen[0]["who"] == "ines-park" and seen[0]["subject"] == "innovate-dev" and seen[0]["account"] == "dev"
    assert trivet("action", "restart", "innovate/frontend", "--account", "dev", "--yes", env=env).code == 0
    mine = [r for r in rows(env, "--since", "1h") if r["source"] == "trivet"]
    assert [r["what"].split(" (")[0] for r in mine] == ["restart ended: done", "restart begun"]


def test_a_report_as_markdown(stage):
    _, env = stage
    done = trivet("show", "timeline", "--format", "md", env=env)
    lines = done.out.splitlines()
    assert lines[0].startswith("## Timeline of innovate, ") and lines[2] == "| WHEN | ACCT | SOURCE | WHO | RESOURCE | WHAT |"
    assert all(line.startswith("| 20") and line.count(" | ") >= 5 for line in lines[4:20])


def test_from_a_row_to_its_pane_and_back(stage, tmp_path):
    _, env = stage
    with Console("--pane", "timeline", env=env) as c:
        c.wait("Finished DB instance backup")
        c.keys("/backup")
        c.keys("\r")
        c.wait("Finished DB instance backup")
        c.keys("/\x15account:prod source:rds since:3d\r")
        c.wait_gone("innovate-dev")
        c.wait("innovate-prod", "Finished DB instance backup")
        c.keys("\x1bOC")
        c.wait("▸ Database")
        c.keys("\x1bOD")
        c.wait("▸ Timeline")

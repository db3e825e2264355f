"""The simulator's GitHub API, driven with PyGithub; every request and reply is held against GitHub's published OpenAPI description."""
import functools
import json
import os
import pathlib
import re
import time
import urllib.parse
import urllib.request

import github
import jsonschema
import pytest

import peers
import sim_kube_peer as peer
from sim_kube_peer import eventually

DESCRIPTION = pathlib.Path(os.environ.get("TRIVET_GITHUB_OPENAPI", peers.ROOT / "tests/node_modules/@octokit/openapi/generated/api.github.com.json"))
MAINTAINER = "ghs_simulatedTokenForTheDemoOnly0000000"
DEVELOPER = "ghs_simulatedTokenOfADeveloper0000000000"
AUDITOR = "ghs_simulatedTokenOfAnAuditor00000000000"
REPO = "/repos/innovate/webapp"


@functools.cache
def description():
    assert DESCRIPTION.is_file(), f"{DESCRIPTION} is missing: npm install --prefix tests (tests/package.json)"

    def nullable(tree):
        """OpenAPI 3.0 says nullable where JSON Schema says null."""
        if isinstance(tree, list):
            return [nullable(item) for item in tree]
        if not isinstance(tree, dict):
            return tree
        tree = {key: nullable(value) for key, value in tree.items() if key not in ("example", "examples")}
        if tree.pop("nullable", False) is True:
            return {"anyOf": [tree, {"type": "null"}]}
        return tree

    return nullable(json.loads(DESCRIPTION.read_text()))


def resolve(tree):
    while "$ref" in tree:
        reference, tree = tree["$ref"], description()
        for step in reference.removeprefix("#/").split("/"):
            tree = tree[step]
    return tree


def operation(method, path):
    path = urllib.parse.urlsplit(path).path
    for template, operations in description()["paths"].items():
        pattern = re.sub(r"\{[a-z_]+\}", "[^/]+", template)
        if method.lower() in operations and re.fullmatch(pattern, path):
            return operations[method.lower()]
    raise AssertionError(f"{method} {path} is not in the description")


def valid(schema, value):
    schema = {"$ref": "#/schema", "schema": schema, "components": description()["components"]}
    jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker()).validate(value)


@pytest.fixture(scope="module")
def sim(tmp_path_factory):
    sim = peer.Sim(tmp_path_factory.mktemp("github"))
    yield sim
    assert sim.stop()


@pytest.fixture
def fast(tmp_path):
    sim = peer.Sim(tmp_path, "--speed", "60")
    yield sim
    assert sim.stop()


def ask(sim, path, method="GET", token=MAINTAINER, body=None, check=True, **headers):
    """Status, headers, body; request and reply are checked against the description."""
    headers = {"Accept": "application/vnd.github+json", **headers}
    if token:
        headers["Authorization"] = "Bearer " + token
    data = None if body is None else json.dumps(body).encode()
    status, head, reply = peer.answer_of(urllib.request.Request(sim.github + path, method=method, headers=headers, data=data))
    if check:
        known = operation(method, path)
        names = {resolve(p)["name"] for p in known.get("parameters", [])}
        assert {name for name, _ in urllib.parse.parse_qsl(urllib.parse.urlsplit(path).query)} <= names
        if body is not None and status == 200:
            valid(known["requestBody"]["content"]["application/json"]["schema"], body)
        if str(status) in known["responses"] and status != 304:
            content = resolve(known["responses"][str(status)]).get("content")
            valid(next(iter(content.values()))["schema"], reply)
        else:
            assert status >= 300
    return status, head, reply


def waiting(sim):
    return ask(sim, REPO + "/actions/runs?status=waiting")[2]["workflow_runs"][0]


def client(sim, token=MAINTAINER, **more):
    return github.Github(auth=github.Auth.Token(token), base_url=sim.github, retry=None, **more)


# Replies as published


def test_every_reply_is_as_published(sim):
    runs = ask(sim, REPO + "/actions/runs")[2]
    assert runs["total_count"] == 7 and [r["status"] for r in runs["workflow_runs"]] == ["waiting"] + ["completed"] * 6
    assert [r["conclusion"] for r in runs["workflow_runs"]] == [None, "failure", "success", "success", "success", "failure", "success"]
    for run in runs["workflow_runs"]:
        path = f"{REPO}/actions/runs/{run['id']}"
        assert ask(sim, path)[2] == run
        jobs = ask(sim, path + "/jobs")[2]
        assert jobs["jobs"][0]["name"] == "test" and jobs["jobs"][0]["conclusion"] == "success"
        ask(sim, path + "/approvals")
        ask(sim, path + "/pending_deployments")
        ask(sim, f"{REPO}/commits/{run['head_sha']}")
    for path in ("/user", "/rate_limit", REPO, REPO + "/environments", REPO + "/environments/production", REPO + "/deployments", REPO + "/commits/main", REPO + "/compare/prod...main"):
        assert ask(sim, path)[0] == 200


def test_what_waits(sim):
    run = waiting(sim)
    assert run["display_title"] == "Retry the order service once when its pool is full" and run["event"] == "push" and run["actor"]["login"] == "mara-lopez"
    pending = ask(sim, f"{REPO}/actions/runs/{run['id']}/pending_deployments")[2]
    assert [(p["environment"]["name"], p["wait_timer"], p["current_user_can_approve"]) for p in pending] == [("production", 0, True)]
    assert [r["reviewer"]["login"] for r in pending[0]["reviewers"]] == ["rosa-kim", "ines-park"]
    jobs = ask(sim, f"{REPO}/actions/runs/{run['id']}/jobs")[2]["jobs"]
    assert [(j["name"], j["status"]) for j in jobs] == [(n, "completed") for n in ("test", "build", "scan", "deploy-dev")] + [("deploy-prod", "waiting")]
    assert ask(sim, f"{REPO}/actions/runs/{run['id']}/pending_deployments", token=AUDITOR)[2][0]["current_user_can_approve"] is False
    newest = ask(sim, REPO + "/deployments?environment=production&per_page=1")[2]
    assert newest[0]["sha"] == run["head_sha"]


def test_filters_and_pages(sim):
    runs = lambda query: ask(sim, f"{REPO}/actions/runs?{query}")
    count = lambda query: runs(query)[2]["total_count"]
    assert (count("status=completed"), count("status=success"), count("status=failure"), count("status=queued")) == (6, 4, 2, 0)
    assert (count("branch=main"), count("branch=other"), count("actor=ines-park"), count("event=push"), count("event=schedule")) == (7, 0, 2, 7, 0)
    assert count("created=>=2000-01-01") == 7 and count("created=<2000-01-01") == 0
    status, headers, page = runs("per_page=3&page=2")
    assert [r["run_number"] for r in page["workflow_runs"]] == [404, 403, 402] and page["total_count"] == 7
    links = dict(reversed(re.match(r'<(.*)>; rel="(.*)"', part).groups()) for part in headers["Link"].split(", "))
    assert set(links) == {"first", "prev", "next", "last"} and links["last"].endswith("page=3") and links["next"].startswith(sim.github)
    last = peer.answer_of(urllib.request.Request(links["last"], headers={"Authorization": "Bearer " + MAINTAINER}))
    assert len(last[2]["workflow_runs"]) == 1 and 'rel="next"' not in last[1]["Link"]
    assert "Link" not in runs("per_page=100")[1]


def test_commits(sim):
    compared = ask(sim, REPO + "/compare/prod...main")[2]
    assert (compared["status"], compared["ahead_by"], compared["behind_by"], compared["total_commits"]) == ("ahead", 2, 0, 2)
    assert compared["commits"][-1]["sha"] == waiting(sim)["head_sha"] and compared["merge_base_commit"]["sha"] == compared["base_commit"]["sha"]
    assert ask(sim, REPO + "/compare/main...prod")[2]["status"] == "behind"
    assert ask(sim, REPO + "/compare/main...main")[2]["status"] == "identical"
    sha = compared["commits"][0]["sha"]
    assert ask(sim, f"{REPO}/commits/{sha[:7]}")[2]["sha"] == sha
    status, _, error = ask(sim, REPO + "/commits/ffffffff")
    assert (status, error["message"]) == (422, "No commit found for SHA: ffffffff")
    assert ask(sim, REPO + "/compare/main...nowhere")[0] == 404


# Who asks, and how often


def test_credentials(sim):
    for token, message in (("wrong", "Bad credentials"), (None, "Requires authentication")):
        status, headers, error = ask(sim, "/user", token=token)
        assert (status, error["message"]) == (401, message) and headers["X-GitHub-Request-Id"]
    assert ask(sim, "/user")[2]["login"] == "rosa-kim"
    assert ask(sim, "/user", token=DEVELOPER)[2]["login"] == "mara-lopez"
    with pytest.raises(github.BadCredentialsException):
        client(sim, "wrong").get_user().login
    for path in ("/repos/innovate/other", REPO + "/actions/runs/1", REPO + "/nothing", "/"):
        status, _, error = ask(sim, path, check=False)
        assert (status, error["message"]) == (404, "Not Found")


def test_what_has_not_changed_costs_nothing(sim):
    _, headers, _ = ask(sim, REPO)
    left = int(headers["X-RateLimit-Remaining"])
    assert headers["X-RateLimit-Limit"] == "5000" and headers["X-RateLimit-Resource"] == "core" and int(headers["X-RateLimit-Used"]) == 5000 - left
    assert 0 < int(headers["X-RateLimit-Reset"]) - time.time() <= 3600
    status, again, body = ask(sim, REPO, **{"If-None-Match": headers["ETag"]})
    assert (status, body) == (304, b"") and int(again["X-RateLimit-Remaining"]) == left and again["ETag"] == headers["ETag"]
    assert ask(sim, REPO, **{"If-None-Match": 'W/"another"'})[0] == 200
    rate = ask(sim, "/rate_limit")[2]
    assert rate["rate"]["remaining"] == left - 1 == rate["resources"]["core"]["remaining"]


def test_the_limit_is_kept(tmp_path):
    path = peer.scenario_with(tmp_path, replace={"  viewer: rosa-kim": "  rate_limit: 3\n  viewer: rosa-kim"})
    sim = peer.Sim(tmp_path, scenario=path)
    assert [ask(sim, REPO)[0] for _ in range(4)] == [200, 200, 200, 403]
    status, headers, error = ask(sim, REPO)
    assert headers["X-RateLimit-Remaining"] == "0" and error["message"].startswith("API rate limit exceeded")
    assert ask(sim, "/rate_limit")[0] == 200
    assert ask(sim, REPO, token=DEVELOPER)[0] == 200  # each user has a limit of their own
    assert sim.stop()


# Reviewing


def review(sim, run, state="approved", comment="Ship it", environment=None, token=MAINTAINER, **changes):
    path = f"{REPO}/actions/runs/{run['id']}/pending_deployments"
    if environment is None:
        environment = ask(sim, path)[2][0]["environment"]["id"]
    body = {"environment_ids": [environment], "state": state, "comment": comment, **changes}
    return ask(sim, path, method="POST", body={k: v for k, v in body.items() if v is not ...}, token=token)


def test_wrong_reviews(sim):
    run = waiting(sim)
    environment = ask(sim, f"{REPO}/actions/runs/{run['id']}/pending_deployments")[2][0]["environment"]["id"]
    for changes in ({"state": "maybe"}, {"state": ...}, {"comment": ...}, {"comment": 3}, {"environment_ids": ...}, {"environment_ids": "production"},
                    {"environment_ids": []}, {"environment_ids": [1]}, {"environment_ids": [environment, 1]}):
        status, _, error = review(sim, run, environment=environment, **changes)
        assert status == 422, changes
        valid(description()["components"]["schemas"]["validation-error-simple"], error)
    path = f"{REPO}/actions/runs/{run['id']}/pending_deployments"
    reply = peer.answer_of(urllib.request.Request(sim.github + path, method="POST", headers={"Authorization": "Bearer " + MAINTAINER}, data=b"{"))
    assert (reply[0], reply[2]["message"]) == (400, "Problems parsing JSON")
    for token in (AUDITOR, DEVELOPER):  # no reviewer; the one who pushed
        assert review(sim, run, environment=environment, token=token)[0] == 403
    done = ask(sim, REPO + "/actions/runs?status=success")[2]["workflow_runs"][0]
    assert review(sim, done, environment=environment)[0] == 422
    assert waiting(sim)["id"] == run["id"]


def test_an_approved_run_moves_on(fast):
    run = waiting(fast)
    status, _, deployments = review(fast, run, comment="Numbers are good")
    assert status == 200 and [(d["environment"], d["sha"], d["ref"]) for d in deployments] == [("production", run["head_sha"], "main")]
    assert review(fast, run, environment=1)[0] == 422  # nothing waits any more
    seen = [ask(fast, f"{REPO}/actions/runs/{run['id']}")[2]["status"]]

    def finished():
        seen.append(ask(fast, f"{REPO}/actions/runs/{run['id']}")[2]["status"])
        return seen[-1] == "completed"

    eventually(finished)
    assert [s for i, s in enumerate(seen) if i == 0 or seen[i - 1] != s] in (["queued", "in_progress", "completed"], ["in_progress", "completed"])
    assert ask(fast, f"{REPO}/actions/runs/{run['id']}")[2]["conclusion"] == "success"
    approvals = ask(fast, f"{REPO}/actions/runs/{run['id']}/approvals")[2]
    assert [(a["state"], a["user"]["login"], a["comment"], a["environments"][0]["name"]) for a in approvals] == [
        ("approved", "rosa-kim", "Numbers are good", "production")]
    assert ask(fast, REPO + "/actions/runs?status=waiting")[2]["total_count"] == 0
    jobs = ask(fast, f"{REPO}/actions/runs/{run['id']}/jobs")[2]["jobs"]
    assert {j["conclusion"] for j in jobs} == {"success"} and all(j["steps"] for j in jobs)


def test_an_environment_is_changed_by_who_administers_the_repository(fast):
    path, body = REPO + "/environments/production", {"wait_timer": 5, "prevent_self_review": True, "reviewers": [{"type": "User", "id": 583204}]}
    before = ask(fast, path)[2]
    assert ask(fast, path, method="PUT", token=DEVELOPER, body=body)[0] == 403 and ask(fast, path)[2] == before
    assert ask(fast, path, method="PUT", body={**body, "reviewers": [{"type": "User", "id": 1}]})[0] == 422 and ask(fast, path)[2] == before
    changed = ask(fast, path, method="PUT", body=body)[2]
    assert {r["type"]: r.get("wait_timer") or [p["reviewer"]["login"] for p in r["reviewers"]] for r in changed["protection_rules"]} == {
        "wait_timer": 5, "required_reviewers": ["ines-park"]}
    assert ask(fast, path)[2] == changed
    assert ask(fast, path, method="PUT")[2]["protection_rules"] == []  # what is not said is taken away
    staging = ask(fast, REPO + "/environments/staging", method="PUT", body={})[2]
    assert staging["name"] == "staging" and staging["id"] != changed["id"] and ask(fast, REPO + "/environments")[2]["total_count"] == 3


def test_a_workflow_is_run_by_hand(fast):
    path = REPO + "/actions/workflows/release.yml"
    workflow = ask(fast, path)[2]
    assert ask(fast, f"{REPO}/actions/workflows/{workflow['id']}")[2] == workflow and ask(fast, REPO + "/actions/workflows/other.yml")[0] == 404
    ask_run = lambda check=False, **more: ask(fast, path + "/dispatches", method="POST", check=check, **more)
    assert ask_run(token=AUDITOR, body={"ref": "main"})[0] == 403
    assert ask_run(body={"inputs": {}})[0] == ask_run(body={"ref": "nowhere"})[0] == 422
    before = ask(fast, REPO + "/actions/runs")[2]
    assert ask_run(token=DEVELOPER, body={"ref": "main", "inputs": {"skip_scan": "true"}})[0] == 204
    runs = ask(fast, REPO + "/actions/runs")[2]
    run = runs["workflow_runs"][0]
    earlier = before["workflow_runs"]
    assert runs["total_count"] == before["total_count"] + 1 and [r["id"] for r in runs["workflow_runs"][1:]] == [r["id"] for r in earlier]
    assert (run["run_number"], run["event"], run["actor"]["login"]) == (earlier[0]["run_number"] + 1, "workflow_dispatch", "mara-lopez")
    jobs = lambda: {j["name"]: j["conclusion"] for j in ask(fast, f"{REPO}/actions/runs/{run['id']}/jobs")[2]["jobs"]}
    eventually(lambda: jobs().get("deploy-dev") == "success")
    assert jobs()["scan"] == "skipped" and jobs()["build"] == "success"


def test_a_rejected_run_ends(fast):
    run = waiting(fast)
    assert review(fast, run, state="rejected", comment="Not today")[0] == 200
    again = ask(fast, f"{REPO}/actions/runs/{run['id']}")[2]
    assert (again["status"], again["conclusion"]) == ("completed", "failure")
    assert ask(fast, f"{REPO}/actions/runs/{run['id']}/approvals")[2][0]["state"] == "rejected"


def test_a_wait_timer(tmp_path):
    path = peer.scenario_with(tmp_path, replace={"- {name: production, reviewers": "- {name: production, wait_timer: 230m, reviewers"})
    sim = peer.Sim(tmp_path, "--speed", "200", scenario=path)
    run = waiting(sim)
    pending = ask(sim, f"{REPO}/actions/runs/{run['id']}/pending_deployments")[2][0]
    assert pending["wait_timer"] == 230 and pending["wait_timer_started_at"]
    assert review(sim, run)[0] == 200
    assert ask(sim, f"{REPO}/actions/runs/{run['id']}")[2]["status"] in ("queued", "waiting")
    eventually(lambda: ask(sim, f"{REPO}/actions/runs/{run['id']}")[2]["conclusion"] == "success")
    assert [r["type"] for r in ask(sim, REPO + "/environments")[2]["environments"][1]["protection_rules"]] == ["wait_timer", "required_reviewers"]
    assert sim.stop()


# PyGithub


def test_with_pygithub(fast):
    hub = client(fast, per_page=3)
    assert hub.get_user().login == "rosa-kim" and hub.get_rate_limit().rate.limit == 5000
    repository = hub.get_repo("innovate/webapp")
    assert repository.full_name == "innovate/webapp" and repository.private and repository.default_branch == "main"
    runs = list(repository.get_workflow_runs())
    assert len(runs) == 7 and runs[0].status == "waiting"  # three pages
    run = repository.get_workflow_runs(status="waiting")[0]
    url = run.url + "/pending_deployments"  # PyGithub has no method for these
    _, pending = run.requester.requestJsonAndCheck("GET", url)
    assert pending[0]["environment"]["name"] == "production" and pending[0]["current_user_can_approve"]
    assert [e.name for e in repository.get_environments()] == ["dev", "production"]
    assert repository.compare("prod", "main").ahead_by == 2
    assert repository.get_commit(run.head_sha).commit.message == run.display_title
    assert [j.name for j in run.jobs()][-1] == "deploy-prod"
    assert repository.get_deployments(environment="dev")[0].sha == run.head_sha
    body = {"environment_ids": [pending[0]["environment"]["id"]], "state": "approved", "comment": "Approved by the test"}
    _, deployments = run.requester.requestJsonAndCheck("POST", url, input=body)
    assert deployments[0]["environment"] == "production"
    eventually(lambda: repository.get_workflow_run(run.id).conclusion == "success")
    with pytest.raises(github.UnknownObjectException):
        hub.get_repo("innovate/nothing")

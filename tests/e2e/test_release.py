"""trivet release: what is let into production and what is not, as GitHub's and AWS's own clients see it; the rollout followed; and killed at every step."""
import http.client
import http.server
import json
import pathlib
import signal
import subprocess
import threading

import github
import jsonschema
import pytest

from console import Console
from peers import ROOT, TRIVET, clean_env, trivet, write
from sim import Sim
from test_sim_github import DESCRIPTION, operation, valid

REPO = "/repos/innovate/webapp"
DEVELOPER = "ghs_simulatedTokenOfADeveloper0000000000"
OTHER = "ghs_simulatedTokenOfTheOtherReviewer000"
RUN = "407"
PIPELINE = "innovate-infrastructure"
CANDIDATE = "a609f80"
BACKEND_OLD, BACKEND_NEW = "6f76676f", "6aaa8c37"


class Door:
    """Stands before a service, counts what passes, and does something at a given request: before it is handed on, or instead of its answer."""

    def __init__(self, url):
        self.seen, self.before, self.after = [], {}, {}
        self.host, _, self.prefix = url.removeprefix("http://").partition("/")
        door = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def serve(self):
                length = int(self.headers.get("content-length") or 0)
                body = self.rfile.read(length)
                request = (self.command, self.path, body, self.headers.get("x-amz-target", ""))
                if door.act(door.before, request):
                    self.close_connection = True
                    return
                door.seen.append(request)
                upstream = http.client.HTTPConnection(door.host, timeout=60)
                upstream.request(self.command, self.path, body, dict(self.headers.items()))
                reply = upstream.getresponse()
                data = reply.read()
                upstream.close()
                if door.act(door.after, request):
                    self.close_connection = True
                    return
                self.send_response(reply.status)
                for name, value in reply.getheaders():
                    if name.lower() not in ("transfer-encoding", "content-length", "connection", "date", "server"):
                        self.send_header(name, value)
                self.send_header("content-length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            do_GET = do_POST = serve

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.server.handle_error = lambda *_: None  # who was killed leaves without a word
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}" + ("/" + self.prefix if self.prefix else "")

    def act(self, table, request):
        """True: no answer."""
        for word in list(table):
            if word in request[0] + " " + request[1] + " " + request[3]:
                said = table[word]()
                if said != "later":
                    del table[word]
                return said is True
        return False

    def posts(self):
        return [r for r in self.seen if r[0] == "POST" and "pending_deployments" in r[1]]

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


class World:
    """A simulated estate, doors before GitHub and CodePipeline, and trivet in a home of its own."""

    def __init__(self, folder, speed="60", edit=lambda text: text, profile=lambda text: text):
        scenario = (ROOT / "profiles/scenarios/healthy.yaml").read_text()
        scenario = scenario.replace("{login: ines-park, name: Ines Park}", "{login: ines-park, name: Ines Park, token: %s}" % OTHER)
        self.sim = Sim("--speed", speed, scenario=write(folder / "scenario.yaml", edit(scenario)))
        self.github, self.pipelines = Door(self.sim.env["GITHUB_API_URL"]), Door(self.sim.url)
        self.profile = write(folder / "innovate.yaml", profile((ROOT / "profiles/innovate.yaml").read_text()))
        self.env = {**clean_env(folder), **self.sim.env, "XDG_STATE_HOME": str(folder / "state"), "GITHUB_API_URL": self.github.url,
                    "AWS_ENDPOINT_URL_CODEPIPELINE": self.pipelines.url}

    def run(self, *words, **env):
        return trivet("--profile", self.profile, *words, env={**self.env, **env}, limit=240)

    def start(self, *words):
        return subprocess.Popen([str(TRIVET), "--profile", str(self.profile), *words], env=self.env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                stderr=subprocess.STDOUT, text=True)

    def client(self, token=None):
        return github.Github(auth=github.Auth.Token(token or self.sim.env["GITHUB_TOKEN"]), base_url=self.sim.env["GITHUB_API_URL"], retry=None)

    def workflow_run(self, token=None):
        repository = self.client(token).get_repo("innovate/webapp")
        return next(run for run in repository.get_workflow_runs() if run.run_number == int(RUN))

    def approvals(self):
        run = self.workflow_run()
        return [(a["state"], a["user"]["login"], a["comment"]) for a in run._requester.requestJsonAndCheck("GET", run.url + "/approvals")[1]]

    def review(self, state, comment, token=OTHER):
        """As another reviewer, in a client that nobody here wrote."""
        run = self.workflow_run(token)
        pending = run._requester.requestJsonAndCheck("GET", run.url + "/pending_deployments")[1]
        run._requester.requestJsonAndCheck("POST", run.url + "/pending_deployments", input={
            "environment_ids": [p["environment"]["id"] for p in pending], "state": state, "comment": comment})

    def audit(self):
        path = pathlib.Path(self.env["XDG_STATE_HOME"]) / "trivet/audit.jsonl"
        return [json.loads(line) for line in path.read_text().splitlines()]

    def unfinished(self):
        done = self.run("action", "unfinished", "--json")
        assert done.code == 1, done.out + done.err
        return done.json[0]

    def stop(self):
        self.github.stop()
        self.pipelines.stop()
        self.sim.stop()


@pytest.fixture
def world(tmp_path):
    worlds = []

    def make(**how):
        worlds.append(World(tmp_path, **how))
        return worlds[-1]

    yield make
    for one in worlds:
        one.stop()


def of_candidate(repository, edit):
    """The scenario with another image behind what waits."""

    def change(text):
        start = text.index("tags: [sha-%s, dev-latest]\n" % CANDIDATE, text.index(f"- name: {repository}\n        scan_on_push"))
        end = text.index("- digest", start)
        return text[:start] + edit(text[start:end]) + text[end:]

    return change


# Letting through


def test_approved_and_arrived(world):
    w = world()
    done = w.run("release", "approve", RUN, "--comment", "cache fix")
    assert done.code == 0, done.out + done.err
    assert w.approvals() == [("approved", "rosa-kim", "cache fix")] and w.workflow_run().conclusion == "success"
    assert len(w.github.posts()) == 1
    for line in ("+ same image ran in dev", "+ no drill or shutdown running", "github POST pending_deployments", "approved by rosa-kim: cache fix",
                 f"new {BACKEND_NEW} 6/6 ready  old {BACKEND_OLD} 0", "no alarm has gone off since", f"done: release {RUN} has settled: backend"):
        assert line in done.out, line
    assert [r["phase"] for r in w.audit()] == ["begun", "ended"] and w.audit()[-1]["outcome"] == "done" and w.audit()[-1]["reason"] == "cache fix"
    again = w.run("release", "approve", RUN, "--comment", "again")
    assert again.code == 2 and f"nothing of run {RUN} waits: it is succeeded" in again.out
    assert w.run("release", "list").out.startswith(PIPELINE)


def test_the_request_is_as_published(world):
    if not DESCRIPTION.is_file():
        pytest.skip("GitHub's description is not installed")
    w = world()
    assert w.run("release", "reject", RUN, "--comment", "not before the price change").code == 0
    [(method, path, body, _)] = w.github.posts()
    valid(operation(method, path.removeprefix("/github"))["requestBody"]["content"]["application/json"]["schema"], json.loads(body))
    for method, path, _, _ in w.github.seen:
        assert operation(method, path.removeprefix("/github"))


def test_rejected_with_a_comment(world):
    w = world()
    silent = w.run("release", "reject", RUN)
    assert silent.code == 2 and "--reason" in silent.err and not w.github.posts()
    done = w.run("release", "reject", RUN, "--comment", "not before the price change")
    assert done.code == 0 and "rejected by rosa-kim: not before the price change" in done.out
    assert w.approvals() == [("rejected", "rosa-kim", "not before the price change")] and w.workflow_run().conclusion == "failure"


def test_dry_run_and_lists(world):
    w = world()
    dry = w.run("release", "approve", RUN, "--dry-run", "--json")
    assert dry.code == 0 and not w.github.posts()
    assert [s["step"] for s in dry.json["plan"]] == ["release-review", "release-run", "release-rollout"]
    assert [s["call"] for s in dry.json["plan"]] == ["github POST pending_deployments", None, None]
    assert {p["verdict"] for p in dry.json["preflight"]} == {"pass"}
    listed = w.run("release", "list", "--json")
    jsonschema.validate(listed.json, json.loads((ROOT / "doc/release.schema.json").read_text()))
    assert [(r["name"], r["provider"], r["state"]) for r in listed.json["releases"]] == [(RUN, "github", "waiting"), (PIPELINE, "codepipeline", "waiting")]
    unknown = w.run("release", "approve", "999")
    assert unknown.code == 2 and f'run "999": not known: expected one of {RUN}, {PIPELINE}' in unknown.err
    for words in (["hold"], ["approve"], ["list", RUN]):
        assert w.run("release", *words).code == 2
    assert w.run("--read-only", "release", "approve", RUN).code == 2


# Refusals and races


def test_a_token_that_may_not_review(world):
    w = world()
    plain = w.run("release", "approve", RUN, "--comment", "mine", GITHUB_TOKEN=DEVELOPER)
    assert plain.code == 2 and "x may be approved by you" in plain.out and f'--confirm "approve {RUN}"' in plain.err and not w.github.posts()
    done = w.run("release", "approve", RUN, "--comment", "mine", "--confirm", f"approve {RUN}", GITHUB_TOKEN=DEVELOPER)
    assert done.code == 1, done.out + done.err
    assert "your token may not review environment production: reviewers are rosa-kim, ines-park" in done.out
    assert w.approvals() == [] and w.audit()[-1]["override"] is True and w.audit()[-1]["outcome"] == "failed"


def test_approved_by_somebody_else_meanwhile(world):
    w = world()
    w.github.before["POST "] = lambda: w.review("approved", "mine was first")
    out = interrupted_after(w.start("release", "approve", RUN, "--comment", "second"), "settling  release-run")
    assert "done      release-review 407: approved by ines-park: mine was first" in out
    assert w.approvals() == [("approved", "ines-park", "mine was first")]


def interrupted_after(process, words):
    """All that it prints; from the line with the words on it is no longer wanted, and says so."""
    lines = []
    for line in process.stdout:
        lines.append(line)
        if words in line:
            process.send_signal(signal.SIGINT)
    assert process.wait(60) == 1
    assert "left: what was called goes on by itself and is not watched any longer" in lines[-1], "".join(lines)
    return "".join(lines)


def test_a_wait_timer_goes_on_after_the_approval(world):
    w = world(edit=lambda text: text.replace("prevent_self_review: true, account: prod}", "prevent_self_review: true, account: prod, wait_timer: 5h}"))
    out = interrupted_after(w.start("release", "approve", RUN, "--comment", "tonight"), "settling  release-run")
    assert "its wait timer ends" in out and "done      release-review 407: approved by rosa-kim: tonight" in out
    assert w.workflow_run().status == "waiting" and len(w.github.posts()) == 1
    again = w.run("release", "approve", RUN, "--comment", "twice", "--confirm", f"approve {RUN}")
    assert again.code == 1 and "x may be approved by you" in again.out and "; approved by rosa-kim: tonight" in again.out
    assert f"nothing of run {RUN} could be reviewed" in again.out.splitlines()[-1]


def test_rejecting_what_was_approved_meanwhile(world):
    w = world()
    w.github.before["POST "] = lambda: w.review("approved", "ship it")
    done = w.run("release", "reject", RUN, "--comment", "stop")
    assert done.code == 1 and f"nothing of run {RUN} waits any more: it was approved by ines-park: ship it" in done.out


def test_approving_what_was_rejected_before_the_call(world):
    w = world()
    begun = pathlib.Path(w.env["XDG_STATE_HOME"]) / "trivet/audit.jsonl"
    w.github.before["/pending_deployments"] = lambda: w.review("rejected", "not today") if begun.exists() else "later"
    done = w.run("release", "approve", RUN, "--comment", "cache fix")
    assert done.code == 1 and f"nothing of run {RUN} waits any more: it was rejected by ines-park: not today" in done.out
    assert not w.github.posts()


# Checks that fail


def test_a_failed_check_has_to_be_overridden_in_words(world):
    w = world(edit=of_candidate("backend", lambda image: image.replace("MEDIUM", "CRITICAL")),
              profile=lambda text: text + "\nfreeze: [{from: 2020-01-01, to: 2099-12-31, reason: stocktaking}]\n")
    plain = w.run("release", "approve", RUN, "--comment", "now")
    assert plain.code == 2 and "a check failed" in plain.err and f'--confirm "approve {RUN}"' in plain.err
    assert "x scan" in plain.out and "1 critical" in plain.out and "x outside freeze" in plain.out and "stocktaking" in plain.out
    wrong = w.run("release", "approve", RUN, "--comment", "now", "--confirm", RUN)
    assert wrong.code == 2 and not w.github.posts()
    assert w.run("release", "reject", RUN, "--comment", "scan").code == 0  # needs no passing checks


# Rollouts that fail


@pytest.mark.parametrize("fault, words", [("crash", "CrashLoopBackOff"), ("image", "ImagePullBackOff")])
def test_a_rollout_that_fails_names_what_to_go_back_to(world, fault, words):
    w = world(edit=of_candidate("backend", lambda image: f"fault: {fault}\n            {image}"))
    done = w.run("release", "approve", RUN, "--comment", "cache fix", "--confirm", f"approve {RUN}")
    assert done.code == 1, done.out + done.err
    last = done.out.splitlines()[-1]
    assert last.startswith("failed: pod backend-") and f"of the new image {BACKEND_NEW}: {words}" in last, last
    assert f"back: backend {BACKEND_OLD}, frontend c0a80c64 (release 405)" in last
    assert "release-run" in done.out and "not followed any longer" in done.out
    assert w.audit()[-1]["outcome"] == "failed" and "back:" in w.audit()[-1]["summary"]


# Killed


def kill_at(w, words, table, pattern):
    """Kills the process with SIGKILL when the door sees the request."""
    started = []

    def kill():
        started[0].send_signal(signal.SIGKILL)
        started[0].wait(20)
        return True

    getattr(w.github, table)[pattern] = kill
    started.append(w.start(*words))
    started[0].communicate(timeout=120)
    assert started[0].returncode == -signal.SIGKILL


def resume(w):
    left = w.unfinished()
    assert left["action"].startswith("release-") and left["resource"].endswith(RUN), left
    return w.run("action", "resume", left["id"])


def test_killed_after_the_call_went_out(world):
    w = world()
    kill_at(w, ["release", "approve", RUN, "--comment", "cache fix"], "after", "POST ")
    busy = w.run("release", "approve", RUN, "--dry-run")
    assert busy.code == 2 and "nothing of run" in busy.out  # it was approved by the call that went out
    done = resume(w)
    assert done.code == 0 and "approved by rosa-kim: cache fix" in done.out and "has settled" in done.out
    assert len(w.github.posts()) == 1 and w.approvals() == [("approved", "rosa-kim", "cache fix")]
    assert [r["phase"] for r in w.audit()] == ["begun", "resumed", "ended"]


def test_killed_before_the_call_went_out(world):
    w = world()
    kill_at(w, ["release", "reject", RUN, "--comment", "no"], "before", "POST ")
    busy = w.run("release", "approve", RUN, "--dry-run")
    assert busy.code == 1 and "x no drill or shutdown running" in busy.out and "was left unfinished" in busy.out
    done = resume(w)  # waits a minute for the call that may have gone out, then makes it
    assert done.code == 0 and len(w.github.posts()) == 1 and w.approvals() == [("rejected", "rosa-kim", "no")]


@pytest.mark.parametrize("request_seen", ["/jobs", "kubernetes"])
def test_killed_while_it_was_followed(world, request_seen):
    w = world()
    if request_seen == "/jobs":
        kill_at(w, ["release", "approve", RUN, "--comment", "cache fix"], "after", "/jobs")
    else:
        process = w.start("release", "approve", RUN, "--comment", "cache fix")
        for line in process.stdout:
            if "release-rollout" in line and "ready with" in line:
                break
        process.send_signal(signal.SIGKILL)
        process.communicate(timeout=20)
    done = resume(w)
    assert done.code == 0 and "has settled" in done.out and len(w.github.posts()) == 1


# CodePipeline


def gate_of(w):
    state = w.sim.as_role("prod").client("codepipeline").get_pipeline_state(name=PIPELINE)
    return {s["stageName"]: s for s in state["stageStates"]}


def put(w, status, summary):
    latest = gate_of(w)["Approve"]["actionStates"][0]["latestExecution"]
    w.sim.as_role("prod", "TrivetOperator").client("codepipeline").put_approval_result(
        pipelineName=PIPELINE, stageName="Approve", actionName="ApproveRelease", token=latest["token"], result={"status": status, "summary": summary})
    return None


def answers(w):
    return [r for r in w.pipelines.seen if "PutApprovalResult" in r[3]]


def test_a_pipeline_is_approved(world):
    w = world()
    done = w.run("release", "approve", PIPELINE, "--comment", "plan looks right")
    assert done.code == 0, done.out + done.err
    stages = gate_of(w)
    latest = stages["Approve"]["actionStates"][0]["latestExecution"]
    assert latest["status"] == "Succeeded" and latest["summary"] == "plan looks right" and "TrivetOperator" in latest["lastUpdatedBy"]
    assert stages["Deploy"]["latestExecution"]["status"] == "Succeeded" and len(answers(w)) == 1
    assert "every stage has succeeded" in done.out
    log = json.dumps(w.audit())
    assert json.loads(answers(w)[0][2])["token"] not in log and w.audit()[-1]["results"][0]["request_id"]


def test_a_pipeline_is_rejected(world):
    w = world()
    assert w.run("release", "reject", PIPELINE).code == 2
    done = w.run("release", "reject", PIPELINE, "--comment", "not now")
    assert done.code == 0 and "not now" in done.out
    assert gate_of(w)["Approve"]["actionStates"][0]["latestExecution"]["status"] == "Failed"


@pytest.mark.parametrize("status, code, words", [("Approved", 0, "approved by test: first"), ("Rejected", 1, "it was rejected by test: first")])
def test_a_pipeline_answered_meanwhile(world, status, code, words):
    w = world()
    w.pipelines.before["PutApprovalResult"] = lambda: put(w, status, "first")
    done = w.run("release", "approve", PIPELINE, "--comment", "second")
    assert done.code == code and words in done.out, done.out + done.err
    assert gate_of(w)["Approve"]["actionStates"][0]["latestExecution"]["summary"] == "first"


def test_a_pipeline_is_not_answered_twice(world):
    w = world()
    process = []

    def kill():
        process[0].send_signal(signal.SIGKILL)
        process[0].wait(20)
        return True

    w.pipelines.after["PutApprovalResult"] = kill
    process.append(w.start("release", "approve", PIPELINE, "--comment", "plan looks right"))
    process[0].communicate(timeout=60)
    left = w.unfinished()
    done = w.run("action", "resume", left["id"])
    assert done.code == 0 and "every stage has succeeded" in done.out and len(answers(w)) == 1


# From the keyboard


def test_approved_from_the_keyboard(world):
    w = world()
    with Console("--profile", w.profile, "--pane", "releases", env=w.env, rows=40, columns=120) as c:
        c.wait(RUN, PIPELINE, "6aaa8c37", "waiting")
        c.keys("a")
        c.wait("release-approve", "release-reject")
        c.keys("a")
        c.wait(f"To go on, type  {RUN}", "same image ran in dev", f"{BACKEND_OLD} → {BACKEND_NEW}", "Retry the order service once")
        c.keys(f"{RUN}\n")
        c.keys("cache fix\n")
        c.wait("approved by rosa-kim: cache fix")
        c.wait("new 6aaa8c37 6/6 ready", "no alarm has gone off since", limit=60)
        assert w.approvals() == [("approved", "rosa-kim", "cache fix")] and len(w.github.posts()) == 1
        c.wait(f"release {RUN} has settled", limit=90)
        c.keys("q:q\n")

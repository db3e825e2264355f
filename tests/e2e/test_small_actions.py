"""The smaller actions: restart, scale, delete a pod, block an address, invalidate, acknowledge; and what takes a row out of trivet. What they left is judged by
the Kubernetes client and by boto3."""
import base64
import json
import os
import re
import signal
import stat
import subprocess
import time

import boto3
import kubernetes
import pytest

import sim_kube_peer
from console import Console
from peers import ROOT, TRIVET, clean_env, start_moto, trivet, write
from proxy import Proxy
from sim import Sim

PROFILE = (ROOT / "profiles/innovate.yaml").read_text()
SCENARIO = (ROOT / "profiles/scenarios/healthy.yaml").read_text()
SET = "5b0f1c62-7d3e-4a98-b1c4-90e6a7d2f318"
ACCOUNTS = {"dev": "222222222222", "prod": "333333333333"}
EDGE = "E2INNOVATE0EDG"


def changed(text, changes):
    for old, new in changes.items():
        assert old in text, old
        text = text.replace(old, new, 1)
    return text


class Stage:
    """A simulator that tells each request, a profile and a scenario with these changes, a home of its own."""

    def __init__(self, folder, *options, profile={}, scenario={}, speed="60"):
        self.folder = folder
        self.sim = Sim("--speed", speed, *options, scenario=write(folder / "scenario.yaml", changed(SCENARIO, scenario)))
        self.profile = write(folder / "profile.yaml", changed(PROFILE, profile))
        self.env = clean_env(folder, **self.sim.env, TRIVET_PROFILE=str(self.profile))
        self.peer = object.__new__(sim_kube_peer.Sim)
        self.peer.env, self.peer.url, self.peer.tokens, self.peer.token_life = self.sim.env, self.sim.url, {}, 10

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.sim.stop()

    def act(self, *argv, account="prod", **env):
        return trivet("action", *argv, "--account", account, env={**self.env, **env})

    def begin(self, *argv, account="prod"):
        return subprocess.Popen([str(TRIVET), "action", *argv, "--account", account], env=self.env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)

    @staticmethod
    def until(what, limit=90):
        end = time.monotonic() + limit
        while not what():
            assert time.monotonic() < end, "it did not come about"

    def calls(self, word):
        return len(re.findall(word, self.sim.log()))

    def kill_after(self, process, word):
        """-9 once the simulator has taken the call, which it answers late."""
        sim_kube_peer.eventually(lambda: self.calls(word))
        os.kill(process.pid, signal.SIGKILL)
        process.communicate()

    def resume(self):
        left = trivet("action", "unfinished", "--json", env=self.env).json
        assert len(left) == 1
        return trivet("action", "resume", left[0]["id"], "--json", env=self.env)

    def apps(self, account="dev"):
        return kubernetes.client.AppsV1Api(self.peer.api_client(ACCOUNTS[account]))

    def pods(self, app, account="dev"):
        core = kubernetes.client.CoreV1Api(self.peer.api_client(ACCOUNTS[account]))
        return {p.metadata.name: p.status.phase for p in core.list_namespaced_pod("innovate").items if p.metadata.name.startswith(app + "-")}

    def waf(self):
        return self.sim.as_role("prod", "TrivetOperator", "us-east-1").client("wafv2")

    def set(self):
        got = self.waf().get_ip_set(Name="innovate-blocked", Scope="CLOUDFRONT", Id=SET)
        return got["IPSet"]["Addresses"], got["IPSet"]["Description"], got["LockToken"]


@pytest.fixture
def stage(tmp_path):
    with Stage(tmp_path) as s:
        yield s


# What runs in a cluster.


def test_restart_replaces_every_pod(stage):
    before = stage.pods("backend")
    done = stage.act("restart", "innovate/backend", "--yes", account="dev")
    assert done.code == 0 and "done: innovate/backend: " in done.out, done.out
    after = stage.pods("backend")
    assert len(after) == len(before) and not set(after) & set(before) and set(after.values()) == {"Running"}
    deployment = stage.apps().read_namespaced_deployment("backend", "innovate")
    assert "kubectl.kubernetes.io/restartedAt" in deployment.spec.template.metadata.annotations
    assert deployment.status.ready_replicas == 2


def test_scale_says_that_an_autoscaler_will_set_it_back(stage):
    refused = stage.act("scale", "innovate/frontend", "--value", "3", "--yes", account="dev")
    assert refused.code == 2 and "a check failed; not confirmed: give --confirm \"scale frontend\"" in refused.err
    assert "x no autoscaler sets it back" in refused.out and "frontend decides by its metrics" in refused.out
    assert stage.apps().read_namespaced_deployment("frontend", "innovate").spec.replicas == 1
    done = stage.act("scale", "innovate/frontend", "--value", "3", "--confirm", "scale frontend", "--reason", "a test", account="dev")
    assert done.code == 0 and "3 of 3 ready" in done.out, done.out
    assert stage.apps().read_namespaced_deployment("frontend", "innovate").status.ready_replicas == 3
    for bad in ("-1", "many", "1001", "3x", ""):
        wrong = stage.act("scale", "innovate/frontend", "--value", bad, "--yes", account="dev")
        assert wrong.code == 2 and "how many pods" in wrong.err or "expected a number of pods" in wrong.err, (bad, wrong.err)


def test_production_is_not_scaled_to_nothing_unasked(stage):
    refused = stage.act("scale", "innovate/backend", "--value", "0", "--confirm", "backend", "--reason", "x")
    assert refused.code == 2 and "x production keeps pods" in refused.out
    assert stage.apps("prod").read_namespaced_deployment("backend", "innovate").spec.replicas == 6


def test_a_deleted_pod_is_replaced(stage):
    victim = sorted(stage.pods("backend"))[0]
    done = stage.act("delete-pod", "innovate/" + victim, "--yes", account="dev")
    assert done.code == 0 and "gone" in done.out, done.out
    assert victim not in stage.pods("backend")
    sim_kube_peer.eventually(lambda: len(stage.pods("backend")) == 2 and set(stage.pods("backend").values()) == {"Running"})


def test_what_is_not_there_is_told_before_anything_begins(stage):
    for argv in (["restart", "innovate/nothing"], ["scale", "innovate/nothing", "--value", "2"], ["delete-pod", "innovate/nothing"]):
        done = stage.act(*argv, "--yes", account="dev")
        assert done.code == 2 and "dev has no " in done.out and "innovate/nothing" in done.out, (argv, done.out)
    assert not stage.calls("PATCH") and not stage.calls("DELETE")


@pytest.mark.parametrize("argv,method", [(["restart", "innovate/backend"], "PATCH"), (["scale", "kube-system/coredns", "--value", "3"], "PATCH"),
                                         (["delete-pod", "innovate/POD"], "DELETE")])
def test_killed_after_the_call_it_is_not_called_twice(tmp_path, argv, method):
    with Stage(tmp_path, "--fault", f"kubernetes.{method}:latency=2s", speed="30") as stage:
        before = stage.pods("backend")
        argv = [a.replace("POD", sorted(before)[0]) for a in argv]
        stage.kill_after(stage.begin(*argv, "--yes", account="dev"), method + " ")
        done = stage.resume()
        assert done.code == 0 and done.json["outcome"] == "done", done.out
        assert stage.calls(method + " ") == 1
        assert trivet("audit", "verify", env=stage.env).code == 0
        if method == "DELETE":
            assert sorted(before)[0] not in stage.pods("backend")
        elif argv[0] == "scale":
            assert stage.apps().read_namespaced_deployment("coredns", "kube-system").spec.replicas == 3
        else:
            stage.until(lambda: not set(before) & set(stage.pods("backend")))  # the last ones are given time to end


# Addresses at the edge.

BLOCK = ["waf-block", "innovate-edge", "--reason", "it scrapes", "--value"]
UNBLOCK = ["waf-unblock", "innovate-edge", "--reason", "it has stopped", "--value"]


def test_an_address_is_blocked_told_about_and_let_in(stage):
    assert stage.act(*BLOCK, "203.0.113.9 2h", "--dry-run").code == 0
    assert stage.calls("UpdateIPSet") == 0
    done = stage.act(*BLOCK, "203.0.113.9 2h")
    assert done.code == 0 and "+ a rule blocks by this set" in done.out and "203.0.113.9: blocked, until" in done.out, done.out
    addresses, description, _ = stage.set()
    assert sorted(addresses) == ["198.51.100.48/28", "203.0.113.77/32", "203.0.113.9/32"]
    assert re.fullmatch(r"Addresses that are blocked at once, by hand, 203\.0\.113\.9 until \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", description)
    again = stage.act(*BLOCK, "203.0.113.9 5h")  # later: only the reminder moves
    assert again.code == 0, again.out
    assert stage.set()[0] == addresses and stage.set()[1] != description
    shown = trivet("show", "waf", "--json", env=stage.env).json["blocked"]
    assert {(b["address"], b["expired"], b["until"] is None) for b in shown} == {("203.0.113.9", False, False), ("203.0.113.77", False, True),
                                                                              ("198.51.100.48/28", False, True)}
    gone = stage.act(*UNBLOCK, "203.0.113.9")
    assert gone.code == 0 and "no longer blocked" in gone.out, gone.out
    assert stage.set()[:2] == (["203.0.113.77/32", "198.51.100.48/28"], "Addresses that are blocked at once, by hand")
    other = stage.act(*UNBLOCK, "203.0.113.9")
    assert other.code == 2 and "203.0.113.9 is not in IP set innovate-blocked; there is 203.0.113.77, 198.51.100.48/28" in other.out
    within = stage.act(*UNBLOCK, "198.51.100.50")
    assert within.code == 2 and "not in IP set" in within.out
    assert trivet("audit", "verify", env=stage.env).code == 0


@pytest.mark.parametrize("value,words", [
    ("0.0.0.0/0", "wider than /16"), ("203.0.0.0/15", "wider than /16"), ("2001::/32", "wider than /48"), ("127.0.0.1", "is loopback"),
    ("224.0.0.1", "multicast"), ("::1", "is loopback"), ("203.0.113.7; rm", "expected an address"), ("203.0.113.300", "expected an address"),
    ("203.0.113.7 2 h", "for how long"), ("203.0.113.7 30s", "1m to 30d"), ("203.0.113.7 31d", "1m to 30d"), ("203.0.113.7/33", "expected an address"),
    ("203.0.113.7 for ever", "1m to 30d"), ("everybody", "expected an address"), ("203.0.113.7 2h please now", "for how long")])
def test_what_is_no_address_or_too_much_is_refused(waf_stage, value, words):
    done = waf_stage.act(*BLOCK, value)
    assert done.code == 2 and words in done.err and len(done.err.splitlines()) == 1, done.err


@pytest.fixture(scope="module")
def waf_stage(tmp_path_factory):
    with Stage(tmp_path_factory.mktemp("waf")) as s:
        yield s
        assert s.set()[0] == ["203.0.113.77/32", "198.51.100.48/28"]


def test_private_ranges_and_other_families_are_told(waf_stage):
    private = waf_stage.act(*BLOCK, "10.1.2.0/24")
    assert private.code == 2 and "x an address of the Internet" in private.out and "it is private" in private.out
    assert 'give --confirm "block innovate-edge"' in private.err
    six = waf_stage.act(*BLOCK, "2001:db8::1")
    assert six.code == 2 and "no IP set trivet-blocked-ipv6" in six.out and "block_set_ipv6" in six.out


def test_who_may_not_is_told_why(waf_stage, tmp_path):
    dev = waf_stage.act(*BLOCK, "203.0.113.9", account="dev")
    assert dev.code == 2 and "waf-block refused: account dev is of kind development" in dev.err
    read_only = trivet("action", *BLOCK, "203.0.113.9", "--account", "prod", "--read-only", env=waf_stage.env)
    assert read_only.code == 2 and "waf-block refused: trivet was started with --read-only" in read_only.err
    protect = write(tmp_path / "protected.yaml", changed(PROFILE, {"    protect: false": "    protect: true"}))
    protected = waf_stage.act(*BLOCK, "203.0.113.9", TRIVET_PROFILE=str(protect))
    assert protected.code == 2 and "the profile protects account prod" in protected.err
    reader = write(tmp_path / "reader.yaml", PROFILE.replace("operator_role: TrivetOperator", "operator_role: TrivetReader"))
    denied = waf_stage.act(*BLOCK, "203.0.113.9", TRIVET_PROFILE=str(reader), XDG_STATE_HOME=str(tmp_path / "state"))
    assert denied.code == 1 and "the operator role of prod may not change IP set innovate-blocked: it needs wafv2:UpdateIPSet" in denied.out
    wrong = waf_stage.act("waf-block", "some-acl", "--reason", "x", "--value", "203.0.113.9")
    assert wrong.code == 2 and "names innovate-edge as web_acl" in wrong.out


def test_a_set_that_no_rule_blocks_by_is_a_failed_check(tmp_path):
    with Stage(tmp_path, scenario={"            set: innovate-blocked\n": "            set: innovate-others\n"}) as stage:
        done = stage.act(*BLOCK, "203.0.113.9")
        assert done.code == 2 and "x a rule blocks by this set" in done.out and "no rule of innovate-edge blocks by innovate-blocked" in done.out


def test_somebody_elses_change_in_between_is_kept(stage):
    taken = []

    def before(operation):
        if operation == "UpdateIPSet" and not taken:
            taken.append(operation)
            addresses, description, token = stage.set()
            stage.waf().update_ip_set(Name="innovate-blocked", Scope="CLOUDFRONT", Id=SET, Addresses=[*addresses, "198.51.100.9/32"],
                                      Description="Ours, by ticket 7", LockToken=token)

    with Proxy(stage.sim.url, before) as proxy:
        done = stage.act(*BLOCK, "203.0.113.9 2h", AWS_ENDPOINT_URL=proxy.url)
        assert done.code == 0, done.out
        assert proxy.calls.count("UpdateIPSet") == 2
    addresses, description, _ = stage.set()
    assert {"203.0.113.77/32", "198.51.100.48/28", "198.51.100.9/32", "203.0.113.9/32"} == set(addresses)
    assert description.startswith("Ours, by ticket 7, 203.0.113.9 until ")


def test_killed_after_the_update_the_set_is_not_written_twice(tmp_path):
    with Stage(tmp_path, "--fault", "wafv2.UpdateIPSet:latency=2s") as stage:
        stage.kill_after(stage.begin(*BLOCK, "203.0.113.9 2h", "--confirm", "innovate-edge"), "UpdateIPSet")
        done = stage.resume()
        assert done.code == 0 and done.json["outcome"] == "done" and stage.calls("UpdateIPSet") == 1
        assert "203.0.113.9/32" in stage.set()[0]


def test_a_block_that_has_expired_asks_to_be_looked_at(tmp_path):
    expired = {"description: Addresses that are blocked at once, by hand": "description: By hand, 203.0.113.77 until 2026-01-02T03:04:05Z"}
    with Stage(tmp_path, scenario=expired) as stage:
        status = trivet("status", env=stage.env)
        assert status.code == 1 and re.search(r"✗ block of 203\.0\.113\.77 has expired \S+ ago: unblock it", status.out), status.out
        done = stage.act(*UNBLOCK, "203.0.113.77")
        assert done.code == 0 and stage.set()[:2] == (["198.51.100.48/28"], "By hand")
        assert trivet("status", env=stage.env).code == 0


def test_without_room_for_a_reminder_it_is_blocked_all_the_same(tmp_path):
    full = {"description: Addresses that are blocked at once, by hand": "description: " + "x" * 250}
    with Stage(tmp_path, scenario=full) as stage:
        refused = stage.act(*BLOCK, "203.0.113.9 2h")
        assert refused.code == 2 and "x room for a reminder" in refused.out
        done = stage.act(*BLOCK, "203.0.113.9 2h", "--confirm", "block innovate-edge")
        assert done.code == 0 and "no room for a reminder" in done.out, done.out
        assert stage.set()[1] == "x" * 250 and "203.0.113.9/32" in stage.set()[0]


MOTO = """name: moto
region: us-east-1
accounts:
  - {name: prod, id: "123456789012", kind: production, web_acl: edge, block_set: mine, block_set_ipv6: mine-ipv6}
"""


def test_moto_checks_the_lock_token(tmp_path):
    server, url = start_moto(tmp_path)
    try:
        keys = dict(aws_access_key_id="testing", aws_secret_access_key="testing")
        waf = boto3.client("wafv2", endpoint_url=url, region_name="us-east-1", **keys)
        sets = {v: waf.create_ip_set(Name=n, Scope="CLOUDFRONT", Description=f"of {n}", IPAddressVersion=v, Addresses=a)["Summary"]
                for v, n, a in (("IPV4", "mine", ["192.0.2.1/32"]), ("IPV6", "mine-ipv6", []))}
        seen = dict(SampledRequestsEnabled=True, CloudWatchMetricsEnabled=True)
        waf.create_web_acl(Name="edge", Scope="CLOUDFRONT", DefaultAction={"Allow": {}}, VisibilityConfig={**seen, "MetricName": "edge"},
                           Rules=[{"Name": "ByHand", "Priority": 0, "Action": {"Block": {}}, "VisibilityConfig": {**seen, "MetricName": "ByHand"},
                                   "Statement": {"IPSetReferenceStatement": {"ARN": sets["IPV4"]["ARN"]}}}])
        taken = []

        def current(version):
            return waf.get_ip_set(Name=sets[version]["Name"], Scope="CLOUDFRONT", Id=sets[version]["Id"])

        def before(operation):
            if operation == "UpdateIPSet" and not taken:
                taken.append(operation)
                now = current("IPV4")
                waf.update_ip_set(Name="mine", Scope="CLOUDFRONT", Id=sets["IPV4"]["Id"], Addresses=["192.0.2.1/32", "192.0.2.2/32"], Description="of mine",
                                  LockToken=now["LockToken"])

        with Proxy(url, before) as proxy:
            env = clean_env(tmp_path, AWS_ENDPOINT_URL=proxy.url, AWS_ACCESS_KEY_ID="testing", AWS_SECRET_ACCESS_KEY="testing",
                            TRIVET_PROFILE=str(write(tmp_path / "moto.yaml", MOTO)))
            argv = ["action", "waf-block", "edge", "--account", "prod", "--reason", "it scrapes", "--confirm", "block edge", "--value"]
            done = trivet(*argv, "203.0.113.9 2h", env=env)  # moto samples no requests: that check is not known
            assert done.code == 0 and "+ a rule blocks by this set" in done.out and "ByHand" in done.out, done.out + done.err
            assert proxy.calls.count("UpdateIPSet") == 2
            assert set(current("IPV4")["IPSet"]["Addresses"]) == {"192.0.2.1/32", "192.0.2.2/32", "203.0.113.9/32"}
            six = trivet(*argv, "2001:db8::1 2h", env=env)
            assert six.code == 0 and "x a rule blocks by this set" in six.out, six.out
            assert current("IPV6")["IPSet"]["Addresses"] == ["2001:db8::1/128"]
            assert current("IPV6")["IPSet"]["Description"].startswith("of mine-ipv6, 2001:db8::1 until ")
    finally:
        server.stop()


# CloudFront.

INVALIDATE = ["invalidate", EDGE, "--reason", "a new frontend", "--value"]


def invalidation_of(out):
    return re.search(r"\b(I[A-Z0-9]{13})\b", out).group(1)


def test_paths_are_invalidated_and_waited_for(stage):
    done = stage.act(*INVALIDATE, "/index.html /static/*")
    assert done.code == 0 and "the first 1000 are free" in done.out and "Completed" in done.out, done.out
    cloudfront = stage.sim.as_role("prod", "TrivetOperator").client("cloudfront")
    got = cloudfront.get_invalidation(DistributionId=EDGE, Id=invalidation_of(done.out))["Invalidation"]
    assert got["Status"] == "Completed" and got["InvalidationBatch"]["Paths"]["Items"] == ["/index.html", "/static/*"]
    everything = stage.act(*INVALIDATE, "/*")
    assert everything.code == 2 and "x the origin can bear it" in everything.out
    unknown = stage.act("invalidate", "E2", "--reason", "x", "--value", "/a")
    assert unknown.code == 2 and f"prod has no distribution E2; there is {EDGE}" in unknown.out
    for value, words in (("index.html", "begins with /"), ("/a*b", "at the end only"), ("/a /b\"", "%XX"), ("/é", "%XX"), (" ", "expected paths"),
                         (" ".join(f"/{i}" for i in range(31)), "more than 30 paths"), ("/" + "a" * 300, "longer than 255")):
        refused = stage.act(*INVALIDATE, value)
        assert refused.code == 2 and words in refused.err, (value, refused.err)
    assert stage.calls("CreateInvalidation") == 1


def test_an_invalidation_asked_for_again_after_a_crash_is_the_same(tmp_path):
    with Stage(tmp_path, "--fault", "cloudfront.CreateInvalidation:latency=2s") as stage:
        stage.kill_after(stage.begin(*INVALIDATE, "/index.html", "--confirm", EDGE), "CreateInvalidation")
        done = stage.resume()
        assert done.code == 0 and done.json["outcome"] == "done", done.out
        cloudfront = stage.sim.as_role("prod", "TrivetOperator").client("cloudfront")
        batch = {"Paths": {"Quantity": 1, "Items": ["/index.html"]}, "CallerReference": done.json["id"]}
        same = cloudfront.create_invalidation(DistributionId=EDGE, InvalidationBatch=batch)["Invalidation"]["Id"]
        assert same == invalidation_of(done.out)


def test_an_operator_who_may_not_invalidate_is_told(stage, tmp_path):
    reader = write(tmp_path / "reader.yaml", PROFILE.replace("operator_role: TrivetOperator", "operator_role: TrivetReader"))
    denied = stage.act(*INVALIDATE, "/index.html", TRIVET_PROFILE=str(reader))
    assert denied.code == 1 and f"needs cloudfront:CreateInvalidation on {EDGE}" in denied.out, denied.out


# Alarms.

FIRES = {'"AWS/ApplicationELB:TargetResponseTime", threshold: 0.5': '"AWS/ApplicationELB:TargetResponseTime", threshold: 0.001'}


def test_an_alarm_is_acknowledged_on_this_machine(tmp_path):
    with Stage(tmp_path, scenario=FIRES, profile={"    protect: false": "    protect: true"}) as stage:
        before = trivet("status", env=stage.env)
        assert before.code == 1 and "✗ alarm alb-latency" in before.out, before.out
        quiet = stage.act("ack-alarm", "rds-cpu", "--yes")
        assert quiet.code == 2 and "alarm rds-cpu is OK: there is nothing to acknowledge" in quiet.out
        refused = trivet("action", "ack-alarm", "alb-latency", "--account", "prod", "--yes", "--read-only", env=stage.env)
        assert refused.code == 2 and "--read-only" in refused.err
        done = stage.act("ack-alarm", "alb-latency", "--yes", "--reason", "a client retries")
        assert done.code == 0, done.out + done.err
        after = trivet("status", env=stage.env)
        assert after.code == 0 and re.search(r"· alarm alb-latency, acknowledged by \S+", after.out), after.out
        problems = [p for a in trivet("status", "--json", env=stage.env).json["accounts"] for p in a["problems"]]
        assert [p.get("acknowledged") for p in problems] == [True]
        store = tmp_path / ".local/state/trivet/acknowledged.json"
        assert stat.S_IMODE(store.stat().st_mode) == 0o600
        kept = json.loads(store.read_text())
        assert [(a["name"], a["account"], a["why"]) for a in kept["alarms"]] == [("alb-latency", ACCOUNTS["prod"], "a client retries")]
        kept["alarms"][0]["since"] -= 1000  # as if it had changed its state since
        store.write_text(json.dumps(kept))
        assert trivet("status", env=stage.env).code == 1
        store.write_text("{")  # what cannot be read is neither believed nor overwritten
        assert trivet("status", env=stage.env).code == 1
        broken = stage.act("ack-alarm", "alb-latency", "--yes")
        assert broken.code == 1 and "acknowledged.json" in broken.out and store.read_text() == "{"


# From the keyboard.


def clipboard(raw):
    return [base64.b64decode(b).decode() for b in re.findall(rb"\033\]52;c;([A-Za-z0-9+/=]+)\a", raw)]


def links(raw):
    return re.findall(rb"\033\]8;id=[0-9a-f]{8};([^\033]*)\033\\([^\033]*)\033\]8;;\033\\", raw)


def test_alarms_from_the_keyboard(tmp_path):
    with Stage(tmp_path, scenario=FIRES) as stage, Console("--pane", "alarms", env=stage.env, rows=30, columns=110) as c:
        c.wait("alb-latency", "ALARM", "K acknowledge")
        c.keys("c")
        c.wait("copied arn:aws:cloudwatch:us-east-1:333333333333:alarm:alb-latency")
        assert clipboard(c.raw) == ["arn:aws:cloudwatch:us-east-1:333333333333:alarm:alb-latency"]
        c.keys("o")
        url = "https://us-east-1.console.aws.amazon.com/cloudwatch/home?region=us-east-1#alarmsV2:alarm/alb-latency"
        c.wait(url, "c copies it")
        c.wait_for(lambda: links(c.raw))
        assert links(c.raw)[0] == (url.encode(), url.encode())
        c.keys("c")
        c.wait("copied https://")
        assert clipboard(c.raw)[-1] == url
        c.wait_gone("c copies it")
        c.keys("K")
        c.wait("PLAN", "write acknowledged.json", "y goes on")
        c.keys("y")
        c.wait("acknowledged by")
        c.keys("q")
        c.wait("innovate ▸ Alarms", "1-9 panes")
        c.keys("\r")
        c.wait("acknowledged by", "until its state changes", "limit")
        c.keys("qq")
        assert c.end() == 0 and c.restored()


def test_a_long_link_goes_over_two_rows_as_one(stage):
    with Console("--pane", "pods", env=stage.env) as c:
        c.wait("prod live", "backend-")
        c.keys("/backend\r")
        c.wait('have "backend"')
        c.keys("o")
        c.wait("https://us-east-1.console.aws.amazon.com/eks/clusters/innovate-")
        c.wait_for(lambda: len(links(c.raw)) >= 2)
        first, second = links(c.raw)[:2]
        assert first[0] == second[0] == first[1] + second[1] and len(first[1]) == 80
        c.keys("\033")
        c.wait_gone("https://us-east-1")
        c.keys("c")
        c.wait("copied backend-")
        c.keys("\033qq")


def test_a_terminal_that_is_not_known_to_take_it_gets_none(stage):
    with Console("--pane", "alarms", env=stage.env, term="vt100") as c:
        c.wait("alb-latency")
        c.keys("c")
        c.wait("takes nothing into its clipboard")
        c.keys("o")
        c.wait("https://us-east-1")
        c.keys("qq")
        assert c.end() == 0 and b"\033]52" not in c.raw and b"\033]8" not in c.raw


def test_an_address_is_blocked_from_the_keyboard(stage):
    with Console("--pane", "waf", env=stage.env, rows=36, columns=110) as c:
        c.wait("BlockedAddresses", "by hand  203.0.113.77", "a actions")
        c.keys("a")
        c.wait("waf-block", "waf-unblock", "invalidate", EDGE)
        c.keys("b")
        c.wait("an address, and for how long")
        c.keys("nobody\r")
        c.wait("expected an address")
        c.keys("\x15203.0.113.9 2h\r")
        c.wait("a rule blocks by this set", "wafv2 UpdateIPSet", "type  ")
        c.keys("innovate-edge\tit scrapes\r")
        c.wait("blocked, until", limit=60)
        c.keys("q")
        c.wait("innovate ▸ WAF", "203.0.113.9 119m left")
        c.keys("q")
        assert c.end() == 0
    assert "203.0.113.9/32" in stage.set()[0]

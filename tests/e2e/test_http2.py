"""Kubernetes over HTTP/2, as EKS speaks it: many watches share a connection, and none of what becomes of connections and streams loses an event."""
import json
import re

import kubernetes.client
import pytest
import yaml

import peers
from console import Console
from http2 import Front
from proxy import Proxy
from sim import without_schedules
from sim_kube_peer import Sim

ACCOUNT, CLUSTER, NAMESPACES = "333333333333", "innovate-prod", 40


@pytest.fixture(scope="module")
def sim(tmp_path_factory):
    """Production alone has a cluster; its pods are in many namespaces."""
    folder = tmp_path_factory.mktemp("http2")
    scenario = yaml.safe_load(without_schedules())
    scenario["accounts"][2]["kubernetes"]["deployments"] += [
        {"name": "web", "namespace": f"space-{n}", "replicas": 1, "image": "web:1"} for n in range(NAMESPACES)]
    s = Sim(folder, scenario=peers.write(folder / "scenario.yaml", json.dumps(scenario)))
    yield s
    s.stop()


class Estate:
    """A console on the profile whose production is reached through the front."""

    def __init__(self, sim, folder, **more):
        self.sim = sim
        self.front = Front(sim.url, folder, **more)
        self.log = folder / "log"
        self.folder = folder

    def __enter__(self):
        self.front.__enter__()
        profile = yaml.safe_load((peers.ROOT / "profiles/innovate.yaml").read_text())
        profile["accounts"] = [a for a in profile["accounts"] if a["name"] != "dev"]
        profile["accounts"][1]["cluster"] = {"name": CLUSTER, "server": f"{self.front.url}/k8s/{ACCOUNT}/{CLUSTER}", "ca_file": str(self.front.ca)}
        env = peers.clean_env(self.folder, **self.sim.env, TRIVET_PROFILE=str(peers.write(self.folder / "profile.yaml", json.dumps(profile))))
        self.console = Console("--log", str(self.log), "--pane", "pods", env=env, rows=40, columns=140)
        self.console.__enter__()
        return self

    def __exit__(self, *exception):
        self.console.__exit__(*exception)
        self.front.__exit__(*exception)

    def settle(self):
        """Every pod is there, and every namespace watched."""
        self.console.wait("prod live", "backend-")
        self.console.wait_for(lambda: self.watched() >= NAMESPACES)

    def watched(self):
        return len({path for _, path in self.front.watches() if "/pods?" in path})

    def delete(self, namespace):
        """A pod goes, and its ReplicaSet makes another: both events are waited for on the screen."""
        core = kubernetes.client.CoreV1Api(self.sim.api_client(ACCOUNT))
        name = core.list_namespaced_pod(namespace).items[0].metadata.name
        self.console.keys("\033")
        self.console.keys(f"/{namespace}\r")
        self.console.wait(name)
        core.delete_namespaced_pod(name, namespace, grace_period_seconds=0)
        self.console.wait_gone(name)
        new = core.list_namespaced_pod(namespace).items[0].metadata.name
        self.console.wait(new)


def lists(front):
    return [s.path for s in front.requests if "/pods?" in s.path and "watch=1" not in s.path]


def places(front, word="/pods?"):
    """From where each watch was asked to go on, as they came: [(path without it, resourceVersion)]."""
    return [re.search(r"(.*)&timeoutSeconds=\d+&resourceVersion=(\d+)", s.path).groups() for s in front.requests
            if "watch=1" in s.path and word in s.path]


def test_many_watches_share_few_connections(sim, tmp_path):
    with Estate(sim, tmp_path) as estate:
        estate.settle()
        # pods, deployments, autoscalers: over HTTP/1.1 most would be polled
        estate.console.wait_for(lambda: len(estate.front.watches()) > 3 * NAMESPACES)
        assert len(estate.front.connections) <= 5  # a hundred on one; and no more than four are opened at once where there is no room
        estate.delete("space-7")
        asked = lists(estate.front)
        assert len(asked) == len(set(asked)), "nothing is listed twice"


def test_a_server_that_takes_few_streams(sim, tmp_path):
    """What it refuses is sent again on another connection."""
    with Estate(sim, tmp_path, most_streams=30) as estate:
        estate.settle()
        assert {c.most for c in estate.front.connections} <= set(range(31))
        estate.delete("space-8")


@pytest.mark.parametrize("way", ["goaway", "cut", "reset"])
def test_what_ends_a_watch_loses_nothing(sim, tmp_path, way):
    """A GOAWAY, a connection that breaks, streams that are reset: the watches go on where they were, and nobody reads of a failure."""
    with Estate(sim, tmp_path) as estate:
        estate.settle()
        estate.delete("space-9")
        before, asked, old = len(places(estate.front)), len(lists(estate.front)), list(estate.front.connections)
        if way == "goaway":
            estate.front.goaway()
            estate.delete("space-9")  # on the old connection, which is not over
            estate.front.do(lambda: [c.transport.abort() for c in old])
        elif way == "cut":
            estate.front.cut()
        else:
            assert estate.front.reset("/pods?") >= NAMESPACES
        estate.console.wait_for(lambda: estate.watched() >= NAMESPACES)
        assert not set(old) & {c for c, _ in estate.front.watches()} or way == "reset"
        assert len(places(estate.front)) > before
        assert len(lists(estate.front)) == asked, "each goes on from its place, nothing is listed again"
        last = {}
        for path, version in places(estate.front):
            assert int(version) >= last.get(path, 0), path
            last[path] = int(version)
        estate.delete("space-9")
        assert "prod live" in estate.console.text
        assert " feeds prod pods " not in estate.log.read_text()


def test_what_happens_while_nobody_watches_is_told_later(sim, tmp_path):
    with Estate(sim, tmp_path) as estate:
        estate.settle()
        core = kubernetes.client.CoreV1Api(sim.api_client(ACCOUNT))
        name = core.list_namespaced_pod("space-5").items[0].metadata.name
        estate.console.keys("/space-5\r")
        estate.console.wait(name)
        estate.front.away(True)
        estate.front.cut()
        estate.console.wait("prod", "✗")  # now it is worth a word
        core.delete_namespaced_pod(name, "space-5", grace_period_seconds=0)
        asked = len(lists(estate.front))
        estate.front.away(False)
        estate.console.wait_gone(name)
        estate.console.wait("prod live")
        assert len(lists(estate.front)) == asked


def test_a_cluster_made_anew_is_found_where_it_is(sim, tmp_path):
    """Its old address belongs to somebody else by now: EKS is asked again."""
    described = []

    def after(path, body):
        if path != f"/clusters/{CLUSTER}":
            return body
        described.append(path)
        document = json.loads(body)
        if len(described) == 1:
            document["cluster"]["endpoint"] = front.url  # with a certificate of an authority that is not the cluster's
        return json.dumps(document).encode()

    with Front(sim.url, tmp_path) as front, Proxy(sim.url, after=after) as proxy:
        env = peers.clean_env(tmp_path, **{**sim.env, "AWS_ENDPOINT_URL": proxy.url}, TRIVET_PROFILE="innovate")
        log = tmp_path / "log"
        with Console("--log", str(log), "--pane", "pods", env=env, rows=40, columns=140) as console:
            console.wait("innovate ▸ Pods")
            console.wait_for(lambda: f"/{CLUSTER}/api/v1/nodes 200" in log.read_text())
    assert len(described) == 2

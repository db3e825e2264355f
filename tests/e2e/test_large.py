"""Accounts as years leave them: long lists in no order, things that are named and are no more."""
import http.server
import json
import threading

import pytest
import yaml

from peers import ROOT, clean_env, trivet, write
from sim import Sim, without_schedules

OLD = 1100  # images that nobody has cleaned up: more than a page
BUDGETS = 70
NAMESPACES = 510


@pytest.fixture(scope="module")
def env(tmp_path_factory):
    folder = tmp_path_factory.mktemp("large")
    scenario = yaml.safe_load(without_schedules())
    root, dev, prod = scenario["accounts"]
    [backend] = [r for r in root["repositories"] if r["name"] == "backend"]
    old = [{"digest": f"sha256:{i:064x}", "tags": [f"old-{i}"], "pushed": f"{400 + i}d", "mib": 1} for i in range(OLD)]
    backend["images"] = old + backend["images"]
    dev["kubernetes"]["deployments"].append(
        {"name": "left", "namespace": "attic", "replicas": 1, "image": f"{root['id']}.dkr.ecr.us-east-1.amazonaws.com/gone:v1"})
    [monthly] = [b for b in prod["budgets"] if b["name"] == "prod-monthly"]
    prod["budgets"] += [{**monthly, "name": f"team-{i}"} for i in range(BUDGETS)]
    with Sim("--quiet", scenario=write(folder / "scenario.yaml", json.dumps(scenario))) as sim:
        yield clean_env(folder, **sim.env, TRIVET_PROFILE="innovate")


def test_the_newest_images_are_shown_though_they_come_last(env):
    shown = trivet("show", "images", "--json", env=env).json
    rows = [r for r in shown["rows"] if r["repository"] == "backend"]
    assert any("prod-latest" in r["tags"] for r in rows) and any("dev-latest" in r["tags"] for r in rows)
    assert len(rows) == 1000


def test_a_repository_that_is_gone_hides_nothing(env):
    shown = trivet("show", "images", "--json", env=env).json
    assert {r["repository"] for r in shown["rows"]} >= {"frontend", "backend"}


def test_every_budget_has_its_alerts(env):
    shown = trivet("show", "budgets", "--json", env=env).json
    assert len(shown["rows"]) > BUDGETS
    assert all(r["thresholds"] for r in shown["rows"] if r["name"].startswith("team-"))


def test_what_is_left_out_is_told(tmp_path):
    """More namespaces than are watched: the pods that are shown are not passed off as all."""
    scenario = yaml.safe_load(without_schedules())
    scenario["accounts"][2]["kubernetes"]["deployments"] = [{"name": "web", "namespace": f"space-{n}", "replicas": 1, "image": "web:1"}
                                                            for n in range(NAMESPACES)]
    with Sim("--quiet", scenario=write(tmp_path / "scenario.yaml", json.dumps(scenario))) as sim:
        done = trivet("show", "pods", "--json", env=clean_env(tmp_path, **sim.env, TRIVET_PROFILE="innovate"))
    [pods] = [f for a in done.json["accounts"] if a["name"] == "prod" for f in a["feeds"] if f["feed"] == "pods"]
    assert 400 < len([r for r in done.json["rows"] if r["account"] == "prod"]) < NAMESPACES
    assert "more than 500 namespaces" in pods["error"]["message"]


class Endless(http.server.BaseHTTPRequestHandler):
    """A cluster whose lists always go on."""
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        body = json.dumps({"kind": "List", "metadata": {"resourceVersion": "1", "continue": "further"}, "items": []}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def test_a_list_without_end_is_not_taken_for_a_whole(env, tmp_path):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Endless)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    profile = yaml.safe_load((ROOT / "profiles/innovate.yaml").read_text())
    profile["accounts"][2]["cluster"] = {"name": "innovate-prod", "server": f"http://127.0.0.1:{server.server_address[1]}"}
    done = trivet("show", "nodes", "--json", env=dict(env, TRIVET_PROFILE=str(write(tmp_path / "profile.yaml", json.dumps(profile)))))
    server.shutdown()
    thread.join()
    server.server_close()
    [platform] = [f for a in done.json["accounts"] if a["name"] == "prod" for f in a["feeds"] if f["feed"] == "platform"]
    assert "more than 25 pages" in platform["error"]["message"]

"""Many clusters over HTTP/1.1, where each watch holds a connection: what watches leave is enough for all the rest."""
import json

import yaml

import peers
from sim import Sim, without_schedules

CLUSTERS, NAMESPACES = 6, 8


def many_clusters(tmp_path):
    """The three accounts and copies of production with a small cluster each, of many namespaces."""
    scenario = yaml.safe_load(without_schedules())
    profile = yaml.safe_load((peers.ROOT / "profiles/innovate.yaml").read_text())
    like, config = scenario["accounts"][2], profile["accounts"][2]
    for i in range(CLUSTERS):
        account, mine = json.loads(json.dumps(like).replace(like["id"], f"4{i:011d}")), json.loads(json.dumps(config))
        account["name"] = mine["name"] = f"c{i}"
        mine["id"] = account["id"]
        for section in ("network", "web_acls", "distributions", "hosted_zones", "certificates", "ip_sets"):
            account.pop(section, None)
        mine.pop("web_acl", None)
        account["roles"] = [role for role in account["roles"] if role["name"] == config["role"]]
        kubernetes = {key: like["kubernetes"][key] for key in ("zones", "nodes", "timing")}
        kubernetes["deployments"] = [{"name": "web", "namespace": f"space-{n}", "replicas": 1, "image": "web:1"} for n in range(NAMESPACES)]
        account["kubernetes"] = kubernetes
        scenario["accounts"].append(account)
        profile["accounts"].append(mine)
    return peers.write(tmp_path / "many.yaml", json.dumps(scenario)), peers.write(tmp_path / "profile.yaml", json.dumps(profile))


def test_watches_leave_connections_to_the_rest(tmp_path):
    scenario, profile = many_clusters(tmp_path)
    script = peers.write(tmp_path / "script", ":wait-limit 60\n" + "".join(f":{pane}\n:wait fresh\n" for pane in ("pods", "overview", "accounts", "database", "budgets")))
    with Sim("--quiet", scenario=scenario) as sim:
        log = tmp_path / "log"
        env = peers.clean_env(tmp_path, **{**sim.env, "TRIVET_PROFILE": str(profile)})
        done = peers.trivet("--script", script, "--log", log, env=dict(env, COLUMNS="120", LINES="40"))
        assert done.code == 0, done.err
        assert "Timeout" not in log.read_text()
        assert len({line for line in log.read_text().splitlines() if "/space-" in line and "/pods" in line}) >= CLUSTERS * NAMESPACES

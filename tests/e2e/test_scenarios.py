"""The scenarios that doc/STORIES.md tells: each loads, and what is read of it is what its story says."""
import json
import time

from peers import clean_env, trivet, write
from sim import Sim


def estate(sim, tmp_path, profile="demo"):
    return clean_env(tmp_path, **sim.env, TRIVET_PROFILE=profile)


def problems(env, account="prod"):
    accounts = {a["name"]: a for a in json.loads(trivet("status", "--json", env=env).out)["accounts"]}
    return [p["text"] for p in accounts[account]["problems"]]


def rows(pane, env):
    return json.loads(trivet("show", pane, "--json", env=env).out)["rows"]


def until(read, wanted, limit=90):
    """What was read, once it is as wanted."""
    end = time.monotonic() + limit
    while not wanted(got := read()):
        assert time.monotonic() < end, got
    return got


def says(found, *words):
    return all(any(w in text for text in found) for w in words)


def test_a_zone_goes_away_and_what_was_there_comes_up_elsewhere(tmp_path):
    with Sim("--quiet", "--speed", "20", scenario="incident-az-down") as s:
        env = estate(s, tmp_path)
        until(lambda: problems(env), lambda p: says(p, "alarm alb-unhealthy-hosts", "targets unhealthy", "us-east-1b"))
        until(lambda: rows("database", env), lambda r: [d["primary_zone"] for d in r if d["id"] == "innovate-prod"] == ["1a"])
        until(lambda: rows("network", env), lambda r: any(n["kind"] == "targets" and n["account"] == "prod" and "frontend" in n["name"] and "1b" not in n["zones"]
                                                          and n["state"].startswith("4/4") for n in r))
        lost = [p for p in rows("pods", env) if p["account"] == "prod" and p["zone"] == "1b"]
        assert lost and all(p["status"] == "Terminating" for p in lost)
        kinds = trivet("show", "timeline", env=env).out
        assert "Multi-AZ instance failover started" in kinds


def test_what_is_lost_with_a_zone_goes_when_it_is_back(tmp_path):
    text = "like: incident-az-down\nname: back\naccounts:\n  - name: prod\n" \
           "    happens: [{at: 30s, zone_fails: us-east-1b}, {at: 20m, zone_returns: us-east-1b}]\n"
    with Sim("--quiet", "--speed", "100", scenario=write(tmp_path / "back.yaml", text)) as s:
        env = estate(s, tmp_path)
        lost = lambda: [p for p in rows("pods", env) if p["account"] == "prod" and p["status"] == "Terminating"]
        until(lost, lambda pods: pods and all(p["zone"] == "1b" for p in pods))
        until(lost, lambda pods: not pods)


def test_a_release_does_not_start(tmp_path):
    with Sim("--quiet", scenario="incident-bad-release") as s:
        env = estate(s, tmp_path)
        found = until(lambda: problems(env), lambda p: says(p, "alarm alb-5xx", "targets unhealthy"))
        assert says(found, "CrashLoopBackOff")
        runs = {r["run"]: r for r in rows("releases", env)}
        assert runs[407]["state"] == "running" and "6aaa8c37" in runs[407]["image"]
        assert runs[405]["state"] == "succeeded" and "6f76676f" in runs[405]["image"]
        assert problems(env, "dev") == [], "the same image starts in dev"
        differs = [r for r in rows("compare", env) if r["verdict"] == "differs"]
        assert [(r["thing"], r["fact"], r["dev"], r["prod"]) for r in differs] == \
               [("deployment innovate/backend", "variables", "2 alike + DATABASE_URL", "2 alike")], "what dev has and production has not"


def test_an_attack_ends_when_its_addresses_are_blocked(tmp_path):
    with Sim("--quiet", "--speed", "20", scenario="under-attack") as s:
        env = estate(s, tmp_path)
        assert says(problems(env), "alarm waf-blocked-surge")
        for address in ("198.51.100.11", "198.51.100.23", "203.0.113.9", "203.0.113.66", "192.0.2.140"):
            done = trivet("action", "waf-block", "innovate-edge", "--account", "prod", "--value", f"{address} 7d", "--confirm", "innovate-edge",
                          "--reason", "passwords are tried from there", env=env)
            assert done.code == 0, done.out + done.err
        until(lambda: problems(env), lambda p: not says(p, "waf-blocked-surge"))


def test_development_spends_too_much(tmp_path):
    with Sim("--quiet", scenario="over-budget") as s:
        env = estate(s, tmp_path)
        assert says(problems(env, "dev"), "budget dev-monthly", "over", "budget dev-rds")
        assert problems(env, "prod") == [] and problems(env, "root") == []
        paid = trivet("show", "costs", "--paid", "--json", env=env)
        assert paid.code == 0 and "Amazon Relational Database Service" in [n["service"] for n in paid.json["anomalies"]]
        told = trivet("show", "timeline", "--json", "--account", "dev", "--filter", "what:anomaly", env=env).json["rows"]
        assert told and all(r["source"] == "costs" and r["account"] == "dev" for r in told)
        notices = {r["subject"] for r in trivet("show", "timeline", "--json", "--account", "dev", "--filter", "source:budgets what:forecast", env=env).json["rows"]}
        assert notices == {"dev-monthly", "dev-rds"}
        schedules = trivet("dev", "schedule", env=env)
        assert schedules.code == 1 and "no schedules: nothing stops or starts it by itself" in schedules.out
        done = trivet("dev", "schedule", "create", "--yes", env=env)
        assert done.code == 0 and done.out.count(" done ") == 4, done.out + done.err
        assert trivet("dev", "schedule", env=env).code == 0


def test_what_has_drifted_is_a_problem_and_a_red_hop(tmp_path):
    """One source of problems: what the path calls bad, status says in the same words."""
    with Sim("--quiet", scenario="drifted") as s:
        env = estate(s, tmp_path, "innovate")
        path = trivet("show", "overview", "--json", env=env).json["path"]
        whys = {h["name"]: h["why"] for h in path["hops"] if h["state"] == "bad"}
        assert whys.keys() == {"Route 53", "WAF", "RDS"} and path["likely"] is None
        assert set(whys.values()) <= set(problems(env)) and trivet("status", env=env).code == 1


def test_every_check_fails_somewhere(tmp_path):
    with Sim("--quiet", scenario="drifted") as s:
        done = trivet("check", "--json", env=estate(s, tmp_path, "innovate"))
    verdicts = {}
    for r in json.loads(done.out)["results"]:
        verdicts.setdefault(r["check"], set()).add(r["verdict"])
    assert done.code == 1, done.err
    assert not [check for check, said in verdicts.items() if "unknown" in said]
    assert not {check for check, said in verdicts.items() if "fail" not in said}

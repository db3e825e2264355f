"""The programs as the sanitizers build them, from end to end: every pane, its details and documents, faults in every protocol, and the console's end."""
import os
import pathlib

import pytest

import sim as simulator
from peers import BUILD, clean_env, trivet, write
from sim import Sim

SANITIZED = pathlib.Path(os.environ.get("TRIVET_SANITIZED", BUILD))
PANES = ("overview", "accounts", "pods", "database", "budgets", "waf", "releases", "dev")
FAULTS = ("rds:throttle=2", "wafv2.GetSampledRequests:error=WAFInternalErrorException/500", "cloudwatch.DescribeAlarms:html",
          "budgets@222222222222:error=AccessDeniedException", "sts@333333333333:latency=300ms")


@pytest.fixture
def start(tmp_path, monkeypatch):
    monkeypatch.setattr(simulator, "SIM", SANITIZED / "trivet-sim")

    def begin(*faults):
        sim = Sim("--quiet", "--speed", "60", *(word for fault in faults for word in ("--fault", fault)))
        return sim, clean_env(tmp_path, **sim.env, TRIVET_PROFILE="innovate")
    return begin


def run(*argv, env):
    """peers.trivet() fails where a sanitizer has said something."""
    return trivet(*argv, env=env, program=SANITIZED / "trivet")


@pytest.mark.parametrize("faults", [(), FAULTS], ids=["well", "faults"])
def test_headless(start, faults):
    sim, env = start(*faults)
    with sim:
        assert run("status", env=env).code in (0, 1, 2)
        for pane in PANES:
            done = run("show", pane, "--json", env=env)
            assert done.code in (0, 2) and done.json["pane"] == pane
        assert run("release", "list", env=env).code in (0, 1, 2)
        assert run("call", "eks", "ListClusters", "--account", "prod", "--json", env=env).code == 0


@pytest.mark.parametrize("faults", [(), FAULTS], ids=["well", "faults"])
def test_console(start, tmp_path, faults):
    steps = [":wait-limit 60"]
    for pane in PANES:
        steps += [f":{pane}", ":wait fresh", "s", "S", "/a<BS><Esc>", "<End>", "<Enter>", "<PageDown>", "y", "<End>", "<Esc>", "<Esc>", f":{pane}"]
    steps += [":pods", ":wait fresh", "<Enter>", "l", "<Home>", "/e<Enter>", "<Esc>", "<Esc>", "<Esc>", "r", "?", "<Esc>", f":save-screen {tmp_path / 'screen'}"]
    script = write(tmp_path / "script", "\n".join(steps) + "\n")
    sim, env = start(*faults)
    with sim:
        done = run("--script", script, env=dict(env, COLUMNS="120", LINES="40"))
        assert done.code == 0, done.err
        assert "▸ Pods" in (tmp_path / "screen").read_text().splitlines()[0]

"""Every promise of the architecture has a pane that shows it and a check that judges it, and on the healthy estate both do."""
import importlib.machinery
import importlib.util

import pytest

from peers import ROOT, TRIVET, clean_env
from sim import Sim

loader = importlib.machinery.SourceFileLoader("promises", str(ROOT / "tools/promises"))
promises = importlib.util.module_from_spec(importlib.util.spec_from_loader("promises", loader))
loader.exec_module(promises)


@pytest.fixture(scope="module")
def table():
    return promises.load()


def test_none_is_without(table):
    assert len(promises.promises(table)) > 60 and promises.without(table) == []
    assert all(s["section"] and s["promises"] for s in table["sections"])


def test_no_statement_stands_twice(table):
    """One that another promise tells too is that promise's: whoever reads on from the document comes to one place."""
    all_of = [d for _, p in promises.promises(table) for d in p["of"]] + list(table["no_promise"])
    assert sorted(all_of) == sorted(set(all_of)) and all(len(d) == 9 and d[0] == "s" for d in all_of)


def test_panes_show_and_checks_pass(table, tmp_path, monkeypatch):
    with Sim("--quiet") as sim:
        for name, value in clean_env(tmp_path, **sim.env, TRIVET_PROFILE="innovate").items():
            monkeypatch.setenv(name, value)
        assert promises.live(table, str(TRIVET)) == []


def bent(**more):
    return {"sections": [{"section": "1", "promises": [{"promise": "x", "panes": ["pods.zone"], "checks": ["db-tls"], "of": [], **more}]}],
            "beyond": {"panes": {}, "checks": {}}, "no_promise": {}}


def test_what_is_missing_is_found():
    pane = {"rows": [{"account": "prod", "kind": "vpc", "state": ""}, {"account": "dev", "state": "up", "on": False}], "traffic": [{"hits": 7, "p99": None}]}
    assert promises.shown(pane, "network.kind account=prod") is None and promises.shown(pane, "network.traffic.hits") is None
    assert promises.shown(pane, "network.on account=dev on=false") is None
    assert "nothing is known" in promises.shown(pane, "network.state account=prod") and "nothing is known" in promises.shown(pane, "network.traffic.p99")
    assert "no such column" in promises.shown(pane, "network.zone") and "no such row" in promises.shown(pane, "network.kind account=root")
    assert promises.without(bent(checks=[])) == ["1: x: no checks"] and promises.without(bent(panes=[])) == ["1: x: no panes"]


def test_the_document_is_accounted_for():
    text = "# Title\n## 1. Here\n**Bold**\n- Rows of `x`\n```\n│ • In a box   │ • and more │\n```\n"
    found = {promises.digest(s): s for _, s in promises.statements(text)}
    assert list(found.values()) == ["- Rows of `x`", "In a box", "and more"]
    table = bent(of=list(found)[:2])
    assert promises.unaccounted(table, text) == [f"{list(found)[2]}  1. Here: and more"]
    assert "not in the document" in promises.unaccounted(bent(of=[*found, "s0"]), text)[0]

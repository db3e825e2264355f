"""For each check a pass and a fail that were made from outside, by a client of AWS, Kubernetes or GitHub; a pass, where no server has what it takes, by
a scenario. The tables are those that the tests of each area go through: a check that stands in none of them has no proof."""
import json

import pytest

import test_check_by_hand as by_hand
import test_check_edge as edge
import test_check_estate as estate
import test_check_network as network
import test_check_platform as platform
import test_check_security as security
from peers import clean_env, trivet
from sim import Sim

# By boto3 on moto and ministack, and by boto3, PyGithub and a Kubernetes client on the simulator.
CHANGED = [network.BENT, edge.BENT, edge.COUNTED, platform.BENT, security.BENT, estate.BENT, estate.WEST, estate.MINISTACK, estate.KUBERNETES,
           by_hand.BY_HAND, [by_hand.PEERS], [("test_schedules_that_somebody_has_paused", "cost-shutdown")]]
MADE = [network.IDS, set(edge.IDS) - set(edge.MOTO) | {"cdn-hit-ratio"}, platform.ECR, security.CONFORMS, {c for _, c in estate.CONFORMS},
        {c for _, c, _ in estate.MINISTACK}, {c for _, c, _ in estate.KUBERNETES}, {"cost-shutdown"},
        {c for _, c, *_ in by_hand.BY_HAND}, set(by_hand.PEERS)]
# Those that no server here lets a client make, and why. There is none that a client cannot break.
PASSES_BY_SCENARIO_ALONE = {
    "db-multi-az": "moto tells no standby's zone",
    "db-encrypted": "moto does not tell whether backups are encrypted",
}


@pytest.fixture(scope="module")
def healthy(tmp_path_factory):
    """Verdicts of each check on the healthy scenario."""
    with Sim("--quiet") as sim:
        done = trivet("check", "--format", "json", env=clean_env(tmp_path_factory.mktemp("ids"), **sim.env, TRIVET_PROFILE="innovate"))
    found = {}
    for r in json.loads(done.out)["results"]:
        found.setdefault(r["check"], set()).add(r["verdict"])
    return found


@pytest.fixture
def ids(healthy):
    return set(healthy)


def checks_of(tables, ids):
    return {cell for table in tables for row in table for cell in row if isinstance(cell, str) and cell in ids}


def test_each_check_has_failed(ids):
    changed = checks_of(CHANGED, ids)
    assert ids - changed == set(), "a check that no client has made fail"


def test_each_check_has_passed(ids, healthy):
    made = {c for of in MADE for c in of}
    assert {c for c, said in healthy.items() if "pass" not in said or said - {"pass", "n/a"}} == set(), "a check that does not pass"
    assert made <= ids and ids - made == set(PASSES_BY_SCENARIO_ALONE), "a client could make it pass, or can by now"

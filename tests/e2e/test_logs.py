"""Logs Insights, log groups that are followed, and what alarms watch: by the console and without it, on the simulator. What costs money is asked for by a
person's word alone, once."""
import json
import re

import jsonschema
import pytest

from console import Console
from peers import ROOT, clean_env, trivet, write
from sim import HEALTHY, Sim

PROFILE = (ROOT / "profiles/innovate.yaml").read_text()
SCHEMA = json.loads((ROOT / "doc/query.schema.json").read_text())
APP, WEB = "/aws/containerinsights/innovate-prod/application", "/aws/containerinsights/innovate-prod/web"
SHARP = [b"\x1b]0;owned", b"\x1b[2J\x1b[1;1Hall systems", "\u202e".encode(), "\x9b".encode()]  # what strangers wrote into the web servers' log


@pytest.fixture
def estate(tmp_path):
    made = []

    def make(*options, scenario=HEALTHY, profile=PROFILE):
        sim = Sim(*options, scenario=write(tmp_path / "scenario.yaml", scenario))
        made.append(sim)
        return sim, clean_env(tmp_path, **sim.env, TRIVET_PROFILE=str(write(tmp_path / "profile.yaml", profile)), XDG_CACHE_HOME=str(tmp_path / "cache"),
                              XDG_STATE_HOME=str(tmp_path / "state"))

    yield make
    for sim in made:
        sim.stop()


def asked(sim, operation, service="logs"):
    return len(re.findall(rf" {service}\.{operation}\b", sim.log()))


def test_without_the_console(estate):
    sim, env = estate("--speed", "5")
    saved = trivet("logs", "query", "--json", env=env)
    jsonschema.validate(saved.json, SCHEMA)
    assert saved.code == 0 and [q["name"] for q in saved.json["queries"]] == ["errors by pod", "slowest requests", "5xx by path"]
    unsaid = trivet("logs", "query", "errors by pod", env=env)
    assert unsaid.code == 2 and "$0.005 for each GB" in unsaid.err and "give --yes" in unsaid.err and asked(sim, "StartQuery") == 0
    done = trivet("logs", "query", "errors by pod", "--yes", "--json", env=env)
    jsonschema.validate(done.json, SCHEMA)
    assert done.code == 0 and done.json["columns"] == ["@logStream", "errors"] and done.json["groups"] == [APP] and not done.json["cut"]
    errors = [int(r["errors"]) for r in done.json["rows"]]
    told = done.json["statistics"]
    assert errors == sorted(errors, reverse=True) and sum(errors) == told["records_matched"] > 10 and 5000 < told["records_scanned"] < 6000
    assert told["dollars"] == pytest.approx(told["bytes_scanned"] / 1e9 * 0.005) and "less than $0.01" in done.err
    text = trivet("logs", "query", "fields @timestamp, @message | filter @message like /ERROR/ | limit 3", "--account", "prod", "--group", APP, "--since", "15m",
                  "--yes", env=env)
    assert text.code == 0 and len(text.out.splitlines()) == 4 and text.out.splitlines()[0].split() == ["@timestamp", "@message"]
    both = trivet("logs", "query", "errors by pod", "--group", "/aws/containerinsights/", "--since", "5m", "--yes", "--json", env=env)
    assert both.json["groups"] == [APP, WEB] and asked(sim, "StartQuery") == 3


@pytest.mark.parametrize("argv, code, said", [
    (["fields @x | nonsense", "--account", "prod", "--group", APP], 1, "MalformedQueryException: unexpected symbol found nonsense"),
    (["fields @x | limit 3"], 2, "needs --account NAME and --group NAME"),
    (["errors"], 2, 'expected a query, or one of "errors by pod", "slowest requests", "5xx by path"'),
    (["errors by pod", "--account", "dev"], 2, "dev has no log group of that name"),
    (["errors by pod", "--account", "moon"], 2, "expected one of root, dev, prod"),
    (["errors by pod", "--group", "/none"], 2, '--group "/none": prod has no log group of that name'),
    (["errors by pod", "--since", "2s"], 2, "expected a span from 1m to 31d"),
])
def test_what_is_wrong_is_said(estate, argv, code, said):
    _, env = estate("--quiet", "--speed", "5")
    done = trivet("logs", "query", *argv, "--yes", env=env)
    assert done.code == code and said in done.err and not done.out


def test_who_may_not_ask_is_told(estate):
    assert HEALTHY.count("          - logs:StartQuery\n") == 1
    _, env = estate("--quiet", scenario=HEALTHY.replace("          - logs:StartQuery\n", "").replace('          - "*:Get*"\n', '          - "*:Get*"\n', 1))
    done = trivet("logs", "query", "errors by pod", "--yes", env=env)
    assert done.code == 1 and "AccessDeniedException" in done.err and "logs:StartQuery" in done.err


def test_a_query_is_not_paid_for_twice(estate):
    """The answer is lost on its way: whether it runs is not known, and it is not started again."""
    sim, env = estate("--fault", "logs.StartQuery:truncate", "--speed", "5")
    done = trivet("logs", "query", "errors by pod", "--yes", env=env)
    assert done.code != 0 and asked(sim, "StartQuery") == 1


def test_the_console_asks_after_the_price(estate):
    sim, env = estate("--speed", "4")
    with Console("--pane", "logs", env=env, columns=120, rows=40) as c:
        c.wait(APP, WEB)
        c.keys("Q")
        c.wait("AWS takes $0.005 for each GB", "errors by pod", "from 1h back to now")
        assert asked(sim, "StartQuery") == 0
        c.keys("\r")
        c.wait("@logStream", "backend/0", "records match", "less than $0.01")
        assert asked(sim, "StartQuery") == 1
        c.keys("/backend/1\r")
        c.wait_gone("backend/0")
        c.keys("q")
        c.wait("query errors by pod: 3 rows")
        c.keys(":query fields @timestamp, @message | nonsense\r")
        c.wait("> fields @timestamp, @message | nonsense", "AWS takes")
        c.keys("\r")
        c.wait("MalformedQueryException: unexpected symbol found nonsense", "below: errors by pod", "backend/2")
        assert asked(sim, "StopQuery") == 0


def test_a_query_is_stopped(estate):
    sim, env = estate()
    with Console("--pane", "logs", env=env, columns=120, rows=40) as c:
        c.wait(APP)
        c.keys(":since 31d\rQ\r")
        c.wait("Running", "records match", "Esc stops it")
        c.keys("\x1b")
        c.wait("stopped after", "to pay")
        assert asked(sim, "StartQuery") == asked(sim, "StopQuery") == 1
    assert sim.as_role("prod").client("logs").describe_queries(status="Cancelled")["queries"]


def test_what_strangers_wrote_stays_text(estate):
    _, env = estate("--quiet", "--speed", "4")
    with Console("--pane", "logs", env=env, columns=120, rows=40) as c:
        c.wait(WEB)
        c.keys(f"/{WEB}\r:query filter @message like /owned|gpj|systems|31m/ | fields @message, @logStream | limit 200\r")
        c.wait("> filter")
        c.keys("\r")
        c.wait("?]0;owned?", "?gpj.exe", "?[2J?[1;1Hall systems normal", "?31m")
        c.keys("qQ")
        c.wait("Ask Logs Insights")
        c.keys("\x1b")
        c.wait_gone("Ask Logs")
        c.keys(":since 1h\r\r")
        c.wait("following", "GET /")
        c.keys("/404\r")
        c.wait("?]0;owned?")
        assert not [sharp for sharp in SHARP if sharp in c.raw]


def test_a_log_group_is_followed_from_a_time_back(estate):
    """Development's group: six lines a minute, and what is kept of them on the screen reaches an hour back."""
    _, env = estate("--quiet")
    with Console("--pane", "logs", env=env, columns=120, rows=40) as c:
        c.wait("/aws/containerinsights/innovate-dev/application")
        c.keys("/innovate-dev/app\r\r")
        c.wait("following")
        few = int(re.search(r"of (\d+), following", c.wait("following", "INFO"))[1])
        assert few <= 70
        c.keys(":since 1h\r")
        c.wait("from 1h back")
        c.wait_for(lambda: (m := re.search(r"of (\d+), following", c.text)) and int(m[1]) > 300)


def test_nothing_is_paid_for_by_looking(estate):
    sim, env = estate()
    for argv in (["show", "logs"], ["status"], ["check"], ["show", "alarms", "--json"]):
        assert trivet(*argv, env=env).code == 0, argv
    assert asked(sim, "StartQuery") == 0
    metrics = re.findall(r"^.*cloudwatch\.GetMetricData.*$", sim.log(), re.M)
    before = len(metrics)
    trivet("show", "alarms", env=env)
    assert asked(sim, "GetMetricData", "cloudwatch") == before  # the column is for the screen


def test_alarms_show_what_they_watch(estate):
    _, env = estate(scenario=(ROOT / "profiles/scenarios/under-attack.yaml").read_text().replace("like: healthy", f"like: {ROOT}/profiles/scenarios/healthy.yaml"))
    with Console("--pane", "alarms", env=env, columns=120, rows=40) as c:
        for pattern in (r" waf-blocked-surge .*[▁▂▃▄▅▆▇█ ]{11}█ > 1,500", r" root-account-usage .* – no datum", r"PROD .* rds-storage .*█{12} < 40G"):
            c.wait_for(lambda: re.search(pattern, c.text))


def test_an_alarm_without_its_metric_is_told(estate):
    _, env = estate("--quiet", "--fault", "cloudwatch.GetMetricData:error=AccessDeniedException/400")
    with Console("--pane", "alarms", env=env, columns=120, rows=40) as c:
        c.wait("prod alarm-metrics: AccessDeniedException", "alb-latency")
    assert trivet("show", "alarms", env=env).code == 0

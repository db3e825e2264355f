"""The console as a person meets it: in a terminal, against the simulator."""
import os
import re
import signal
import time

import pytest

import sim_kube_peer
from console import Console
from peers import ROOT, clean_env, trivet, write
from sim import Sim, without_schedules


@pytest.fixture(scope="module")
def env(tmp_path_factory):
    with Sim("--quiet") as s:
        yield clean_env(tmp_path_factory.mktemp("console"), **s.env, TRIVET_PROFILE="innovate")


def test_demo_needs_nothing(tmp_path):
    with Console("demo", env=clean_env(tmp_path, AWS_PROFILE="mine", AWS_ENDPOINT_URL_STS="http://198.51.100.1")) as c:
        c.wait("innovate ▸ Overview", "PROD", "available  1a⇄1b", "ready")
        c.keys("q")
        assert c.end() == 0 and c.restored()


def test_panes_filter_details_and_back(env):
    with Console(env=env) as c:
        c.wait("innovate ▸ Overview")
        c.keys("3")
        c.wait("innovate ▸ Pods", "backend-", "dev live", "prod live")
        c.keys("/frontend")
        c.wait('have "frontend"')
        c.wait_gone("backend-")
        c.keys("\r\r")
        c.wait("▸ details", "CONTAINERS", "owner    ReplicaSet/frontend-")
        c.keys("y")
        c.wait("▸ YAML", "apiVersion: v1")
        c.keys("q")
        c.wait("▸ details", "CONTAINERS")
        c.keys("q")
        c.wait("innovate ▸ Pods", 'have "frontend"')
        c.keys("\033")
        c.wait("backend-")
        c.keys(":waf\r")
        c.wait("innovate-edge   allowed", "RateLimit")
        c.keys("?")
        c.wait("Help", "details of the selected row")
        c.keys("q4")
        c.wait("innovate-prod", "EVENTS")
        c.keys("5")
        c.wait("prod-monthly", "$4,000")
        c.keys("2")
        c.wait("ACTIVE")
        c.keys("\x03")
        assert c.end() == 0 and c.restored()


def test_log_is_followed(env):
    with Console("--pane", "pods", env=env, rows=40, columns=120) as c:
        c.wait("prod live")
        c.keys("/backend\r")
        c.wait('have "backend"')
        c.keys("l")
        c.wait("▸ log", "following")
        c.keys("g")
        c.wait_gone("following")
        c.keys("G")
        c.wait("following")
        c.keys("q")
        c.wait("innovate ▸ Pods")


def test_resize_down_to_too_small_and_back(env):
    with Console(env=env, rows=40, columns=120) as c:
        c.wait("innovate ▸ Overview", "ready")
        c.resize(20, 60)
        c.wait("trivet needs 80x24; this window has 60x20")
        c.resize(24, 80)
        c.wait("innovate ▸ Overview", "ready")


def test_a_paste_is_text_and_no_keys(env):
    with Console("--pane", "pods", env=env) as c:
        c.wait("prod live", "backend-")
        c.keys("\033[200~q\n:quit\nq\033[201~")
        c.keys("/\033[200~front\033[201~end\033[200~\r\n\033[201~")
        c.wait('have "frontend"')
        c.keys("\033")
        c.wait("backend-")
        c.keys("\x1a")  # without a shell that could take it back nothing stops; what is typed meanwhile is dropped
        c.wait_for(lambda: b"\033[?1000l" in c.raw and c.raw.rindex(b"\033[?1000h") > c.raw.rindex(b"\033[?1000l"))  # the mouse is asked for again
        c.keys("5")
        c.wait("prod-monthly")
        c.keys("q")
        assert c.end() == 0 and c.restored()
    assert b"\033[?2004h" in c.raw and c.raw.rindex(b"\033[?2004l") > c.raw.rindex(b"\033[?2004h")


def test_a_paste_holds_no_keys_that_are_sequences(env):
    """The keypad's Enter, an arrow, a click: a terminal that does not take them out of what is pasted must not have them pressed."""
    with Console("--pane", "pods", env=env) as c:
        c.wait("prod live", "backend-")
        c.keys(":quit\033[200~\033OM\033OA\033[<0;5;9M\033[201~x")
        c.wait(":quitx")
        c.keys("\x15quit\r")
        assert c.end() == 0


def test_wide_characters_and_a_long_filter(env):
    with Console("--pane", "pods", env=env) as c:
        c.wait("prod live")
        c.keys("/" + "漢" * 70)
        c.wait("none of", "0 of 27 rows")
        c.keys("\x15" + "x" * 400 + "END")
        c.keys("\r\033")
        c.wait("27 rows")
        c.keys("q")
        assert c.end() == 0


def test_mouse_selects_and_opens(env):
    with Console("--pane", "database", env=env) as c:
        c.wait("PROD  innovate-prod", "2 rows")
        row = next(i for i, line in enumerate(c.screen.display) if " PROD  innovate-prod" in line) + 1
        c.keys(f"\033[<0;10;{row}M")
        c.wait_for(lambda: c.screen.buffer[row - 1][40].bg != "default")  # the selection's ground
        c.keys(f"\033[<0;10;{row}m\033[<0;10;{row}M\033[<0;10;{row}m")
        c.wait("▸ innovate-prod ▸ details", "AUTOMATED BACKUPS", "us-west-2")
        c.keys("q")
        c.wait("2 rows")
        c.keys(f"\033[<64;10;{row}M")  # the wheel
        c.wait_for(lambda: c.screen.buffer[row - 2][40].bg != "default")


def test_mfa_is_asked_for_and_sent(env, tmp_path):
    profile = write(tmp_path / "p.yaml", (ROOT / "profiles/innovate.yaml").read_text().replace(
        "kind: development", "kind: development\n    mfa_serial: arn:aws:iam::111111111111:mfa/oncall"))
    with Console("--profile", profile, env=env) as c:
        c.wait("MFA code for dev", "arn:aws:iam::111111111111:mfa/oncall", "code: ______")
        c.keys("12x3")
        c.wait("code: ***___")
        assert "123" not in c.text
        c.keys("\033")
        c.wait("MFADeclined")


def test_mfa_to_the_end(tmp_path):
    """Asked, refused by the service's own words, asked again, accepted; and who declined is asked again by `r`."""
    scenario = write(tmp_path / "mfa.yaml", (ROOT / "profiles/scenarios/healthy.yaml").read_text().replace("    roles:\n", """    roles:
      - name: TrivetMfa
        trust: ["arn:aws:iam::111111111111:user/oncall"]
        mfa_serial: arn:aws:iam::111111111111:mfa/oncall
        mfa_code: "314159"
        max_session: 12h
        allow: ["*"]
""", 1))
    profile = write(tmp_path / "p.yaml", (ROOT / "profiles/innovate.yaml").read_text().replace(
        "role: TrivetReader ", "mfa_serial: arn:aws:iam::111111111111:mfa/oncall\n    role: TrivetMfa ", 1))
    with Sim("--quiet", scenario=scenario) as s, Console("--profile", profile, "--log", tmp_path / "log", env=clean_env(tmp_path, **s.env), rows=40,
                                                                 columns=120) as c:
        c.wait("MFA code for root", "code: ______")
        c.keys("000000\r")
        c.wait("AccessDenied: MultiFactorAuthentication failed", "code: ______")
        c.keys("\033")
        c.wait("MFADeclined")
        c.wait_gone("MFA code for root")
        c.keys("r")
        c.wait("MFA code for root", "code: ______")
        c.keys("314159\r")
        c.wait_gone("MFADeclined")
        c.wait_for(lambda: c.text.count("ready, 59m left") == 4 and "ROOT  ok" in c.text)
        c.keys("q")
        assert c.end() == 0 and c.restored()
    log = (tmp_path / "log").read_text()
    assert "AssumeRole" in log and "314159" not in log and "wJalr" not in log


@pytest.mark.parametrize("signo", [signal.SIGSEGV, signal.SIGABRT, signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGQUIT])
def test_terminal_is_given_back(env, signo):
    if os.environ.get("TRIVET_BUILD", "").endswith("sanitizers") and signo == signal.SIGSEGV:
        pytest.fail("run these against the plain build")
    with Console(env=env) as c:
        c.wait("innovate ▸ Overview")
        os.kill(c.process.pid, signo)
        code = c.end()
        assert c.restored()
        assert code == (-signo if signo in (signal.SIGSEGV, signal.SIGABRT) else 0)


def test_colours_and_no_colour(env):
    with Console(env=env) as c:
        c.wait("PROD")
        assert b"48;5;88" in c.raw
    with Console(env=dict(env, NO_COLOR="1")) as c:
        c.wait("PROD")
        assert b"48;5;" not in c.raw and b"38;5;" not in c.raw
    with Console(env=env, term="vt100") as c:
        c.wait("PROD")
        assert b"48;5;" not in c.raw


def test_ascii_where_the_locale_is_not_utf8(env):
    with Console(env=dict(env, LC_ALL="C")) as c:
        c.wait("innovate > Overview", "available  1a=1b")
        assert all(ord(ch) < 128 for ch in c.text)


def test_idle_console_writes_next_to_nothing(env):
    with Console("--pane", "budgets", env=env) as c:
        c.wait("prod-monthly")

        def is_idle():
            before, began = len(c.raw), time.monotonic()
            for _ in range(30):
                c.read(0.1)
            return len(c.raw) - before < (time.monotonic() - began) * 400  # the clock and the ages, no more

        assert any(is_idle() for _ in range(10))  # once all is read


def test_unknown_terminal(env):
    with Console(env=env, term="no-such-terminal") as c:
        assert c.end() == 2
        assert "TERM" in c.text


def test_without_a_terminal(env):
    done = trivet(env=env)
    assert done.code == 2 and "needs a terminal" in done.err


def test_script_plays_without_a_terminal(env, tmp_path):
    out = tmp_path / "screen.txt"
    script = write(tmp_path / "s", f"# steps\n:pods\n:wait fresh\n:wait text prod live\n/backend<Enter>\n<Down>\n:save-screen {out}\n")
    done = trivet("--script", script, env=dict(env, COLUMNS="120", LINES="40"))
    assert done.code == 0, done.err
    lines = out.read_text().splitlines()
    assert len(lines) == 40 and "innovate ▸ Pods" in lines[0] and sum("backend-" in line for line in lines) == 8
    script.write_text(":wait-limit 1\n:wait text no such text\n")
    done = trivet("--script", script, env=env)
    assert done.code == 2 and f"{script}:2:" in done.err and "time limit" in done.err


def test_a_slow_account_delays_nobody(tmp_path):
    with Sim("--quiet", "--fault", "*@333333333333:latency=60s") as s:
        with Console(env=clean_env(tmp_path, **s.env, TRIVET_PROFILE="innovate"), rows=40, columns=120) as c:
            c.wait("8/8 ready", "none of 3", limit=20)
            assert "PROD  reading…" in c.text and "19/19" not in c.text
            c.keys("4")
            c.wait("innovate-dev", "prod reading…")
            assert "innovate-prod" not in c.text


def test_a_refused_read_is_named_beside_the_others_rows(tmp_path):
    with Sim("--quiet", "--fault", "budgets.DescribeBudgets@222222222222:error=AccessDeniedException") as s:
        with Console("--pane", "budgets", env=clean_env(tmp_path, **s.env, TRIVET_PROFILE="innovate")) as c:
            c.wait("prod-monthly", "✗ dev budgets: AccessDeniedException", "dev failed")


def test_what_was_read_stays_when_the_service_goes(tmp_path):
    s = Sim("--quiet")
    with Console("--pane", "database", env=clean_env(tmp_path, **s.env, TRIVET_PROFILE="innovate", AWS_MAX_ATTEMPTS="1")) as c:
        c.wait("PROD  innovate-prod", "2 rows", "AZ")
        s.process.kill()
        s.process.wait()
        c.keys("r")
        text = c.wait("✗ prod database, database-events, database-backups (last good", "PROD  innovate-prod", "prod stale")
        assert "2 rows" in text


def test_what_is_gone_leaves_the_screen(tmp_path):
    """Filtered, sorted, scrolled by every one of them: afterwards the screen has what the API has, and nothing else."""
    before, mark, prod = without_schedules().rpartition("    kubernetes:\n")
    scenario = write(tmp_path / "load.yaml", before + mark + "      generate: {pods: 300, namespace: load}\n" + prod)
    sim = sim_kube_peer.Sim(tmp_path, scenario=scenario)
    path = "/api/v1/namespaces/load/pods"
    names = lambda: sorted(pod["metadata"]["name"] for pod in sim.raw("333333333333", path)[2]["items"])  # noqa: E731
    try:
        with Console("--pane", "pods", env=clean_env(tmp_path, **sim.env, TRIVET_PROFILE="innovate"), rows=40, columns=120) as c:
            before = names()
            c.keys("/load-0\r:sort name\r")
            c.wait("300 of", *before[:30])
            for name in before[5:25]:
                sim.raw("333333333333", f"{path}/{name}?gracePeriodSeconds=0", method="DELETE")
                c.wait_gone(name)
            after = names()
            c.wait_for(lambda: all(name in c.text for name in after[:33]))
            shown = re.findall(r"load-0\d+-\S+", c.text)
            assert [name for name in shown if name not in after] == []
            assert shown == sorted(shown) and shown[:30] == after[:30]
    finally:
        sim.stop()


def selected(c, box=False):
    """The marked line of the table, or of the box over it."""
    return next((line for y, line in enumerate(c.screen.display) if y > 2 and ("│" in line) == box and c.screen.buffer[y][60].bg != "default"), "")


def go(c, label):
    """→, and in the menu down to the line with this label and Enter."""
    c.keys("\033OC")
    c.wait("belongs with", label)
    for _ in range(30):
        if label in selected(c, box=True):
            break
        before = selected(c, box=True)
        c.keys("\033OB")
        c.wait_for(lambda: selected(c, box=True) not in (before, ""))  # between the two lines' drawing none is marked
    assert label in selected(c, box=True), c.text
    c.keys("\r")


def test_from_a_pod_to_the_database_and_back(env):
    """The network is read only when one asks for it: the menu fills, and the rows are found when they come."""
    hops = [("node fargate-ip-", "Nodes & add-ons", "PROD  node    fargate-ip-"),
            ("subnet innovate-prod-app-1", "Network", "PROD  subnet   innovate-prod-app-1"),
            ("security group innovate-prod-backend", "Network", "→ backend "),
            ("may talk to, tcp 5432: innovate-prod-database", "Network", "backend → database "),
            ("database in it", "Database", "PROD  innovate-prod")]
    with Console("--pane", "pods", env=env, rows=40, columns=200) as c:
        c.wait("dev live", "prod live", "backend-")
        c.keys("/backend\r")
        c.wait('have "backend"')
        c.keys("G")
        c.wait_for(lambda: " PROD " in selected(c) and "backend-" in selected(c))
        lines = [selected(c).split()[:3]]
        for label, title, row in hops:
            go(c, label)
            c.wait(f"innovate ▸ {title}")
            c.wait_for(lambda row=row: row in selected(c))
            lines.append(selected(c).split()[:3])
        for line, title in zip(reversed(lines[:-1]), ["Network", "Network", "Network", "Nodes & add-ons", "Pods"]):
            c.keys("\033OD")
            c.wait(f"innovate ▸ {title}")
            c.wait_for(lambda line=line: selected(c).split()[:3] == line)
        c.wait('have "backend"')
        c.keys("q")
        assert c.end() == 0

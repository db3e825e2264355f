"""The drill's PostgreSQL probe against real servers: what it says of outages and of rows must be what happened."""
import itertools
import json
import os
import queue
import signal
import subprocess
import threading
import time

import pytest

from peers import BUILD, clean_env, free_port
from postgres import USER, Alone, Endpoint, Pair

RUNNER = BUILD / "tests/e2e/probe_runner"
WRONG = "Wr0ngAsWrong"
RIGHT = "R1ghtAsRain"
runs = itertools.count()


class Probe:
    """probe_runner, and the lines it says."""

    def __init__(self, target, folder, kind="postgres", **env):
        self.run_id = f"run-{os.getpid()}-{next(runs)}"
        self.process = subprocess.Popen([RUNNER, kind, target, self.run_id], env=clean_env(folder, **env), text=True, stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.lines, self.said = queue.Queue(), []
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        for line in self.process.stdout:
            self.lines.put(line)
        self.lines.put(None)

    def wait(self, true, what, limit=60):
        """The first line from now on of which this holds."""
        end = time.monotonic() + limit
        while True:
            try:
                text = self.lines.get(timeout=max(0.01, end - time.monotonic()))
            except queue.Empty:
                pytest.fail(f"in vain: {what}; last: {self.said[-1:]}")
            assert text is not None, f"ended, {what} was expected: {self.said[-1:]} {self.process.stderr.read()}"
            self.said.append(text)
            line = json.loads(text)
            if true(line):
                return line

    def wait_rows(self, more):
        """Waits for so many acknowledged rows, counted from the next line."""
        first = self.wait(lambda v: True, "an attempt")["rows"]["acknowledged"]
        return self.wait(lambda v: v["state"] == "up" and v["rows"]["acknowledged"] >= first + more, f"{more} more rows")

    def wait_error(self, words):
        return self.wait(lambda v: v["error"] and words in v["error"], words)

    def tell_stop(self, limit_ms=30000):
        self.process.stdin.write(f"stop {limit_ms}\n")
        self.process.stdin.flush()

    def stop(self, limit_ms=30000):
        self.tell_stop(limit_ms)
        return self.end()

    def end(self):
        view = self.wait(lambda v: v["state"] == "stopped", "the end")
        assert self.process.wait(30) == 0
        self.errors = self.process.stderr.read()
        assert self.errors == ""  # neither libpq's notices nor a sanitizer's findings
        return view

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()


@pytest.fixture(scope="module")
def alone():
    with Alone() as a:
        yield a.server


def conninfo(server, user=USER, more=""):
    return f"host=127.0.0.1 port={server.port} user={user} dbname=postgres {more}"


def numbers(server, run_id):
    return {int(n) for n in server.sql(f"select n from trivet_drill where run_id = '{run_id}'").split()}


def check_rows(rows):
    assert rows["verified"] and rows["found"] == rows["acknowledged"] - rows["lost"] + rows["extra"]
    assert rows["acknowledged"] <= rows["sent"] and sum(b - a + 1 for a, b in rows["lost_ranges"]) == rows["lost"]


def test_a_quiet_run_leaves_nothing_behind(alone, tmp_path):
    with Probe(conninfo(alone), tmp_path) as probe:
        probe.wait_rows(20)
        view = probe.stop()
        assert view["failures"] == 0 and view["outages"] == [] and view["down_ms"] == 0
        check_rows(view["rows"])
        assert view["rows"]["found"] == view["rows"]["acknowledged"] == view["rows"]["sent"] >= 20
        assert view["rows"]["lost"] == view["rows"]["extra"] == 0 and view["rows"]["removed"] and view["rows"]["error"] is None
        assert numbers(alone, probe.run_id) == set()


def test_synchronous_standby_loses_nothing(tmp_path):
    with Pair(synchronous=True) as pair, Probe(pair.conninfo, tmp_path) as probe:
        before = probe.wait_rows(20)
        began = time.monotonic()
        pair.endpoint.point(None)
        pair.primary.crash()
        pair.endpoint.point(pair.standby.port)  # the name has moved, but what is there takes no writes yet
        probe.wait_error("25006")
        pair.standby.promote()
        up = probe.wait(lambda v: v["state"] == "up", "rows again")
        took = (time.monotonic() - began) * 1000
        after = probe.wait_rows(10)
        there = numbers(pair.standby, probe.run_id)
        view = probe.stop()
        [(start, stop)] = view["outages"]
        assert before["rows"]["last_ms"] <= start < stop == up["rows"]["last_ms"]
        assert 0 < view["longest_ms"] == view["down_ms"] == stop - start <= took + 500
        check_rows(view["rows"])
        assert view["rows"]["lost"] == 0 and view["rows"]["lost_ranges"] == [] and view["rows"]["removed"]
        assert len(there) >= after["rows"]["acknowledged"] and view["rows"]["found"] >= len(there)
        assert numbers(pair.standby, probe.run_id) == set()


def test_standby_that_is_behind_loses_rows(tmp_path):
    with Pair(synchronous=False) as pair, Probe(pair.conninfo, tmp_path) as probe:
        probe.wait_rows(10)
        pair.feed.point(None)
        last_sent = probe.wait_rows(15)["rows"]
        behind = numbers(pair.standby, probe.run_id)
        pair.fail_over()
        probe.wait(lambda v: v["state"] == "up" and v["rows"]["last"] > last_sent["last"] + 1 and v["failures"], "rows again")
        probe.wait_rows(5)
        view = probe.stop()
        rows = view["rows"]
        check_rows(rows)
        assert rows["lost"] >= 14 and not rows["removed"] and view["longest_ms"] > 0
        lost = {n for a, b in rows["lost_ranges"] for n in range(a, b + 1)}
        kept = numbers(pair.standby, probe.run_id)  # evidence
        assert len(kept) == rows["found"] and behind <= kept and not lost & kept and last_sent["last"] in lost


def test_a_table_that_never_reached_the_standby(tmp_path):
    with Pair(synchronous=False) as pair:
        pair.feed.point(None)
        with Probe(pair.conninfo, tmp_path) as probe:
            probe.wait_rows(5)
            pair.endpoint.point(None)
            pair.primary.crash()
            pair.standby.promote()
            probe.tell_stop()
            pair.endpoint.point(pair.standby.port)  # while it tries to read back
            view = probe.end()
            assert view["rows"]["verified"] and view["rows"]["found"] == 0 and view["rows"]["lost"] == view["rows"]["acknowledged"] >= 5
            assert not view["rows"]["removed"] and view["outages"][-1][1] == 0


def test_nobody_there(tmp_path):
    with Probe(f"host=127.0.0.1 port={free_port()} user=a dbname=b password={RIGHT}", tmp_path) as probe:
        view = probe.wait(lambda v: v["failures"] == 3, "three failures")
        assert view["state"] == "down" and "refused" in view["error"] and view["outages"][0][1] == 0
        view = probe.stop()
        assert not view["rows"]["verified"] and view["rows"]["error"] == "no row was ever written"
        assert RIGHT not in "".join(probe.said)


def test_nobody_there_to_read_back(alone, tmp_path):
    """Rows were written, and the database does not come back: that is no verdict on rows."""
    way = Endpoint(alone.port)
    with Probe(f"host=127.0.0.1 port={way.port} user={USER} dbname=postgres", tmp_path) as probe:
        probe.wait_rows(3)
        way.close()
        probe.wait(lambda v: v["state"] == "down", "an outage")
        view = probe.stop(1000)
        assert not view["rows"]["verified"] and "refused" in view["rows"]["error"] and view["rows"]["found"] == view["rows"]["lost"] == 0


def test_passwords(alone, tmp_path):
    alone.sql(f"create role guarded login password '{RIGHT}'; grant all on schema public to guarded")
    rules = alone.folder / "pg_hba.conf"
    rules.write_text("host all guarded 127.0.0.1/32 scram-sha-256\n" + rules.read_text())
    alone.sql("select pg_reload_conf()")
    with Probe(conninfo(alone, "guarded", f"password={WRONG}"), tmp_path) as probe:
        view = probe.wait_error("password authentication failed")
        assert view["target"] == f"user=guarded dbname=postgres host=127.0.0.1 port={alone.port}"
        probe.stop()
        assert WRONG not in "".join(probe.said)
    with Probe(f"postgresql://guarded:{WRONG}@127.0.0.1:{alone.port}/postgres?password={WRONG}", tmp_path) as probe:
        probe.wait_error("password authentication failed")
        probe.stop()
        assert WRONG not in "".join(probe.said)
    passwords = tmp_path / "passwords"
    passwords.write_text(f"127.0.0.1:{alone.port}:postgres:guarded:{RIGHT}\n")
    passwords.chmod(0o600)
    services = tmp_path / "services"
    services.write_text(f"[drill]\nhost=127.0.0.1\nport={alone.port}\nuser=guarded\ndbname=postgres\n\n[open]\nhost=localhost\nport={alone.port}\n"
                        f"user=guarded\ndbname=postgres\npassword={RIGHT}\n")
    alone.sql("drop table if exists trivet_drill")
    for service in "drill", "open":  # the one with the password in its file, the other with it in the services'
        with Probe(f"service={service}", tmp_path, PGPASSFILE=str(passwords), PGSERVICEFILE=str(services)) as probe:
            assert probe.wait_rows(3)["target"] == f"service={service}"
            assert probe.stop()["rows"]["removed"]
            assert RIGHT not in "".join(probe.said)
    alone.sql("drop table trivet_drill")


def test_what_cannot_run_says_so(tmp_path):
    for target, words in (("service=none-such", 'definition of service "none-such" not found'), (f"a b password={RIGHT}", "cannot be read"),
                          ("host=a,b dbname=c", "several hosts")):
        with Probe(target, tmp_path) as probe:
            view = probe.stop()
            assert words in view["unusable"] and view["attempts"] == 0 and RIGHT not in "".join(probe.said)


def test_no_right_to_make_a_table(alone, tmp_path):
    alone.sql("drop table if exists trivet_drill; create role poor login")
    with Probe(conninfo(alone, "poor"), tmp_path) as probe:
        probe.wait_error("permission denied for schema public (42501)")
        view = probe.stop()
        assert view["rows"]["sent"] == 0 and not view["rows"]["verified"] and view["rows"]["error"] == "no row was ever written"


def test_a_locked_table_is_an_outage(alone, tmp_path):
    with Probe(conninfo(alone), tmp_path) as probe:
        before = probe.wait_rows(5)
        holder = subprocess.Popen(alone.psql(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd="/")
        holder.stdin.write("begin; lock table trivet_drill; select 'held';\n")
        holder.stdin.flush()
        assert holder.stdout.readline() == "held\n"
        probe.wait_error("statement timeout (57014)")
        holder.stdin.write("rollback;\n")
        holder.stdin.close()
        assert holder.wait(30) == 0
        probe.wait_rows(5)
        view = probe.stop()
        [(start, stop)] = view["outages"]
        assert start >= before["rows"]["last_ms"] and 2000 <= stop - start == view["down_ms"]
        check_rows(view["rows"])
        assert view["rows"]["lost"] == view["rows"]["extra"] == 0


def test_a_server_that_says_nothing_is_an_outage(alone, tmp_path):
    with Probe(conninfo(alone), tmp_path) as probe:
        probe.wait_rows(5)
        pid = int(alone.sql("select pid from pg_stat_activity where application_name = 'trivet drill'"))
        os.kill(pid, signal.SIGSTOP)
        try:
            probe.wait_error("no answer within 2.5 s")
            probe.wait_rows(5)
        finally:
            os.kill(pid, signal.SIGCONT)
        view = probe.stop()
        [(start, stop)] = view["outages"]
        assert 2500 <= stop - start < 10000
        check_rows(view["rows"])
        assert view["rows"]["lost"] == 0 and view["rows"]["sent"] > view["rows"]["acknowledged"]


def test_a_commit_that_only_this_server_has_is_not_acknowledged(tmp_path):
    """Whoever cancels the wait for the standby makes it a success with a warning: it is none."""
    with Pair(synchronous=True) as pair, Probe(pair.conninfo, tmp_path) as probe:
        probe.wait_rows(5)
        pair.feed.point(None)
        waiting = "from pg_stat_activity where application_name = 'trivet drill' and wait_event = 'SyncRep'"
        end = time.monotonic() + 90
        while pair.primary.sql(f"select count(pg_cancel_backend(pid)) {waiting}") == "0":
            assert time.monotonic() < end
        probe.wait_error("confirmed the row with a warning")
        pair.fail_over()
        probe.wait_rows(5)
        rows = probe.stop()["rows"]
        check_rows(rows)
        assert rows["lost"] == 0

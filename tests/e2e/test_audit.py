"""trivet audit: the log as another program writes it by doc/audit.schema.json, told line by line, and verified after each way of tampering."""
import hashlib
import json
import os
import re

import jsonschema
import pytest

from peers import ROOT, clean_env, trivet

HOSTILE = "eve\x1b[2J‮\u009b"


def canonical(record):
    text = json.dumps(record, sort_keys=True, separators=(",", ":"))
    return re.sub(r"\\u[0-9a-f]{4}", lambda m: "\\u" + m.group(0)[2:].upper(), text)


def record(seq, prev, **members):
    bare = dict({"seq": seq, "at": f"2026-11-24T06:00:{seq:02d}.123Z", "prev": prev, "phase": "ended", "action": "dev-stop", "account": "dev",
                 "account_id": "222222222222", "resource": "innovate-dev", "reason": "night", "override": False, "outcome": "done",
                 "who": {"arn": "arn:aws:sts::222222222222:assumed-role/TrivetOperator/jo", "user": "jo", "host": "laptop"},
                 "results": [{"step": "rds-stop", "state": "done", "request_id": "r-1", "error": None, "ms": 812}]}, **members)
    return dict(bare, hash=hashlib.sha256(canonical(bare).encode()).hexdigest())


class Log:
    def __init__(self, home):
        self.folder = home / "state/trivet"
        self.folder.mkdir(parents=True, mode=0o700)
        self.path, self.head = self.folder / "audit.jsonl", self.folder / "audit.head"
        self.env = clean_env(home, XDG_STATE_HOME=str(home / "state"))

    def put(self, lines, head=None):
        for path, text in ((self.path, "".join(line + "\n" for line in lines)), (self.head, head)):
            path.unlink(missing_ok=True)
            if text is not None:
                path.write_text(text)
                path.chmod(0o600)

    def make(self, *members):
        lines, last = [], {"hash": "0" * 64, "seq": 0}
        for seq, more in enumerate(members, 1):
            last = record(seq, last["hash"], **more)
            lines.append(canonical(last))
        self.put(lines, canonical({"hash": last["hash"], "seq": last["seq"]}) + "\n")
        return lines

    def run(self, *words):
        return trivet("audit", *words, env=self.env)


@pytest.fixture
def log(tmp_path):
    os.umask(0o022)
    return Log(tmp_path)


def test_nothing_yet(log):
    done = log.run("verify")
    assert (done.code, done.out) == (0, "whole: 0 records\n")
    done = log.run("list")
    assert (done.code, done.out) == (0, "")
    assert log.run("list", "--json").json == []


def test_lists(log):
    log.make({}, {"reason": HOSTILE, "who": {"arn": None, "user": HOSTILE}, "override": True, "phase": "refused", "outcome": None})
    done = log.run("list")
    assert done.code == 0
    first, second = done.out.splitlines()
    assert first == '2026-11-24T06:00:01.123Z  ended: done  dev-stop  dev/innovate-dev  jo@laptop (TrivetOperator/jo)  "night"'
    assert second == '2026-11-24T06:00:02.123Z  refused  dev-stop  dev/innovate-dev  eve?[2J??  "eve?[2J??"  despite failed checks'
    found = log.run("list", "--json").json
    jsonschema.validate(found, json.loads((ROOT / "doc/audit.schema.json").read_text()))
    assert [r["seq"] for r in found] == [1, 2] and found[1]["reason"] == HOSTILE
    log.put(["garbage"])
    assert log.run("list").out == "line 1 is no record; trivet audit verify tells more\n"
    found = log.run("list", "--json").json
    jsonschema.validate(found, json.loads((ROOT / "doc/audit.schema.json").read_text()))
    assert found == [{"line": 1, "fault": "not a record"}]


def test_whole(log):
    log.make({}, {"reason": "naïve \u2028 \U0001f600 \x7f"}, {"numbers": [1, -5, 0.5, True, None]})
    done = log.run("verify")
    assert (done.code, done.out, done.err) == (0, "whole: 3 records\n", "")
    assert log.run("verify", "--json").json == {"whole": True, "lines": 3, "newest": 3}


@pytest.mark.parametrize("tamper,line,words", [
    (lambda l: [l[0], l[1].replace("night", "right"), *l[2:]], 2, "its hash differs"),
    (lambda l: [l[0], *l[2:]], 2, "records were taken out"),
    (lambda l: [l[0], l[2], l[1], *l[3:]], 2, "it is record 3 where 2 is expected"),
    (lambda l: l[:3], 4, "1 record is missing at the end"),
    (lambda l: [], 1, "4 records are missing at the end"),
    (lambda l: [*l, l[1]], 5, "it was put in or moved"),
    (lambda l: [l[0], "{}", *l[1:]], 2, "no seq, prev and hash"),
    (lambda l: [l[0], l[1].replace(":", ": ", 1), *l[2:]], 2, "bytes were changed"),
    (lambda l: [l[0], l[1].replace('"seq":2', '"seq":2,"seq":2'), *l[2:]], 2, "not a JSON object"),
    (lambda l: [l[0], l[1][:40], *l[1:]], 2, "a crash may have cut it"),
])
def test_broken(log, tamper, line, words):
    lines = log.make({}, {}, {}, {})
    log.put(tamper(lines), log.head.read_text())
    done = log.run("verify")
    assert done.code == 1 and done.out.startswith(f"line {line}: ") and words in done.out and done.err == "", done.out
    found = log.run("verify", "--json")
    assert found.code == 1 and found.json["broken"] == line and not found.json["whole"] and words in found.json["why"]


def test_cannot_be_read(log):
    log.make({})
    for words in ("verify",), ("list",), ("list", "--json"):
        log.path.chmod(0o644)
        done = log.run(*words)
        assert (done.code, done.out) == (2, "") and "its mode is 0644" in done.err and len(done.err.splitlines()) == 1
    log.path.rename(log.folder / "elsewhere")
    log.path.symlink_to(log.folder / "elsewhere")
    done = log.run("verify")
    assert done.code == 2 and "is a symbolic link" in done.err


def test_usage(log):
    done = log.run("lost")
    assert done.code == 2 and 'audit: "lost": expected one of list verify' in done.err
    assert log.run().code == 2
    done = trivet("audit", "verify", env={k: v for k, v in log.env.items() if k not in ("XDG_STATE_HOME", "HOME")})
    assert done.code == 2 and "XDG_STATE_HOME" in done.err

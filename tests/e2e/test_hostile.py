"""Services that answer with garbage, and strangers who write into what services answer: the console tells it, shows the rest, and ends when asked to."""
import functools
import gzip
import json
import re
import resource
import socket
import struct
import threading
import time
import urllib.parse

import pytest

from console import Console
from peers import clean_env, trivet, write

ESC = "\x1b]0;owned\x07\x1b[2J\x1b[31m\u202eevil\u200b\x9b6n"  # a title, a cleared screen, colours, text turned round, C1's CSI
SHOWN_CONTROLS = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069]")


class Request:
    def __init__(self, head, body):
        lines = head.split("\r\n")
        self.method, self.path = lines[0].split(" ")[:2]
        self.headers = {k.lower(): v for k, _, v in (line.partition(": ") for line in lines[1:])}
        form = dict(urllib.parse.parse_qsl(body.decode("latin-1"))) if "form-urlencoded" in self.headers.get("content-type", "") else {}
        self.operation = form.get("Action") or self.headers.get("x-amz-target", "").rpartition(".")[2]


class Hostile:
    """A server of raw sockets: `answer(request)` gives the reply's bytes, or is given the socket too where it takes two arguments."""

    def __init__(self, answer):
        self.answer, self.asked, self.open = answer, [], True
        self.socket = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.url = f"http://127.0.0.1:{self.socket.getsockname()[1]}"
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while self.open:
            try:
                peer, _ = self.socket.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(peer,), daemon=True).start()

    def serve(self, peer):
        data = b""
        try:
            while True:
                while b"\r\n\r\n" not in data:
                    more = peer.recv(65536)
                    if not more:
                        return
                    data += more
                head, _, data = data.partition(b"\r\n\r\n")
                length = int((re.search(rb"(?i)content-length: (\d+)", head) or [0, 0])[1])
                while len(data) < length:
                    data += peer.recv(65536)
                request, data = Request(head.decode("latin-1"), data[:length]), data[length:]
                self.asked.append(request)
                if self.answer.__code__.co_argcount == 2:
                    return self.answer(request, peer)
                reply = self.answer(request)
                peer.sendall(reply)
                if b"ontent-Length" not in reply:
                    return
        except (OSError, ValueError):
            pass
        finally:
            peer.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.open = False
        self.socket.close()


def reply(body=b"", status=200, kind="application/x-amz-json-1.1", **more):
    body = body.encode() if isinstance(body, str) else body
    headers = {"Content-Type": kind, "Content-Length": len(body), **{k.replace("_", "-"): v for k, v in more.items()}}
    return f"HTTP/1.1 {status} Some\r\n".encode() + "".join(f"{k}: {v}\r\n" for k, v in headers.items()).encode() + b"\r\n" + body


def endless(head, piece, pause=0.0):
    def answer(request, peer):
        peer.sendall(head)
        while True:
            peer.sendall(piece)
            time.sleep(pause)
    return answer


def reset(request, peer):
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
PAGE = "<!DOCTYPE html><html><body>Sign in to the guest network</body></html>"
XHTML = "<html><body><p>Sign in to the guest network</p></body></html>"


@functools.cache
def bomb():
    return gzip.compress(b" " * (64 << 20))


GARBAGE = {
    "closed": (lambda request: b"", "ConnectionLost"),
    "reset": (reset, "ConnectionLost"),
    "another protocol": (lambda request: b"SSH-2.0-OpenSSH_9.9\r\n", "ConnectionLost"),
    "no status": (lambda request: b"HTTP/1.1 \r\n\r\n", ""),
    "odd status": (lambda request: reply("{}", 999), "HTTP999"),
    "empty": (lambda request: reply(), "BadReply"),
    "cut": (lambda request, peer: peer.sendall(reply(b"{}", Content_Length=1000)), "ConnectionLost"),
    "cut chunk": (lambda request: CHUNKED + b"ff\r\n{", "ConnectionLost"),
    "bad chunk": (lambda request: CHUNKED + b"zz\r\n{}\r\n", "ConnectionLost"),
    "bad gzip": (lambda request: reply(b"no gzip", Content_Encoding="gzip"), "ConnectionLost"),
    "gzip bomb": (lambda request: reply(bomb(), Content_Encoding="gzip"), "ReplyTooLarge"),
    "endless body": (endless(CHUNKED, b"10000\r\n" + b"[" * 65536 + b"\r\n"), "ReplyTooLarge"),
    "endless headers": (endless(b"HTTP/1.1 200 OK\r\n", b"X-Filler: " + b"x" * 1000 + b"\r\n"), ""),
    "a page": (lambda request: reply(PAGE, kind="text/html"), "BadReply"),
    "a page that is XML": (lambda request: reply(XHTML, kind="text/html"), "BadReply"),
    "a page as an error": (lambda request: reply(PAGE, 502, kind="text/html"), "BadGateway"),
    "another type": (lambda request: reply("[]"), "BadReply"),
    "a text": (lambda request: reply('"x"'), "BadReply"),
    "not UTF-8": (lambda request: reply(b"\xff\xfe\x00{"), "BadReply"),
    "deep JSON": (lambda request: reply(b'{"a":' * 200000), "BadReply"),
    "deep XML": (lambda request: reply(b"<a>" * 200000), "BadReply"),
    "entities": (lambda request: reply('<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>'), "BadReply"),
    "hostile error": (lambda request: reply(json.dumps({"__type": "Evil" + ESC, "message": ESC * 100}), 400), "Evil"),
    "later": (lambda request: reply("", 503, Retry_After="86400"), "ServiceUnavailable"),
}

PROFILE = """name: p
region: us-east-1
accounts:
  - name: main
    id: "111111111111"
    kind: production
    web_acl: edge
    cluster: {{name: c, server: "{url}", token_file: {token}}}
"""


@pytest.fixture
def home(tmp_path):
    def make(url, **more):
        token = write(tmp_path / "token", "t")
        profile = write(tmp_path / "p.yaml", PROFILE.format(url=url, token=token))
        return clean_env(tmp_path, AWS_ENDPOINT_URL=url, AWS_ACCESS_KEY_ID="AKIAEXAMPLE", AWS_SECRET_ACCESS_KEY="secret-of-mine", TRIVET_PROFILE=str(profile),
                         **{"AWS_MAX_ATTEMPTS": "1", **more})
    return make


def remote(done):
    """The feeds that ask somebody: reports of drills lie on this machine."""
    return [f for f in done.json["accounts"][0]["feeds"] if f["feed"] != "drills"]


@pytest.mark.parametrize("name", GARBAGE)
def test_garbage_is_told_and_nothing_else_happens(home, tmp_path, name):
    answer, code = GARBAGE[name]
    with Hostile(answer) as server:
        env = home(server.url)
        for pane in ("database", "budgets", "waf", "pods"):
            done = trivet("show", pane, "--json", "--log", tmp_path / "log", env=env)
            assert done.code == 2 and done.json["rows"] == [], (pane, done.out)
            feeds = remote(done)
            assert feeds and all(feed["state"] == "failed" and feed["error"]["code"] for feed in feeds), feeds
            if pane != "pods":
                assert all(code in feed["error"]["code"] for feed in feeds), feeds
            assert not SHOWN_CONTROLS.search(json.loads(json.dumps(done.out)).replace("\n", ""))
        done = trivet("show", "database", env=env)
        assert "✗ main database" in done.out and not SHOWN_CONTROLS.search(done.out), done.out
    log = (tmp_path / "log").read_text()
    assert "secret-of-mine" not in log and not SHOWN_CONTROLS.search(log)


def test_a_service_that_says_nothing_more_is_told_soon(home):
    with Hostile(lambda request: reply(b"{", Content_Length=1000)) as server:
        began = time.monotonic()
        done = trivet("show", "budgets", "--json", env=home(server.url))
        assert done.code == 2 and done.json["accounts"][0]["feeds"][0]["error"]["code"] == "Timeout"
        assert time.monotonic() - began < 55  # not only when the minute is over that any call has


def test_redirects_are_not_followed(home):
    with Hostile(lambda request: reply("{}")) as other:
        with Hostile(lambda request: reply("", 307, Location=other.url + request.path)) as server:
            done = trivet("show", "database", "--json", env=home(server.url))
            assert done.code == 2 and {f["error"]["code"] for f in remote(done)} == {"HTTP307"}
        assert not other.asked


def test_endless_pages_end(home):
    """A service that gives ever new places and nothing in them."""
    count = iter(range(10**9))
    with Hostile(lambda request: reply(json.dumps({"Budgets": [], "NextToken": str(next(count))}))) as server:
        began = time.monotonic()
        trivet("call", "budgets", "DescribeBudgets", "--input", '{"AccountId": "111111111111"}', env=home(server.url), limit=110)
        assert len(server.asked) <= 1000 or time.monotonic() - began < 100


def test_a_dripping_service_neither_hangs_the_console_nor_its_end(home):
    with Hostile(endless(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n", b" ", 0.2)) as server:
        with Console("--pane", "database", env=home(server.url)) as c:
            c.wait("p ▸ Database", "main reading…")
            c.keys("5")
            c.wait("p ▸ Budgets", limit=30)
            c.keys("?")
            c.wait("Help", limit=30)
            c.keys("\x03")
            assert c.end(limit=30) == 0 and c.restored()


def waf(request):
    """A web ACL whose samples were written by an attacker who knows how we read."""
    strange = ['"\\u0000"', '"\\ud800"', '"\xff\xfe"', json.dumps(ESC), json.dumps("漢字" * 5000), '"' + "\\u0008" * 300 + '"', json.dumps("%s%n" * 50)]
    sample = '{"Request":{"ClientIP":%s,"Country":"XX","URI":%s,"Method":"GET","Headers":[{"Name":"User-Agent","Value":%s}]},"Weight":1,"Timestamp":%s,"Action":"BLOCK"}'
    samples = [sample % (s, s, s, t) for s in strange for t in ("1.7e9", "1e300", "-1e300", '"soon"')]
    samples += [sample % ('"198.51.100.7"', '"/the/good/one"', '"curl"', "1795465058")] * 500
    answers = {
        "ListIPSets": '{"IPSets":[]}',
        "ListWebACLs": '{"WebACLs":[{"Name":"edge","Id":"1"}]}',
        "GetWebACL": json.dumps({"WebACL": {"Name": "edge", "Id": "1", "ARN": "a", "Capacity": 2**62, "Rules": [
            {"Name": "Lowest" + ESC, "Priority": -2**31, "Action": {"Block": {}}, "VisibilityConfig": {"MetricName": "m"}},
            {"Name": "Highest", "Priority": 2**31 - 1, "Action": {"Block": {}}, "VisibilityConfig": {"MetricName": "m"}}]}}),
        "GetSampledRequests": '{"SampledRequests":[%s]}' % ",".join(samples),
    }
    if request.operation == "GetMetricData":
        rows = ['{"Id":"%s","Timestamps":[%s],"Values":[%s]}' % (i, t, v)
                for i in ("b0", "a0", "b99999999999999999999", "x") for t in ("1e300", "-1e300", "1795465058") for v in ("1e308", "-1", '"NaN"')]
        return reply('{"MetricDataResults":[%s]}' % ",".join(rows))
    if request.operation in answers:
        return reply(answers[request.operation].encode("latin-1", "backslashreplace") if request.operation == "GetSampledRequests" else answers[request.operation])
    return reply('{"__type":"AccessDenied"}', 400)


def test_hostile_samples_hide_nothing(home):
    with Hostile(waf) as server:
        env = home(server.url)
        done = trivet("show", "waf", "--json", env=env)
        states = {f["feed"]: f["state"] for f in done.json["accounts"][0]["feeds"]}
        assert all(states[feed] == "fresh" for feed in ("web-acl", "waf-metrics", "waf-samples", "block-sets")), states
        samples = done.json["samples"]
        assert any(s["uri"] == "/the/good/one" and s["client"] == "198.51.100.7" for s in samples) and len(samples) == 200
        assert not SHOWN_CONTROLS.search("".join(str(v) for s in samples for v in s.values()))
        assert any("\ufffd" in s["uri"] for s in samples)
        assert [r["rule"][:7] for r in sorted(done.json["rows"], key=lambda r: r["priority"] if r["priority"] is not None else -1)] == ["Lowest?", "Highest"]
        with Console("--pane", "waf", env=env, rows=60, columns=200) as c:
            c.wait("SAMPLED", "/the/good/one", "Highest")
            c.keys("\r")
            c.wait("SAMPLED REQUESTS OF THIS RULE")
            c.keys("\x03")
            assert c.end() == 0 and c.restored()
            assert b"owned" not in re.sub(rb"\?\]0;owned\?", b"", c.raw) and b"\x1b[2J\x1b[31m" not in c.raw and "\x9b".encode() not in c.raw


LONG, WIDE = "x" * 300, "漢字" * 60
COLUMNS = '"columnDefinitions":[%s]' % ",".join(json.dumps({"name": n, "format": "name" if n == "Name" else ""}) for n in
                                               ("Name", "Ready", "Status", "Restarts", "Age", "IP", "Node"))


def kube(request, peer):
    rows = [["good-1", "1/1", "Running", "3 (5m ago)", "5d", "10.0.0.1", "n"], [LONG, "1/1", "Running", 0, "5d", "10.0.0.1", "n"],
            [WIDE, "1/1", WIDE, 0, "5d", "10.0.0.1", WIDE], ["esc" + ESC, "99999999999999999999/-1", "Running" + ESC, "99999999999999999999 (999999999d ago)", "9999999y", ESC, "n"],
            ["short"], [], [None] * 7, [{"a": 1}] * 7, ["types", True, 1.5, -2**63, None, [], {}], ["good-2", "1/1", "Running", "0", "<unknown>", "<none>", "<none>"]]
    pod = {"kind": "Pod", "metadata": {"name": "good-1", "ownerReferences": [{"kind": ESC, "name": ESC}], "annotations": {
        ESC: "\x00" + ESC, "kubectl.kubernetes.io/last-applied-configuration": '{"value":"hunter2"}'}},
           "spec": {"containers": [{"name": "main", "image": ESC, "env": [{"name": "DB_PASSWORD", "value": "hunter2"}]}]},
           "status": {"containerStatuses": [{"name": "main", "restartCount": 2**60, "state": {"waiting": {"reason": "CrashLoopBackOff"}}}]}}
    path, _, query = request.path.partition("?")
    if path == "/api/v1/namespaces":
        body = json.dumps({"kind": "NamespaceList", "items": [{"metadata": {"name": "app"}}, {"metadata": {"name": ""}}, {}, None, {"metadata": {"name": "../x"}}]})
    elif "watch=1" in query:
        peer.sendall(CHUNKED)
        time.sleep(60)
        return
    elif path == "/api/v1/namespaces/app/pods":
        body = '{"kind":"Table","metadata":{"resourceVersion":"1"},%s,"rows":[%s,{"cells":["raw\xff\x01\x00","1/1","\\u0000"]}]}' % (
            COLUMNS, ",".join(json.dumps({"cells": cells}) for cells in rows))
        body = body.encode("latin-1")
    elif path == "/apis/metrics.k8s.io/v1beta1/pods":
        body = json.dumps({"kind": "PodMetricsList", "items": [{"metadata": {"namespace": "app", "name": "good-1"}, "containers": [
            {"usage": {"cpu": "9" * 300 + "E", "memory": "9" * 300 + "E"}}, {"usage": {"cpu": "-1e300", "memory": None}}]}]})
    elif path == "/api/v1/namespaces/app/pods/good-1":
        body = json.dumps(pod)
    elif path.endswith("/log"):
        peer.sendall(CHUNKED)
        for line in (b"first\n", ESC.encode() + b"\n", b"\x00\xff\xfe\n", b"y" * 100000 + b"\n", b"last\n"):
            peer.sendall(b"%x\r\n%s\r\n" % (len(line), line))
        time.sleep(60)
        return
    elif path.endswith("/events"):
        peer.sendall(reply('{"kind":"Status","reason":"Forbidden","message":"events is forbidden","code":403}', 403))
        return
    elif path.startswith("/api"):
        body = '{"kind":"Table","metadata":{"resourceVersion":"1"},"rows":[]}'
    else:
        body = '{"Account":"111111111111","Arn":"a"}'
    peer.sendall(reply(body))


def test_hostile_cluster(home):
    with Hostile(kube) as server:
        env = home(server.url)
        done = trivet("show", "pods", "--json", env=env)
        names = [row["name"] for row in done.json["rows"]]
        assert {"good-1", "good-2", "types", "short"} <= set(names) and any(name.startswith("raw\ufffd") for name in names), names
        assert not SHOWN_CONTROLS.search(done.out.replace("\n", ""))
        good = next(row for row in done.json["rows"] if row["name"] == "good-1")
        assert good["restarts"] == 3 and (good["cpu"] is None or good["cpu"] >= 0)
        with Console("--pane", "pods", env=env, rows=30, columns=120) as c:
            c.wait("good-1", "good-2", "漢字", "xxxx")
            for line in c.screen.display:  # each row's columns stand where they stand, however wide the names
                if "Running" in line and ("good-" in line):
                    assert line.index("Running") == next(other for other in c.screen.display if "good-2" in other).index("Running")
            c.keys("/good-1\r\r")
            c.wait("CONTAINERS", "CrashLoopBackOff", "✗ Forbidden", "events is forbidden")
            assert "56y" not in c.text
            c.keys("l")
            c.wait("▸ log", "first", "last")
            c.keys("qy")
            c.wait("▸ YAML", "annotations", "DB_PASSWORD", "(not shown)")
            c.keys("\x03")
            assert c.end() == 0 and c.restored()
            assert b"\x1b[2J\x1b[31m" not in c.raw and "\x9b".encode() not in c.raw and b"\x1b]0;owned" not in c.raw
            assert b"hunter2" not in c.raw


def processor_time():
    """Of the programs that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def test_a_hostile_profile_theme_or_script_is_refused_in_one_line(tmp_path):
    env = clean_env(tmp_path)
    for text in (b"\x00" * 100, b"\xff\xfe" * 50, b"a: " + b"[" * 100000, b"a: &a [*a]", b"x: y\n" * 300000, b"a: &a [1,1,1,1,1,1,1,1,1,1]\n" + b"".join(
            b"%c: &%c [%s]\n" % (98 + i, 98 + i, b",".join([b"*%c" % (97 + i)] * 10)) for i in range(8)), (ESC + ": 1").encode()):
        path = tmp_path / "f.yaml"
        path.write_bytes(text)
        began = processor_time()
        for argv in (("status", "--profile", path), ("--profile", "innovate", "--theme", path), ("demo", "--scenario", path)):
            done = trivet(*argv, env=env)
            assert done.code == 2 and len(done.err.splitlines()) == 1 and str(path) in done.err, (argv, done.err)
            assert not SHOWN_CONTROLS.search(done.err.strip()), done.err
        assert processor_time() - began < 5
    script = tmp_path / "s"
    script.write_bytes(b":pods\n\x00:quit\n")
    done = trivet("--profile", "innovate", "--script", script, env=env)
    assert done.code == 2 and "NUL" in done.err


def test_where_the_terminal_gets_raw_json_it_gets_no_orders(home):
    with Hostile(lambda request: reply(json.dumps({"Budgets": [{"BudgetName": ESC}]}, ensure_ascii=False))) as server:
        env = home(server.url)
        for more in ((), ("--json",)):
            done = trivet("call", "budgets", "DescribeBudgets", "--input", '{"AccountId": "111111111111"}', *more, env=env)
            assert done.code == 0 and "owned" in done.out and not SHOWN_CONTROLS.search(done.out)
        assert done.json["Budgets"][0]["BudgetName"] == ESC  # and lost nothing on the way

#!/usr/bin/env python3
"""The numbers of doc/DESIGN.md, measured: ./dev bench [--json] [--repeat N] [--only NAME,…]. Ratios are of two measurements of one run, against a
peer that did the same work: a bare program, a bare transfer, the same console with three accounts. Nothing here passes or fails."""
import argparse
import contextlib
import http.client
import json
import math
import os
import pathlib
import re
import socket
import statistics
import sys
import tempfile
import threading
import time
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "e2e")]

import yaml  # noqa: E402

import peers  # noqa: E402
import proc  # noqa: E402
import sim as scenarios  # noqa: E402
import sim_kube_peer  # noqa: E402
from terminal import Terminal, now  # noqa: E402

LATENCY = 0.050
PODS = 10000
PROD, TABLE = "333333333333", sim_kube_peer.TABLE
PANES = ("pods", "overview", "accounts", "database", "budgets", "waf")


class Bench:
    def __init__(self, repeat):
        self.repeat, self.rows = repeat, []

    def add(self, name, values, unit, target, *, limit=None, ratio=None, judged="median", note=""):
        """`limit` bounds the ratio if there is one, else the median (or the p99, or the most) of the values."""
        values = sorted(values)
        row = {"figure": name, "unit": unit, "target": target, "min": values[0], "median": statistics.median(values),
               "p99": values[max(0, math.ceil(len(values) * 0.99) - 1)], "max": values[-1], "samples": len(values), "ratio": ratio, "note": note}
        seen = ratio if ratio is not None else row[judged]
        row["held"] = None if limit is None else seen <= limit
        self.rows.append(row)
        print(f"  {line_of(row)}", file=sys.stderr, flush=True)


def number(value, unit=""):
    if value is None:
        return ""
    return f"{value:.0f}" if value >= 1000 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def cells_of(row):
    held = {True: "held", False: "MISSED", None: ""}[row["held"]]
    values = [number(row[k]) for k in ("min", "median", "p99", "max")]
    ratio = "" if row["ratio"] is None else f"{row['ratio']:.2f}×"
    return [row["figure"], row["target"], *values, row["unit"], str(row["samples"]), ratio, held, row["note"]]


def line_of(row):
    return "  ".join(cells_of(row))


def table_of(rows):
    lines = [["figure", "target", "min", "median", "p99", "max", "unit", "n", "ratio", "", ""], *map(cells_of, rows)]
    widths = [max(len(line[i]) for line in lines) for i in range(len(lines[0]))]
    return "\n".join("  ".join(c.rjust(w) if 2 <= i <= 5 or 7 <= i <= 8 else c.ljust(w) for i, (c, w) in enumerate(zip(line, widths))).rstrip()
                     for line in lines)


@contextlib.contextmanager
def simulator(folder, *options, scenario=None):
    sim = sim_kube_peer.Sim(folder, *options, scenario=scenario)
    try:
        yield sim
    finally:
        sim.stop()


def environment(folder, sim_env, **more):
    return peers.clean_env(folder, **{"TRIVET_PROFILE": "innovate", **sim_env, **more})


def quit_console(console):
    console.keys("\x03")
    console.end()


# Start.


def first_frame(bench, folder):
    """Nobody answers: connections are taken by the kernel and never read."""
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen(200)
        env = environment(folder, {"AWS_ENDPOINT_URL": f"http://127.0.0.1:{deaf.getsockname()[1]}", "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
                                   "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"})
        times, bare = [], []
        for _ in range(bench.repeat * 4):
            with Terminal(["/bin/true"], env) as t:
                t.take(5)
                bare.append((now() - t.began) * 1000)
                t.end()
            with Terminal([peers.TRIVET], env) as t:
                at = t.wait(lambda: "quit" in t.line(39) and "PROD" in t.text)
                times.append((at - t.began) * 1000)
                quit_console(t)
    bench.add("exec to first useful frame, network silent", times, "ms", "≤ 30 ms", limit=30,
              note=f"/bin/true in the same terminal: {statistics.median(bare):.1f} ms, {statistics.median(times) / statistics.median(bare):.1f}×")


# All panes fresh.

# What must be known before a call can be made; all others need the role alone. The console's log names the calls; the longest chain of those that
# were made is the bound. Of calls by one name (GetMetricData is asked for load balancers, distributions and the web ACL) it is the one that needs
# most. Only the metrics come after the pods by choice: they are three times the table's size, and nobody looks for a figure before its row is there.
NEEDS = {"AssumeRole": None, "DescribeCluster": "AssumeRole", "namespaces": "DescribeCluster", "nodes": "DescribeCluster",
         "metrics": "pods", "pods": "namespaces", "deployments": "namespaces", "horizontalpodautoscalers": "namespaces",
         "serviceaccounts": "DescribeCluster", "GetWebACL": "ListWebACLs", "GetSampledRequests": "GetWebACL", "GetMetricData": "GetWebACL",
         "GetIPSet": "ListIPSets", "DescribeNotificationsForBudget": "DescribeBudgets",
         "DescribeSubscribersForNotification": "DescribeNotificationsForBudget",
         "DescribeImages": "deployments", "DescribeImageScanFindings": "DescribeImages", "ListTargetsForPolicy": "ListPolicies",
         "ListAccountsForParent": "ListTargetsForPolicy", "ListOrganizationalUnitsForParent": "ListTargetsForPolicy",
         "GetTrailStatus": "DescribeTrails", "DescribeTargetHealth": "DescribeTargetGroups", "ListResourceRecordSets": "ListDistributions",
         "GetCachePolicy": "ListDistributions", "GetVpcOrigin": "ListDistributions", "ListInvalidations": "ListDistributions",
         "GetInvalidation": "ListInvalidations", "DescribeCertificate": "ListDistributions", "DescribeNodegroup": "ListNodegroups",
         "GetPipelineState": "ListPipelines", "GetSchedule": "ListSchedules", "GetRole": "ListRoles",
         "GetOpenIDConnectProvider": "ListOpenIDConnectProviders", "DescribeKey": "ListKeys", "GetKeyRotationStatus": "DescribeKey"}


def call_of(line):
    found = re.search(r" http (\S+) (?:(\S+) )?(?:GET|POST) https?://[^/]+(\S*) ", line)
    if not found:
        return None
    if found[1] != "kube":
        return found[2]
    return "metrics" if "metrics.k8s.io" in found[3] else found[3].rstrip("/").rsplit("/", 1)[-1]


def longest_chain(log):
    def depth(call):
        before = NEEDS.get(call, "AssumeRole")
        return 1 + (depth(before) if before else 0)
    chains = {}
    for line in log.read_text().splitlines():
        call = call_of(line)
        if call:
            chains[call] = depth(call)
    last = max(chains, key=chains.get)
    names = [last]
    while NEEDS.get(names[0], "AssumeRole"):
        names.insert(0, NEEDS.get(names[0], "AssumeRole"))
    return len(names), " → ".join(names)


def time_fresh(folder, env, sample=None, panes=PANES):
    """From exec until each of the panes has been seen fresh and the console has ended."""
    script = peers.write(folder / "fresh.script", ":wait-limit 120\n" + "".join(f":{pane}\n:wait fresh\n" for pane in panes))
    with Terminal([peers.TRIVET, "--pane", panes[0], "--script", script, "--log", folder / "log"], env) as t:
        if sample:
            watcher = threading.Thread(target=sample, args=(t.process.pid,))
            watcher.start()
        status, at = t.end(150)
        t.replay()
        if sample:
            watcher.join()
        if status != 0:
            raise RuntimeError(f"the console ended with {status}:\n{t.text}")
        return at - t.began


def fresh(bench, folder):
    """With a round trip of a second it tells how many of them are waited for, however busy the machine is."""
    for latency, repeat in ((LATENCY, bench.repeat), (1.0, 1)):
        ms = round(latency * 1000)
        with simulator(folder, "--fault", f"latency={ms}ms") as sim:
            env, times, calls, names = environment(folder, sim.env), [], 1, ""
            for _ in range(repeat):
                (folder / "log").unlink(missing_ok=True)
                times.append(time_fresh(folder, env) * 1000)
                calls, names = longest_chain(folder / "log")
        bench.add(f"all panes fresh, cold start, {ms} ms round trip", times, "ms", "≤ 1.25 × chain", limit=1.25,
                  ratio=statistics.median(times) / (calls * ms), note=f"chain: {names}, {calls} × {ms} ms")


# Ten thousand pods.


def load_scenario(folder):
    text = scenarios.without_schedules()
    before, mark, prod = text.rpartition("    kubernetes:\n")
    generate = f"      generate: {{pods: {PODS}, namespace: load}}\n"
    return peers.write(folder / "load.yaml", before + mark + generate + prod)


def bare_transfer(sim):
    """All pages of the table that the console asks for, over one connection; nothing is done with them. Seconds, bytes, rows."""
    headers = {"Authorization": "Bearer " + sim.token(PROD), "Accept": TABLE}
    connection = http.client.HTTPConnection(sim.url.removeprefix("http://"))
    base = f"/k8s/{PROD}/{sim_kube_peer.CLUSTERS[PROD]}/api/v1/namespaces/load/pods?includeObject=None&limit=500"
    size, more, began = 0, "", now()
    while more is not None:
        connection.request("GET", base + more, headers=headers)
        body = connection.getresponse().read()
        size += len(body)
        found = re.search(rb'"continue":"([^"]+)"', body[:4000])
        more = "&continue=" + urllib.request.quote(found[1].decode(), safe="") if found else None
    connection.close()
    return now() - began, size


def rows_shown(t):
    found = re.search(r"([\d,]+)(?: of [\d,]+)? rows", t.text)
    return int(found[1].replace(",", "")) if found else 0


def start_to_table(bench, sim, env):
    times, bare, peaks, settled, own, size = [], [], [], [], [], 0
    for _ in range(bench.repeat):
        seconds, size = bare_transfer(sim)
        bare.append(seconds * 1000)
        with Terminal([peers.TRIVET, "--pane", "pods"], env) as t:
            at = t.wait(lambda: rows_shown(t) >= PODS + 20, quiet=0.15)
            times.append((at - t.began) * 1000)
            t.rest(2.5)
            t.replay()
            resident, peak = proc.memory_kib(t.process.pid)
            settled.append(resident / 1024)
            own.append(proc.own_memory_kib(t.process.pid) / 1024)
            peaks.append(peak / 1024)
            quit_console(t)
    bench.add("10,000 pods: the bare transfer (peer)", bare, "ms", "", note=f"{size / 1e6:.1f} MB, one connection, pages of 500")
    bench.add("10,000 pods: exec to full table", times, "ms", "≤ 3 × bare transfer", limit=3, ratio=statistics.median(times) / statistics.median(bare))
    bench.add("10,000 pods: resident memory", settled, "MiB", "≤ 32 MiB", limit=32,
              note=f"highest {max(peaks):.1f}, of it not shared with files {max(own):.1f}")


def sort_and_filter(t):
    t.keys("/load-0\r")
    t.wait(lambda: rows_shown(t) == PODS)
    t.keys(":sort name\r")
    t.settle(0.3)


def table_lines(t):
    top = next((i for i, line in enumerate(t.screen.display) if " NAME" in line), 3)
    return top + 1, 40 - 3


def selected_row(t):
    """The row whose background is like no other's, left of the account's name, which has colours of its own."""
    top, bottom = table_lines(t)
    styles = [(t.screen.buffer[r][0].bg, t.screen.buffer[r][0].reverse) for r in range(top, bottom)]
    odd = [i for i, s in enumerate(styles) if styles.count(s) == 1]
    return odd[0] if odd else -1


def time_key(t, key, look):
    """How long until what look() sees has changed, and what of a processor that took; None if it did not."""
    before, cpu, began = look(), proc.cpu_seconds(t.process.pid), now()
    t.keys(key)
    t.collect(0.04, 2)
    cpu = proc.cpu_seconds(t.process.pid) - cpu
    at = t.replay(lambda: look() != before)
    t.settle(0.02)
    return None if at is None else ((at - began) * 1000, cpu * 1000)


def keys(bench, t):
    body = lambda: [t.line(r) for r in range(*table_lines(t))]  # noqa: E731
    kinds = {"move": [], "reverse the order": [], "filter": []}
    for i in range(bench.repeat * 14):
        kinds["move"].append(time_key(t, "j" if i % 20 < 10 else "k", lambda: selected_row(t)))
    for _ in range(bench.repeat * 14):
        kinds["reverse the order"].append(time_key(t, "S", body))
    for i in range(bench.repeat):
        t.keys("/")
        t.settle(0.05)
        t.keys("\x15")
        t.settle(0.05)
        for n in range(6):
            kinds["filter"].append(time_key(t, "load-0"[n], lambda: t.line(39) + t.line(38)))
        t.keys("\r")
        t.settle(0.05)
    lost = sum(v is None for values in kinds.values() for v in values)
    for which, what, note_more in ((0, "key to redraw", f"; {lost} without a redraw" if lost else ""), (1, "the same, console's processor time alone", "")):
        seen = {k: [v[which] for v in values if v is not None] for k, values in kinds.items()}
        bench.add("10,000 pods, filtered and sorted: " + what, sum(seen.values(), []), "ms", "≤ 16 ms p99", limit=16, judged="p99",
                  note=", ".join(f"{k}: median {statistics.median(values):.1f}" for k, values in seen.items() if values) + note_more)


def delete_pod(connection, sim, name):
    began = now()
    connection.request("DELETE", f"/k8s/{PROD}/{sim_kube_peer.CLUSTERS[PROD]}/api/v1/namespaces/load/pods/{name}?gracePeriodSeconds=0",
                       headers={"Authorization": "Bearer " + sim.token(PROD)})
    reply = connection.getresponse()
    reply.read()
    if reply.status not in (200, 202):
        raise RuntimeError(f"deleting {name}: {reply.status}")
    return began


def full_names(sim):
    """A narrow column may cut names; the API tells them whole, in the table's order."""
    names, more = [], ""
    while more is not None:
        _, _, page = sim.raw(PROD, f"/api/v1/namespaces/load/pods?limit=500&includeObject=None{more}", accept=TABLE)
        names += [row["cells"][0] for row in page["rows"]]
        more = page["metadata"].get("continue")
        more = "&continue=" + urllib.request.quote(more, safe="") if more else None
    return sorted(names)


class Listener:
    """A bare watch beside the console's: when an event was to be had."""

    def __init__(self, sim):
        _, _, page = sim.raw(PROD, "/api/v1/namespaces/load/pods?limit=1&includeObject=None", accept=TABLE)
        self.heard, self.came = {}, threading.Condition()
        path = f"/api/v1/namespaces/load/pods?watch=1&includeObject=None&resourceVersion={page['metadata']['resourceVersion']}"
        threading.Thread(target=self.listen, args=(sim, path), daemon=True).start()

    def listen(self, sim, path):
        with contextlib.suppress(OSError, http.client.HTTPException), sim.stream(PROD, path, accept=TABLE, timeout=600) as lines:
            for line in lines:
                at = now()
                found = re.search(rb'"type":"DELETED".*?"cells":\["([^"]+)"', line)
                if found:
                    with self.came:
                        self.heard[found[1].decode()] = at
                        self.came.notify_all()

    def when(self, name):
        with self.came:
            self.came.wait_for(lambda: name in self.heard, 3)
            return self.heard.get(name)


def events(bench, sim, t):
    times, whole, missed = [], [], 0
    sim.token_life = 600
    listener = Listener(sim)
    connection = http.client.HTTPConnection(sim.url.removeprefix("http://"))
    names = full_names(sim)
    for _ in range(bench.repeat * 20):
        shown = [name for name in names[:30] if any(name in line for line in t.screen.display)]
        name = shown[len(shown) // 2]
        names.remove(name)
        t.settle(0.03)
        began = delete_pod(connection, sim, name)
        t.collect(0.1, 3)
        at = t.replay(lambda: not any(name in line for line in t.screen.display))
        if at is None:
            missed += 1
        else:
            whole.append((at - began) * 1000)
            times.append(max(0.0, at - (listener.when(name) or began)) * 1000)
        t.settle(0.03)
    connection.close()
    bench.add("10,000 pods: watch event to screen", times, "ms", "≤ 30 ms p99", limit=30, judged="p99",
              note=f"after a bare watch heard it, filter and sort on; from sending the DELETE: median {statistics.median(whole):.1f}, most {max(whole):.1f}"
              + (f"; {missed} not seen within 3 s" if missed else ""))


def idle(bench, t, seconds):
    shares, sizes, others = [], [], 0
    t.settle(0.5)
    for _ in range(bench.repeat):
        cpu, total, began = proc.cpu_seconds(t.process.pid), t.total, now()
        while now() - began < seconds:
            t.rest(0.5)
            before = list(t.screen.display)
            t.replay()
            others += sum(a != b for a, b in zip(before[1:-2], t.screen.display[1:-2]))
        shares.append((proc.cpu_seconds(t.process.pid) - cpu) / (now() - began) * 100)
        sizes.append((t.total - total) / (now() - began))
    bench.add("10,000 pods, idle: processor", shares, "%", "≤ 0.5 %", limit=0.5, judged="max", note=f"of one core, over {seconds} s each")
    bench.add("10,000 pods, idle: written to the terminal", sizes, "B/s", "the clock alone",
              note=f"{others} lines changed that are neither title nor footer, in {seconds * bench.repeat} s")


def ten_thousand(bench, folder, wanted):
    with simulator(folder, scenario=load_scenario(folder)) as sim:
        env = environment(folder, sim.env)
        if "table" in wanted:
            start_to_table(bench, sim, env)
        if not wanted & {"keys", "idle", "events"}:
            return
        with Terminal([peers.TRIVET, "--pane", "pods"], env) as t:
            t.wait(lambda: rows_shown(t) >= PODS + 20)
            sort_and_filter(t)
            if "keys" in wanted:
                keys(bench, t)
            if "idle" in wanted:
                t.rest(3)
                idle(bench, t, 10)
            if "events" in wanted:
                events(bench, sim, t)
            quit_console(t)


def demo_memory(bench, folder):
    settled, own = [], []
    with simulator(folder) as sim:
        for _ in range(bench.repeat):
            with Terminal([peers.TRIVET], environment(folder, sim.env)) as t:
                t.rest(4)
                t.replay()
                for pane in "234561":
                    t.keys(pane)
                    t.rest(0.5)
                settled.append(proc.memory_kib(t.process.pid)[0] / 1024)
                own.append(proc.own_memory_kib(t.process.pid) / 1024)
                quit_console(t)
    bench.add("demo estate: resident memory", settled, "MiB", "≤ 16 MiB", limit=16, note=f"of it not shared with files {max(own):.1f}")


# A hundred accounts.


def many_accounts(folder, count):
    """The three, and copies of dev and prod without clusters, networks and what faces the Internet: a scenario has its limit."""
    scenario = yaml.safe_load(scenarios.without_schedules())
    profile = yaml.safe_load((peers.ROOT / "profiles/innovate.yaml").read_text())
    for i in range(count - 3):
        like = 1 + i % 2
        number_of = f"4{i:011d}"
        account, config = json.loads(json.dumps(scenario["accounts"][like])), json.loads(json.dumps(profile["accounts"][like]))
        account = json.loads(json.dumps(account).replace(account["id"], number_of))
        account["name"] = config["name"] = f"a{i:02d}"
        config["id"] = number_of
        for section in ("cluster", "kubernetes", "network", "web_acls", "distributions", "hosted_zones", "certificates", "ip_sets"):
            account.pop(section, None)
        account["roles"] = [role for role in account["roles"] if role["name"] == config["role"]]
        for section in ("cluster", "web_acl"):
            config.pop(section, None)
        scenario["accounts"].append(account)
        profile["accounts"].append(config)
    return (peers.write(folder / f"many{count}.yaml", json.dumps(scenario, separators=(",", ":"))), peers.write(folder / f"profile{count}.yaml", json.dumps(profile)))


def hundred(bench, folder):
    times, most, first = {3: [], 100: []}, {3: 0, 100: 0}, []
    scenario, profile = many_accounts(folder, 100)
    profiles = {3: peers.ROOT / "profiles/innovate.yaml", 100: profile}
    calls = {}
    with simulator(folder, "--fault", "latency=50ms", scenario=scenario) as sim:
        for _ in range(bench.repeat):
            for count in (3, 100):
                seen = []

                def sample(pid):
                    while pathlib.Path(f"/proc/{pid}/fd").exists():
                        seen.append(proc.connections(pid))
                        if not seen[-1] and len(seen) > 5:
                            break
                        time.sleep(0.02)

                (folder / "log").unlink(missing_ok=True)
                times[count].append(time_fresh(folder, environment(folder, sim.env, TRIVET_PROFILE=str(profiles[count])), sample) * 1000)
                most[count] = max(most[count], *seen)
                calls[count] = sum(" http " in line for line in (folder / "log").read_text().splitlines())
            first.append(time_fresh(folder, environment(folder, sim.env, TRIVET_PROFILE=str(profile)), panes=PANES[:1]) * 1000)
    bench.add("3 accounts: all panes fresh (peer)", times[3], "ms", "", note=f"{calls[3]} calls, at most {most[3]} connections")
    bench.add("100 accounts: all panes fresh", times[100], "ms", "≤ 3 × three accounts", limit=3,
              ratio=statistics.median(times[100]) / statistics.median(times[3]), note=f"{calls[100]} calls, 50 ms each; 97 of them copies without cluster, network and web ACL")
    bench.add("100 accounts: the pane that is looked at, fresh", first, "ms", "", ratio=statistics.median(first) / statistics.median(times[3]),
              note="the pods, started with; of what three accounts need for all panes")
    bench.add("100 accounts: open connections", [most[100]], "", "≤ 64", limit=64, judged="max")


def machine():
    """What else goes on: times of a machine that is busy with other work tell of that work."""
    return f"load {' '.join(f'{load:.1f}' for load in os.getloadavg())} on {os.cpu_count()} processors"


NAMES = ("start", "fresh", "table", "keys", "idle", "events", "demo", "accounts")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print JSON instead of the table")
    parser.add_argument("--repeat", type=int, default=5, help="measure each so many times (default 5)")
    parser.add_argument("--only", default=",".join(NAMES), help="some of " + ",".join(NAMES))
    options = parser.parse_args()
    wanted, bench = set(options.only.split(",")), Bench(options.repeat)
    before = machine()
    if wanted - set(NAMES):
        parser.error(f"--only: expected some of {', '.join(NAMES)}")
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        for label, measure in (("start", first_frame), ("fresh", fresh), ("demo", demo_memory)):
            if label in wanted:
                measure(bench, folder)
        if wanted & {"table", "keys", "idle", "events"}:
            ten_thousand(bench, folder, wanted)
        if "accounts" in wanted:
            hundred(bench, folder)
    print(json.dumps({"machine": [before, machine()], "figures": bench.rows}, indent=2, ensure_ascii=False) if options.json else
          f"{table_of(bench.rows)}\n\nbefore: {before}\nafter:  {machine()}")


if __name__ == "__main__":
    main()

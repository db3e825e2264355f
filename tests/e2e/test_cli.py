"""The command line: usage, broken files, names that are not there. A user's mistake gets one line, and exit status 2."""
import json
import os
import pty
import re
import subprocess

import jsonschema
import pytest

from peers import ROOT, SIM, TRIVET, clean_env, trivet, write
from sim import Sim


@pytest.fixture(scope="module")
def sim(tmp_path_factory):
    with Sim("--quiet") as s:
        yield s, clean_env(tmp_path_factory.mktemp("cli"), **s.env, TRIVET_PROFILE="innovate")


def refused(done, *words):
    assert done.code == 2, (done.code, done.out, done.err)
    assert len(done.err.splitlines()) == 1 and done.out == "", done.err
    for word in words:
        assert word in done.err


@pytest.fixture
def env(tmp_path):
    return clean_env(tmp_path)


def test_usage(env):
    refused(trivet("shw", env=env), "shw: unknown command", "status")
    refused(trivet("show", env=env), "expected trivet show PANE", "one of overview, accounts, pods, database, budgets, waf, releases")
    refused(trivet("--colour", env=env), "--colour: unknown option", "--profile")
    refused(trivet("show", "podz", env=env), '"podz"', "overview, accounts, pods, database, budgets, waf, releases")
    refused(trivet(env=env), "no profile", "trivet demo")
    assert "usage: trivet" in trivet("--help", env=env).out
    assert trivet("--version", env=env).out.startswith("trivet ")


def test_names_that_are_not_there(sim):
    _, env = sim
    refused(trivet("call", "sts", "GetCallerIdentity", "--account", "stage", env=env), '"stage"', "root, dev, prod")
    refused(trivet("call", "s4", "List", env=env), '"s4"', "sts", "rds")
    refused(trivet("call", "sts", "GetCaller", env=env), '"GetCaller"', "GetCallerIdentity")
    refused(trivet("show", "pods", "--profile", "nobody", env=env), '"nobody"', "innovate")
    refused(trivet("call", "sts", "GetCallerIdentity", "--input", "{", env=env), "line 1")


@pytest.mark.parametrize("text,place", [
    ("name: [a\n", ":2:1: "),
    ("name: a\nregion: us-east-1\naccounts: 7\n", ":3:11: accounts: expected a list"),
    ("name: a\nname: b\n", ":2:1: "),
    ("name: &a {b: *a}\n", ":1:"),
    ("\x00\x01", ":1:"),
])
def test_broken_profile(env, tmp_path, text, place):
    path = write(tmp_path / "p.yaml", text)
    refused(trivet("status", "--profile", path, env=env), f"{path}{place}")


def test_ten_megabytes(env, tmp_path):
    path = write(tmp_path / "p.yaml", "# " + "x" * 78 + "\n" + ("a: " + "b" * 77 + "\n") * 131072)
    refused(trivet("status", "--profile", path, env=env), str(path))
    refused(trivet("--scenario", path, "--env", env=env, program=SIM), str(path))


def test_broken_theme_and_script(sim, tmp_path):
    _, env = sim
    script = write(tmp_path / "s", ":pods\n:nonsense\n")
    done = trivet("--script", script, env=env)
    assert done.code == 2 and f"{script}:2: :nonsense: no command" in done.err
    theme = write(tmp_path / "t.yaml", "name: x\nroles:\n  title: {foreground: mauve}\n")
    refused(trivet("--theme", theme, "--script", script, env=env), f"{theme}:3:23: roles.title.foreground: expected default")
    theme.write_text("name: x\nroles:\n  titel: red\n")
    refused(trivet("--theme", theme, "--script", script, env=env), f"{theme}:3:3: roles.titel: unknown key")
    refused(trivet("--theme", "pink", "--script", script, env=env), '"pink"', "colour-blind-safe")


def test_broken_scenario(env, tmp_path):
    path = write(tmp_path / "s.yaml", "name: x\naccounts: {}\nweather: fine\n")
    done = trivet("--scenario", path, "--env", env=env, program=SIM)
    assert done.code == 2 and f"{path}:" in done.err and len(done.err.splitlines()) == 1
    refused(trivet("--scenario", "stormy", "--env", env=env, program=SIM), '"stormy"', "healthy")


def test_plain_http_is_for_loopback_only(sim):
    _, env = sim
    done = trivet("call", "sts", "GetCallerIdentity", env=dict(env, AWS_ENDPOINT_URL="http://198.51.100.1"))
    assert done.code == 2 and "loopback" in done.err


def test_an_account_that_does_not_answer_delays_nobody(sim, tmp_path):
    """prod has another region's endpoint for nothing: its role is refused; the others are there all the same."""
    _, env = sim
    profile = write(tmp_path / "p.yaml", (ROOT / "profiles/innovate.yaml").read_text().replace("TrivetReader", "NoSuchRole", 1))
    done = trivet("show", "budgets", "--json", "--profile", profile, env=env)
    states = {a["name"]: a["feeds"][0]["state"] for a in done.json["accounts"]}
    assert done.code == 2 and states == {"root": "failed", "dev": "fresh", "prod": "fresh"}
    assert {row["account"] for row in done.json["rows"]} == {"dev", "prod"}


def test_what_another_account_does_not_tell_is_no_fault_of_the_one_asked_for(tmp_path):
    """But what only another can tell is: the organisation is the management account's."""
    with Sim("--quiet", "--fault", "rds@222222222222:error=AccessDenied/403", "--fault", "organizations:error=AccessDeniedException/400") as s:
        env = clean_env(tmp_path, **s.env, TRIVET_PROFILE="innovate")
        codes = {(pane, name): trivet("show", pane, "--account", name, env=env).code for pane in ("database", "accounts") for name in ("dev", "prod")}
        assert codes == {("database", "dev"): 2, ("database", "prod"): 0, ("accounts", "dev"): 2, ("accounts", "prod"): 2}
        assert trivet("show", "database", env=env).code == 2


HOPS = ["Route 53", "CloudFront", "WAF", "ALB", "Pods", "RDS"]


@pytest.mark.parametrize("pane", ["overview", "accounts", "pods", "database", "budgets", "waf", "compare"])
def test_show_follows_its_schema(sim, pane):
    _, env = sim
    done = trivet("show", pane, "--json", env=env)
    assert done.code == 0, done.err
    jsonschema.validate(done.json, json.loads((ROOT / "doc/show.schema.json").read_text()))
    assert done.json["pane"] == pane and done.json["rows"] and done.err == ""
    assert {c["key"] for c in done.json["columns"]} | {"account"} == set(done.json["rows"][0])
    text = trivet("show", pane, env=env)
    table, _, more = text.out.partition("\n\n")
    assert text.code == 0 and len(table.splitlines()) == len(done.json["rows"]) + 1
    assert [line.split("  ")[0] for line in more.splitlines()] == (["prod", *HOPS] if pane == "overview" else [])


def hops(env):
    done = trivet("show", "overview", "--json", env=env)
    return done.code, {h["name"]: h["state"] for h in done.json["path"]["hops"]}


def test_who_may_not_read_the_edge_sees_the_rest_and_what_is_missing(tmp_path):
    """A reader without a right: what could be read is shown, what could not is named, by status too, and nobody says that all is well."""
    with Sim("--quiet", "--fault", "cloudfront:error=AccessDenied/403") as s:
        env = clean_env(tmp_path, **s.env, TRIVET_PROFILE="innovate")
        assert hops(env) == (2, dict.fromkeys(HOPS, "ok") | {"Route 53": "unknown", "CloudFront": "unknown"})
        text = trivet("show", "overview", env=env)
        assert text.code == 2 and re.search("^Route 53 +AccessDenied +not known$", text.out, re.M) and "✗ prod edge, edge-metrics" in text.out
        status = trivet("status", "--json", env=env)
        prod = next(a for a in status.json["accounts"] if a["name"] == "prod")
        assert (status.code, prod["health"], {p["feed"] for p in prod["problems"]}) == (2, "unknown", {"edge", "edge-metrics"})


def test_what_the_path_does_not_stand_on_may_be_missing(tmp_path):
    """Where the web ACL logs is the edge pane's to show: the path and status do without it."""
    with Sim("--quiet", "--fault", "wafv2.ListLoggingConfigurations:error=AccessDenied/403") as s:
        env = clean_env(tmp_path, **s.env, TRIVET_PROFILE="innovate")
        assert hops(env)[1] == dict.fromkeys(HOPS, "ok")
        assert trivet("status", env=env).code == 0


def test_the_path_is_that_of_the_account_asked_for(sim):
    _, env = sim
    paths = [trivet("show", "overview", "--json", "--account", name, env=env).json["path"] for name in ("root", "dev", "prod")]
    assert [path and path["account"] for path in paths] == [None, "dev", "prod"]


def test_the_schema_of_show_knows_every_pane(sim):
    _, env = sim
    schema = json.loads((ROOT / "doc/show.schema.json").read_text())
    panes = schema["properties"]["pane"]["enum"]
    assert ", ".join(panes) in trivet("show", "no-such-pane", env=env).err
    for pane in sorted(set(panes) - {"overview", "accounts", "pods", "database", "budgets", "waf", "compare"}):  # those have a test of their own
        jsonschema.validate(trivet("show", pane, "--json", env=env).json, schema)


def test_status_follows_its_schema_and_exit_code(sim):
    _, env = sim
    done = trivet("status", "--json", env=env)
    jsonschema.validate(done.json, json.loads((ROOT / "doc/status.schema.json").read_text()))
    assert (done.code, done.json["health"]) == (0, "ok"), done.out
    done = trivet("status", "--json", env=dict(env, AWS_SECRET_ACCESS_KEY="wrong"))
    assert (done.code, done.json["health"]) == (2, "unknown")
    assert "SignatureDoesNotMatch" in done.out


def test_without_credentials_each_source_says_why_once(env):
    """All of it, also where three accounts and twenty feeds fail for the same reason."""
    last = "instance metadata: AWS_EC2_METADATA_DISABLED is true"
    for words in (["status"], ["show", "overview"], ["show", "accounts"]):
        done = trivet(*words, "--profile", "innovate", env=env)
        lines = [line for line in done.out.splitlines() if line.endswith(last)]
        assert done.code == 2 and len(lines) == 1 and lines[0].startswith("✗ prod, dev, root session: NoCredentials: "), done.out
    done = trivet("status", "--json", "--profile", "innovate", env=env)
    assert all(last in account["problems"][0]["text"] for account in done.json["accounts"])


def test_progress_is_for_who_watches(sim):
    """On standard error, and only if that is a terminal; what was asked for is the same either way."""
    _, env = sim
    master, slave = pty.openpty()
    with os.fdopen(master, "rb", buffering=0) as watched:
        done = subprocess.run([str(TRIVET), "show", "budgets", "--json"], env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=slave, timeout=60)
        os.close(slave)
        seen = watched.read(65536)
    assert done.returncode == 0 and json.loads(done.stdout)["rows"] and re.search(rb"\d+ of \d+", seen), seen
    assert trivet("show", "budgets", "--json", env=env).err == ""


def test_what_stands_in_the_scenario_is_shown(sim):
    _, env = sim
    rows = trivet("show", "database", "--json", env=env).json["rows"]
    prod = next(r for r in rows if r["id"] == "innovate-prod")
    assert (prod["multi_az"], prod["primary_zone"], prod["standby_zone"], prod["retention_days"], prod["backup_region"]) == (True, "1a", "1b", 7, "us-west-2")
    pods = trivet("show", "pods", "--json", env=env).json["rows"]
    prod = [p for p in pods if p["account"] == "prod" and p["namespace"] == "innovate"]
    assert {p["zone"] for p in prod} == {"1a", "1b"} and all(p["cpu"] > 0 for p in prod)


def test_call_in_an_account(sim):
    s, env = sim
    done = trivet("call", "eks", "DescribeCluster", "--account", "prod", "--input", '{"name": "innovate-prod"}', "--json", env=env)
    assert done.json["cluster"]["endpoint"].startswith(s.url)
    done = trivet("call", "rds", "DescribeDBInstances", "--account", "prod", "--input", '{"DBInstanceIdentifier": "nope"}', env=env)
    assert done.code == 1 and done.err.startswith("trivet: DBInstanceNotFound") and "request" in done.err


def test_a_call_that_costs_money_says_so_and_asks(tmp_path):
    day = {"Start": "2026-11-01", "End": "2026-11-02"}
    asked = ("call", "ce", "GetCostAndUsage", "--input",
             json.dumps({"TimePeriod": day, "Granularity": "DAILY", "Metrics": ["UnblendedCost"]}))
    with Sim() as s:
        env = clean_env(tmp_path, **s.env, TRIVET_PROFILE="innovate")
        done = trivet(*asked, env=env)
        assert done.code == 2 and done.out == "" and "$0.01" in done.err and "give --yes" in done.err
        done = trivet("call", "logs", "StartQuery", "--account", "prod", env=env)
        assert done.code == 2 and "each GB" in done.err and "give --yes" in done.err
        assert not re.search("ce.GetCostAndUsage|logs.StartQuery", s.log())
        trivet(*asked, "--yes", env=env)
        assert s.log().count("ce.GetCostAndUsage") == 1


def test_a_call_shows_no_keys(sim):
    _, env = sim
    role = {"RoleArn": "arn:aws:iam::222222222222:role/TrivetReader", "RoleSessionName": "me"}
    for more in ((), ("--json",)):
        done = trivet("call", "sts", "AssumeRole", "--input", json.dumps(role), *more, env=env)
        assert done.code == 0 and "ASIA" in done.out and done.out.count("(not shown)") == 2, done.out


def test_numbers_are_read_whatever_the_locale(sim, tmp_path):
    """Services write them with a point, as C does; German has a comma."""
    _, env = sim
    subprocess.run(["localedef", "-i", "de_DE", "-f", "UTF-8", tmp_path / "de_DE.UTF-8"], check=True)
    done = trivet("show", "budgets", "--json", env=dict(env, LOCPATH=str(tmp_path), LC_ALL="de_DE.UTF-8"))
    assert {row["limit"] for row in done.json["rows"]} >= {600, 250, 4000} and all(row["actual"] > 0 for row in done.json["rows"])


def test_input_from_a_file(sim, tmp_path):
    _, env = sim
    path = write(tmp_path / "in.json", '{"name": "innovate-dev"}')
    assert trivet("call", "eks", "DescribeCluster", "--account", "dev", "--input", f"@{path}", "--json", env=env).json["cluster"]["name"] == "innovate-dev"


def test_throttling_is_tried_again(tmp_path):
    with Sim("--quiet", "--fault", "rds.DescribeDBInstances:throttle=1") as s:
        env = clean_env(tmp_path, **s.env, TRIVET_PROFILE="innovate")
        log = tmp_path / "log"
        done = trivet("call", "rds", "DescribeDBInstances", "--account", "dev", "--log", log, "--json", env=env)
        assert done.code == 0, done.err
        assert "again in" in log.read_text()


def test_faults_are_told_by_name(tmp_path):
    with Sim("--quiet", "--fault", "budgets:error=InternalErrorException/500", "--fault", "cloudwatch.DescribeAlarms:html") as s:
        env = clean_env(tmp_path, **s.env, TRIVET_PROFILE="innovate", AWS_MAX_ATTEMPTS="1")
        done = trivet("show", "budgets", "--json", env=env)
        assert {a["feeds"][0]["error"]["code"] for a in done.json["accounts"]} == {"InternalErrorException"} and done.code == 2


def test_mfa_without_a_terminal_counts_as_declined(sim, tmp_path):
    _, env = sim
    profile = write(tmp_path / "p.yaml", (ROOT / "profiles/innovate.yaml").read_text().replace(
        "kind: development", "kind: development\n    mfa_serial: arn:aws:iam::111111111111:mfa/oncall"))
    done = trivet("show", "budgets", "--json", "--profile", profile, env=env)
    dev = next(a for a in done.json["accounts"] if a["name"] == "dev")
    assert dev["feeds"][0]["error"]["code"] == "MFADeclined" and done.code == 2


def test_a_serial_is_no_order_to_the_terminal(sim, tmp_path):
    s, env = sim
    (tmp_path / ".aws").mkdir()
    write(tmp_path / ".aws/config", f"[profile oncall]\nrole_arn = arn:aws:iam::111111111111:role/TrivetReader\nsource_profile = keys\n"
          f"mfa_serial = mfa/oncall\x1b]0;owned\x07\n[profile keys]\naws_access_key_id = {s.env['AWS_ACCESS_KEY_ID']}\n"
          f"aws_secret_access_key = {s.env['AWS_SECRET_ACCESS_KEY']}\n")
    profile = write(tmp_path / "p.yaml", 'name: p\nregion: us-east-1\naccounts: [{name: root, id: "111111111111", kind: management}]\n')
    argv = [str(TRIVET), "call", "sts", "GetCallerIdentity", "--account", "root", "--profile", str(profile), "--aws-profile", "oncall"]
    pid, terminal = pty.fork()
    if pid == 0:
        os.execve(argv[0], argv, dict(env, AWS_CONFIG_FILE=str(tmp_path / ".aws/config")))
    told = b""
    while b"go on without" not in told:
        told += os.read(terminal, 4096)
    os.write(terminal, b"\n")
    os.waitpid(pid, 0)
    os.close(terminal)
    assert b"MFA code of mfa/oncall?]0;owned? for root" in told and b"\x1b]0" not in told


def test_secrets_are_nowhere(sim, tmp_path):
    s, env = sim
    log = tmp_path / "log"
    done = trivet("show", "releases", "--log", log, env=dict(env, GITHUB_API_URL=env["GITHUB_API_URL"].replace("//", "//me:hunter2@")))
    assert " http github GET http://127.0.0.1:" in log.read_text() and "hunter2" not in log.read_text() + done.out + done.err
    done = trivet("status", "--log", log, env=env)
    text = log.read_text() + done.out + done.err
    assert re.search(r" http rds DescribeDBInstances POST http://\S+ 200 \d+ms \d+B id=[0-9a-f-]{36}$", log.read_text(), re.M)
    assert s.env["AWS_SECRET_ACCESS_KEY"] not in text and "k8s-aws-v1" not in text and os.stat(log).st_mode & 0o077 == 0


def test_the_manual_has_every_option_key_and_command(sim, tmp_path):
    _, env = sim
    manual = (ROOT / "doc/trivet.1").read_text().replace("\\-", "-")
    for line in trivet("--help", env=env).out.splitlines():
        if line.startswith("  --"):
            assert line.split()[0] in manual, line
    screen = tmp_path / "help"
    script = write(tmp_path / "s", f":help\n:save-screen {screen}\n")
    assert trivet("--script", script, env=dict(env, COLUMNS="160", LINES="200")).code == 0
    section = ""
    for line in screen.read_text().splitlines():
        section = line.strip() if line.strip().isupper() else section
        if section == "KEYS" and line.startswith("   "):
            keys, about = line[:24].strip(), line[24:].strip()
            for shown, name in zip("↵↓↑←→", ("Enter", "Down", "Up", "Left", "Right")):
                keys = keys.replace(shown, name)
            named = [row.split("\t")[0].split(", ") for row in manual.splitlines() if about in row and "\t" in row]
            assert any(keys == key or keys in key.split() for row in named for key in row), line
        if section == "COMMANDS" and line.startswith("   :"):
            assert line.split()[0] in manual and line[27:].strip() in manual, line


MANUAL = (ROOT / "doc/trivet.1").read_text().replace("\\-", "-")


def part_of_the_manual(name):
    return re.search(rf"(?ms)^\.SH {name}$(.*?)(?=^\.SH )", MANUAL).group(1)


def test_the_manual_has_every_command_under_a_head_of_its_own(sim):
    _, env = sim
    heads = re.findall(r"(?m)^\.TP\n\.B[IR]* +(.*)", part_of_the_manual("COMMANDS"))
    found = 0
    for line in trivet("--help", env=env).out.splitlines():
        if match := re.match(r"  trivet (\S+) +", line):
            command, verbs = match.group(1), line[18:].split()[0].split("|") if line[18:19] != " " else [""]
            for verb in ["" if v.isupper() else v for v in verbs]:  # NAME, PANE: what is given, not a word of the command
                assert any(re.search(rf"\btrivet {command} {verb}".rstrip(), head) for head in heads), f"{command} {verb}"
                found += 1
    assert found >= 20


def test_the_manual_has_every_pane_profile_key_and_variable():
    panes = json.loads((ROOT / "doc/show.schema.json").read_text())["properties"]["pane"]["enum"]
    assert f"Prints a pane's rows: {', '.join(panes)}." in MANUAL
    source = {path: path.read_text() for path in sorted((ROOT / "src").glob("*/*.c")) if path.parent.name != "sim"}
    profile = "".join(text for path, text in source.items() if path.name.startswith("profile"))
    keys = set(re.findall(r'\{"(\w+)", YAML_T', profile)) | set(re.findall(r"TEXT\(struct (?!settings)\w+, (\w+)\)", profile))
    assert len(keys) > 40 and [k for k in sorted(keys) if not re.search(rf"\b{k}\b", part_of_the_manual("PROFILE"))] == []
    variables = set(re.findall(r'"((?:AWS|GITHUB|GH|TRIVET|XDG|KUBE|NO)_?[A-Z0-9_]+)"', "".join(source.values())))
    variables -= {"AWS_", "AWS_KMS", "AWS_ENDPOINT_URL_"}  # a prefix, a key's owner, and what a service's name ends
    assert len(variables) > 25 and [v for v in sorted(variables) if not re.search(rf"\b{v}\b", MANUAL)] == []

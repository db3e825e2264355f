"""What the build makes: programs that the linker and the compiler have hardened, and memory about which valgrind has nothing to say."""
import re
import subprocess

import pytest

from peers import BUILD, ROOT, SIM, TRIVET, clean_env, trivet
from sim import Sim

VALGRIND = ["valgrind", "-q", "--leak-check=full", "--errors-for-leak-kinds=definite,possible", "--error-exitcode=99"]
UNITS = ("actions_engine", "aws_protocol_cases", "base_text", "checks_security", "feeds_releases", "github_client", "kube_table", "sim_kube", "ui_screens")


def readelf(*argv):
    return subprocess.run(["readelf", "-W", *map(str, argv)], capture_output=True, text=True, check=True, env={"LC_ALL": "C", "PATH": "/usr/bin:/bin"}).stdout


@pytest.mark.parametrize("program", [TRIVET, SIM], ids=["trivet", "trivet-sim"])
def test_hardened(program):
    assert re.search(r"Type:\s+DYN", readelf("-h", program)), "no position-independent executable"
    segments, dynamic, symbols = readelf("-l", program), readelf("-d", program), readelf("--dyn-syms", program)
    assert re.search(r"GNU_STACK\s.*\sRW\s", segments), "the stack may be executed"
    assert not re.search(r"LOAD\s.*\sRWE\s", segments), "what is written may be executed"
    assert "GNU_RELRO" in segments and "BIND_NOW" in dynamic, "the table of addresses stays open to writing"
    assert "__stack_chk_fail" in symbols, "no stack protector"
    assert re.search(r"__\w+_chk@", symbols), "no FORTIFY_SOURCE"
    assert not re.search(r"RPATH|RUNPATH", dynamic)


def test_what_the_documents_name_is_installed(tmp_path):
    subprocess.run(["make", "-s", "-C", BUILD, "install", f"DESTDIR={tmp_path}"], check=True, capture_output=True)
    docs = next(tmp_path.rglob("doc/trivet"))
    text = "".join((ROOT / name).read_text() for name in ("README.md", "doc/SECURITY.md", "doc/trivet.1"))
    named = set(re.findall(r"doc/((?:iam|examples)[\w/-]*(?:\.json)?)", text)) | set(re.findall(r"\b([a-z]+\.schema\.json)", text))
    assert len(named) > 5 and [name for name in sorted(named) if not (docs / name).exists()] == []


def test_what_is_packed_builds_elsewhere(tmp_path):
    """Every source is in the package, and nothing that was made of them here."""
    packed = tmp_path / "trivet"
    subprocess.run(["make", "-s", "-C", BUILD, "distdir", f"distdir={packed}"], check=True, capture_output=True)
    folders = ("src", "doc", "profiles", "themes", "tests/unit", "tests/data", "tests/screens", "tests/e2e", "tests/bench")
    here = [p.relative_to(ROOT) for folder in folders for p in (ROOT / folder).rglob("*.*")
            if p.suffix in (".c", ".h", ".mk", ".py", ".json", ".yaml", ".txt", ".md", ".1")]
    assert len(here) > 500 and [str(path) for path in here if not (packed / path).exists()] == []
    assert [str(path) for path in packed.rglob("*") if path.suffix in (".o", ".a", ".log", ".trs", ".pyc") or path.name == "probe_runner"] == []


def under_valgrind(*argv, **how):
    done = subprocess.run([*VALGRIND, *map(str, argv)], capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=300, **how)
    assert done.returncode != 99 and not re.search(r"(?m)^==\d+==", done.stderr), done.stderr[-4000:]
    return done


@pytest.mark.parametrize("name", UNITS)
def test_units_under_valgrind(name, tmp_path):
    done = under_valgrind(BUILD / "tests/unit" / name, cwd=tmp_path, env=clean_env(tmp_path, srcdir=str(ROOT)))
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]


def test_status_and_checks_under_valgrind(tmp_path):
    with Sim("--quiet") as sim:
        env = clean_env(tmp_path, **sim.env, TRIVET_PROFILE="innovate")
        assert "prod" in under_valgrind(TRIVET, "status", env=env).stdout
        assert "net-vpc" in under_valgrind(TRIVET, "check", env=env).stdout


def test_the_simulator_under_valgrind(tmp_path, monkeypatch):
    wrapper = tmp_path / "sim"
    wrapper.write_text(f"#!/bin/sh\nexec {' '.join(VALGRIND)} {SIM} \"$@\"\n")
    wrapper.chmod(0o755)
    monkeypatch.setattr("sim.SIM", wrapper)
    with Sim("--quiet") as sim:  # which fails if it does not end well
        assert trivet("status", env=clean_env(tmp_path, **sim.env, TRIVET_PROFILE="innovate")).code in (0, 1, 2)

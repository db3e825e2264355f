"""Every pane of every scenario, whole, at two sizes. The clocks stand still (libfaketime), so that every figure is the same each time; only how long ago
something was read is left out of the comparison. TRIVET_NEW_SCREENS=1 writes them anew: read their diff."""
import glob
import os
import re

import pytest

from console import Console
from peers import ROOT, clean_env, trivet
from sim import Sim

SCREENS = ROOT / "tests/screens/scenarios"
NAMES = sorted(p.stem for p in (ROOT / "profiles/scenarios").glob("*.yaml"))
SIZES = {"80x24": (24, 80), "120x40": (40, 120)}
CLOCK = {"FAKETIME": "2026-11-24 14:00:02", "FAKETIME_DONT_FAKE_MONOTONIC": "1"}
BEGUN = {"incident-az-down": "4m", "incident-bad-release": "8m", "under-attack": "12m"}  # into the incident


def clock():
    libraries = glob.glob("/usr/lib/*/faketime/libfaketime.so.1")
    assert libraries, "libfaketime is missing"
    return dict(CLOCK, LD_PRELOAD=libraries[0])


def panes(env):
    """As the program lists them where it does not know one."""
    return re.search(r"expected one of ([\w, ]+)", trivet("show", "nothing", env=env).err).group(1).split(", ")


def script(names, folder):
    """All are gone through first: the Overview tells also of what is read for other panes. A filter for a moment: columns stay as wide as they had to be
    while the pane was half read, and how much that was depends on the machine."""
    read = "".join(f":{name}\n:wait fresh\n" for name in names)
    return read + "".join(f"<Esc>\n:{name}\n:wait fresh\n/~<Esc>\n:save-screen {folder}/{name}\n" for name in names) + ":quit\n"


def still(text):
    """Without how long ago each account was read, the seconds of ages and times, and what pods use of a processor: these depend on how fast the machine
    is."""
    lines = [re.sub(r" +\d+m +(\d+Mi)$", r" \1", line) for line in text.splitlines()]
    lines = [re.sub(r"(root|dev|prod) (now|live|\d+s)\b", r"\1", line) if line.startswith(" root ") else line for line in lines]
    lines = [re.sub(r"\b\d+s\b", "s", re.sub(r"\b(\d+m)\d+s\b|\b(\d\d:\d\d):\d\d\b", r"\1\2", line)) for line in lines]
    return [re.sub(" +", " ", line) for line in lines]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", NAMES)
def test_every_pane(name, size, tmp_path):
    path, (rows, columns) = SCREENS / f"{name}-{size}.txt", SIZES[size]
    scenario = tmp_path / "begun.yaml"
    scenario.write_text(f"like: {name}\nname: {name}\nbegun: {BEGUN.get(name, '0s')}\n")
    with Sim("--quiet", scenario=scenario, more=clock()) as s:
        env = clean_env(tmp_path, **clock(), **s.env, TRIVET_PROFILE="demo")
        names = panes(env)
        (tmp_path / "script").write_text(script(names, tmp_path))
        with Console("--script", tmp_path / "script", env=env, rows=rows, columns=columns) as c:
            assert c.end(120) == 0, c.text
    seen = "".join(f"==== {pane}\n" + (tmp_path / pane).read_text() for pane in names)
    if os.environ.get("TRIVET_NEW_SCREENS"):
        path.write_text(seen)
    assert still(seen) == still(path.read_text())
    assert all(len(line) <= columns for line in seen.splitlines())

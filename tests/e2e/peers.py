"""What the end-to-end tests start and ask: servers that nobody here wrote, and the programs of the build."""
import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("TRIVET_BUILD", ROOT / "build"))
TRIVET = BUILD / "trivet"
SIM = BUILD / "trivet-sim"
BIN = pathlib.Path(sys.executable).parent


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def clean_env(home, **more):
    """An environment that holds nothing of the person who runs the tests."""
    env = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "TRIVET_", "XDG_", "GITHUB_", "GH_")) and k.lower() not in ("kubeconfig", "no_color")}
    env.update(HOME=str(home), TRIVET_DATADIR=str(ROOT), AWS_EC2_METADATA_DISABLED="true", LC_ALL="C.UTF-8", TZ="UTC", NO_PROXY="*",
               ASAN_OPTIONS="detect_leaks=1:fast_unwind_on_malloc=0", **more)
    return env


class Server:
    """A process of its own group; ready once `ready()` answers true."""

    def __init__(self, argv, env, ready, log, limit=60):
        self.log = open(log, "wb")
        self.process = subprocess.Popen(argv, env=env, stdout=self.log, stderr=self.log, stdin=subprocess.DEVNULL, start_new_session=True)
        end = time.monotonic() + limit
        while not ready():
            if self.process.poll() is not None or time.monotonic() > end:
                self.stop()
                raise RuntimeError(f"{argv[0]} did not start:\n" + pathlib.Path(log).read_text(errors="replace")[-4000:])
            time.sleep(0.05)

    def stop(self):
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGTERM)
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                os.killpg(self.process.pid, signal.SIGKILL)
                self.process.wait()
        self.log.close()


def answers(url):
    try:
        urllib.request.urlopen(url, timeout=2).close()
        return True
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False


def start_ministack(folder):
    port = free_port()
    env = clean_env(folder, BIND_HOST="127.0.0.1", GATEWAY_PORT=str(port), AUTH="true", IOT_MTLS_ENABLED="0", SFTP_ENABLED="0",
                    MINISTACK_ACCOUNT_ID="111111111111", TMPDIR=str(folder))
    url = f"http://127.0.0.1:{port}"
    server = Server([str(BIN / "ministack")], env, lambda: answers(url + "/_ministack/health"), folder / "ministack.log")
    return server, url


def start_moto(folder):
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    server = Server([str(BIN / "moto_server"), "-H", "127.0.0.1", "-p", str(port)], clean_env(folder), lambda: answers(url + "/moto-api/"), folder / "moto.log")
    return server, url


class Result:
    def __init__(self, done):
        self.code, self.out, self.err = done.returncode, done.stdout, done.stderr

    @property
    def json(self):
        return json.loads(self.out)


def trivet(*argv, env, limit=120, program=TRIVET):
    done = subprocess.run([str(program), *map(str, argv)], env=env, capture_output=True, text=True, timeout=limit, stdin=subprocess.DEVNULL)
    assert "Sanitizer" not in done.stderr and "runtime error" not in done.stderr, done.stderr
    return Result(done)


def write(path, text):
    path.write_text(text)
    return path


def evidence(result):
    """What a verdict of `trivet check` stands on, a line each."""
    return [f"{e['resource']}: {e['value']}" for e in result["evidence"] if e["verdict"] == result["verdict"]]

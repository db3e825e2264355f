"""Real PostgreSQL: a primary, a standby, and endpoints that can be pointed at either, as RDS's name is."""
import getpass
import os
import pathlib
import shutil
import socket
import subprocess
import tempfile
import threading
import time

from peers import free_port

BIN = next(iter(sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)), pathlib.Path("/usr/bin"))
AS = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []  # PostgreSQL will not run as root
USER = "postgres" if AS else getpass.getuser()


def run(*argv):
    done = subprocess.run([*AS, *map(str, argv)], capture_output=True, text=True, cwd="/", timeout=120)
    assert done.returncode == 0, f"{argv}\n{done.stdout}{done.stderr}"
    return done.stdout


def wait_until(true, what, limit=60):
    end = time.monotonic() + limit
    while not true():
        assert time.monotonic() < end, f"in vain: {what}"
        time.sleep(0.05)


def new_folder():
    folder = pathlib.Path(tempfile.mkdtemp(prefix="trivet-pg-"))
    folder.chmod(0o755)
    if AS:
        shutil.chown(folder, USER)
    return folder


class Server:
    """One data folder, on a port of its own."""

    def __init__(self, folder):
        self.folder, self.port = folder, free_port()

    def configure(self, *lines):
        with open(self.folder / "postgresql.conf", "a") as f:
            f.write("\n".join([f"port={self.port}", *lines]) + "\n")

    @classmethod
    def primary(cls, folder, synchronous=False):
        s = cls(folder)
        run(BIN / "initdb", "-D", folder, "-U", USER, "-A", "trust", "--no-sync", "--no-locale", "-E", "UTF8")
        s.configure("listen_addresses='127.0.0.1'", "unix_socket_directories=''", "wal_keep_size=64", "shared_buffers=16MB",
                    "wal_retrieve_retry_interval=200ms", f"synchronous_standby_names='{'*' if synchronous else ''}'")
        return s

    @classmethod
    def standby(cls, folder, source_port):
        """A copy that follows what answers on source_port."""
        s = cls(folder)
        run(BIN / "pg_basebackup", "-D", folder, "-R", "-h", "127.0.0.1", "-p", source_port, "-U", USER, "-X", "stream", "-c", "fast", "--no-sync")
        s.configure("synchronous_standby_names=''")
        return s

    def start(self):
        run(BIN / "pg_ctl", "-D", self.folder, "-w", "-l", self.folder / "log", "start")

    def crash(self):
        """As a machine that loses power: no goodbye to anybody, nothing flushed."""
        run(BIN / "pg_ctl", "-D", self.folder, "-m", "immediate", "-w", "stop")

    def promote(self):
        run(BIN / "pg_ctl", "-D", self.folder, "-w", "promote")

    def psql(self, *options):
        return [*AS, str(BIN / "psql"), "-h", "127.0.0.1", "-p", str(self.port), "-U", USER, "-d", "postgres", "-Atq", *options]

    def sql(self, text):
        done = subprocess.run(self.psql("-c", text), capture_output=True, text=True, cwd="/", timeout=60)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def stop(self):
        subprocess.run([*AS, str(BIN / "pg_ctl"), "-D", str(self.folder), "-m", "immediate", "-w", "stop"], capture_output=True, cwd="/")


class Endpoint:
    """Forwards its port to another, or hangs up while it leads nowhere."""

    def __init__(self, target=None):
        self.target, self.lock, self.sockets = target, threading.Lock(), []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            with self.lock:  # whoever comes is on the old way, and cut with it, or on the new one
                try:
                    server = socket.create_connection(("127.0.0.1", self.target), timeout=5) if self.target else None
                except OSError:
                    server = None
                if not server:
                    client.close()
                    continue
                server.settimeout(None)
                self.sockets += [client, server]
            for a, b in ((client, server), (server, client)):
                threading.Thread(target=self._pump, args=(a, b), daemon=True).start()

    @staticmethod
    def _pump(a, b):
        try:
            while data := a.recv(65536):
                b.sendall(data)
        except OSError:
            pass
        for s in (a, b):
            try:
                s.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def point(self, port):
        """Cuts what goes through now; what comes next goes to `port`, None: nowhere."""
        with self.lock:
            self.target = port
            for s in self.sockets:
                try:
                    s.shutdown(socket.SHUT_RDWR)  # wakes whoever reads from it, as close() would not
                except OSError:
                    pass
                s.close()
            self.sockets = []

    def close(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.point(None)


class Alone:
    """One server."""

    def __enter__(self):
        self.folder = new_folder()
        self.server = Server.primary(self.folder / "primary")
        self.server.start()
        return self

    def __exit__(self, *_):
        self.server.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


class Pair:
    """Primary and standby behind one endpoint; `feed` is the way that the primary's log takes to the standby."""

    def __init__(self, synchronous=True):
        self.synchronous = synchronous

    def __enter__(self):
        self.folder = new_folder()
        self.primary = Server.primary(self.folder / "primary", self.synchronous)
        self.primary.start()
        self.feed = Endpoint(self.primary.port)
        self.standby = Server.standby(self.folder / "standby", self.feed.port)
        self.standby.start()
        self.endpoint = Endpoint(self.primary.port)
        state = "sync" if self.synchronous else "async"
        wait_until(lambda: self.primary.sql("select state || ' ' || sync_state from pg_stat_replication") == f"streaming {state}", "a standby that follows")
        return self

    @property
    def conninfo(self):
        return f"host=localhost port={self.endpoint.port} user={USER} dbname=postgres"

    def fail_over(self):
        self.endpoint.point(None)
        self.primary.crash()
        self.standby.promote()
        self.endpoint.point(self.standby.port)

    def __exit__(self, *_):
        self.endpoint.close()
        self.feed.close()
        self.primary.stop()
        self.standby.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

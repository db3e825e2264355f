"""The console in a real pseudo-terminal, read through pyte: keys in, the screen out."""
import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import termios
import time

import pyte

from peers import TRIVET


class Console:
    def __init__(self, *argv, env, rows=24, columns=80, term="xterm-256color"):
        self.screen = pyte.Screen(columns, rows)
        self.stream = pyte.ByteStream(self.screen)
        self.raw = b""
        self.master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.before = termios.tcgetattr(slave)
        self.slave = slave
        self.process = subprocess.Popen([str(TRIVET), *map(str, argv)], env=dict(env, TERM=term), stdin=slave, stdout=slave, stderr=slave,
                                        start_new_session=True)

    def read(self, seconds=0.05):
        ready, _, _ = select.select([self.master], [], [], seconds)
        if not ready:
            return b""
        try:
            data = os.read(self.master, 65536)
        except OSError:
            return b""
        self.raw += data
        self.stream.feed(data)
        return data

    @property
    def text(self):
        return "\n".join(line.rstrip() for line in self.screen.display)

    def wait(self, *words, limit=30):
        """Until the screen shows all the words."""
        end = time.monotonic() + limit
        while not all(word in self.text for word in words):
            assert time.monotonic() < end, f"{words} did not come:\n{self.text}"
            assert self.process.poll() is None or self.read(), f"it ended with {self.process.returncode}:\n{self.text}"
            self.read()
        return self.text

    def wait_gone(self, word, limit=30):
        end = time.monotonic() + limit
        while word in self.text:
            assert time.monotonic() < end, f"{word} stayed:\n{self.text}"
            self.read()

    def keys(self, text):
        os.write(self.master, text.encode())

    def resize(self, rows, columns):
        self.screen.resize(rows, columns)
        fcntl.ioctl(self.slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        os.kill(self.process.pid, signal.SIGWINCH)

    def end(self, limit=20):
        """The exit status, everything read."""
        end = time.monotonic() + limit
        while self.process.poll() is None and time.monotonic() < end:
            self.read()
        while self.read(0):
            pass
        if self.process.poll() is None:
            self.process.kill()
            raise AssertionError(f"it did not end:\n{self.text}")
        return self.process.returncode

    def restored(self):
        """Is the terminal as it was: modes, main screen, cursor, mouse?"""
        after = termios.tcgetattr(self.slave)
        return after[:4] == self.before[:4] and self.raw.rfind(b"\033[?1049l") > self.raw.rfind(b"\033[?1049h") and \
            self.raw.rfind(b"\033[?1000l") > self.raw.rfind(b"\033[?1000h")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        os.close(self.master)
        os.close(self.slave)

"""The console in a real pseudo-terminal, read through pyte: keys in, the screen out."""
import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import time

import pyte

from peers import TRIVET


class Screen(pyte.Screen):
    """With what curses uses of xterm and pyte does not know: scrolling the region, repeating a character."""

    def scroll_down(self, count=1):
        self._at_top(lambda: self.insert_lines(count))

    def scroll_up(self, count=1):
        self._at_top(lambda: self.delete_lines(count))

    def _at_top(self, do):
        was, self.cursor.y = (self.cursor.x, self.cursor.y), self.margins.top if self.margins else 0
        do()
        self.cursor.x, self.cursor.y = was

    def repeat(self, count=1):
        self.draw(self.last * count)

    def draw(self, data):
        self.last = data[-1:]
        super().draw(data)


class Stream(pyte.ByteStream):
    csi = dict(pyte.ByteStream.csi, S="scroll_up", T="scroll_down", b="repeat")
    events = pyte.ByteStream.events | {"scroll_up", "scroll_down", "repeat"}


class Console:
    def __init__(self, *argv, env, rows=24, columns=80, term="xterm-256color"):
        self.screen = Screen(columns, rows)
        self.stream = Stream(self.screen)
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

    def wait(self, *words, limit=90):
        """Until the screen shows all the words."""
        end = time.monotonic() + limit
        while not all(word in self.text for word in words):
            assert time.monotonic() < end, f"{words} did not come:\n{self.text}"
            assert self.process.poll() is None or self.read(), f"it ended with {self.process.returncode}:\n{self.text}"
            self.read()
        return self.text

    def wait_for(self, condition, limit=90):
        end = time.monotonic() + limit
        while not condition():
            assert time.monotonic() < end, self.text
            self.read()

    def wait_gone(self, word, limit=90):
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

    def end(self, limit=60):
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
        on = {m.group(1): m.group(2) == b"h" for m in re.finditer(rb"\033\[\?(1049|1000|25)(h|l)", self.raw)}
        return after[:4] == self.before[:4] and not on[b"1049"] and not on[b"1000"] and on[b"25"]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        os.close(self.master)
        os.close(self.slave)

"""A program in a pseudo-terminal whose output is stamped as it is read and interpreted afterwards, so that the reading does not slow what is
measured."""
import fcntl
import os
import pty
import select
import struct
import subprocess
import termios
import time

from console import Screen, Stream

now = time.perf_counter


class Terminal:
    def __init__(self, argv, env, rows=40, columns=120):
        self.screen = Screen(columns, rows)
        self.stream = Stream(self.screen)
        self.unread = []  # (time, bytes) that the screen has not been fed yet
        self.total = 0
        self.master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.began = now()
        self.process = subprocess.Popen(list(map(str, argv)), env=dict(env, TERM="screen-256color"), stdin=slave, stdout=slave, stderr=slave,
                                        start_new_session=True)
        os.close(slave)

    def take(self, seconds):
        """One piece of output; False if none came, None if none will."""
        ready, _, _ = select.select([self.master], [], [], seconds)
        if not ready:
            return False
        try:
            data = os.read(self.master, 1 << 20)
        except OSError:
            return None
        self.unread.append((now(), data))
        self.total += len(data)
        return True

    def collect(self, quiet, limit=10.0):
        """Reads until nothing has come for `quiet` seconds, from the first byte on; False at the program's end."""
        end, some = now() + limit, bool(self.unread)
        while now() < end:
            came = self.take(quiet if some else end - now())
            if came is None:
                return False
            if not came:
                return True
            some = True
        return True

    def rest(self, seconds):
        """Reads for so long."""
        end = now() + seconds
        while now() < end and self.take(end - now()) is not None:
            pass

    def replay(self, shown=lambda: False):
        """Feeds the screen what was read; the time of the piece with which shown() became true, or None."""
        while self.unread:
            at, data = self.unread.pop(0)
            self.stream.feed(data)
            if shown():
                return at
        return None

    def wait(self, shown, quiet=0.1, limit=60.0):
        """The time at which shown() became true on the screen."""
        end = now() + limit
        while True:
            alive = self.collect(quiet, 1.0)
            at = self.replay(shown)
            if at is not None:
                return at
            if not alive or now() > end:
                raise RuntimeError(f"it was not shown:\n{self.text}")

    def settle(self, quiet=0.05):
        """Until what is under way has been drawn."""
        end = now() + 2
        while now() < end and self.take(quiet):
            pass
        self.replay()

    @property
    def text(self):
        return "\n".join(line.rstrip() for line in self.screen.display)

    def line(self, row):
        return self.screen.display[row].rstrip()

    def keys(self, text):
        os.write(self.master, text.encode())

    def end(self, limit=20):
        """Waits for the program's end, reading; its exit status and when it came."""
        end = now() + limit
        while now() < end and self.take(0.5) is not None:
            pass
        status = self.process.wait(5)
        return status, now()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        os.close(self.master)

"""The first process of a container: files in, the zygote beside it, files out. It never computes.

The host sends this file's text on the command line; it needs nothing but the standard library.
Messages both ways are a JSON line, then as many bytes of tar as its ``tar`` says.
In:  {"start": mode, "tar": n} + the worker's code, then the zygote's requests + their files
Out: what the zygote says; {"event": "ended", ...} + results; {"event": "gone", ...} at its end.
     ``"full": "own"`` with an ending: the batch filled the scratch; ``"other"``: another one did,
     so that what this batch found tells nothing
"""

import ctypes
import io
import json
import os
import shutil
import signal
import stat
import subprocess
import sys
import tarfile
import threading
import time

ROOM = "/kmatrix"
CODE = os.path.join(ROOM, "code")
LOG = os.path.join(ROOM, "worker.log")
BOOT = (
    "import sys; sys.path.insert(0, sys.argv.pop(1)); from kmatrix_worker import zygote; "
    "sys.exit(zygote.main(sys.argv[1:]))"
)
MOST_LOG = 64 * 1024  # bytes of a log that go out, of its end
TICK = 0.2  # seconds between looks at the room left
LEAST = 1 << 20  # bytes: with less left, a file system counts as full
PR_SET_DUMPABLE = 4
OOM_COUNTERS = ("/sys/fs/cgroup/memory.events", "/sys/fs/cgroup/memory/memory.oom_control")


def hide():
    """Let no process of the same user trace this one or reach into its memory."""
    try:
        ctypes.CDLL(None).prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)
    except OSError:
        pass


class Limited(io.RawIOBase):
    """The next ``count`` bytes of a stream as a stream."""

    def __init__(self, stream, count):
        self.stream, self.left = stream, count

    def readable(self):
        return True

    def readinto(self, buffer):
        data = self.stream.read(min(len(buffer), self.left))
        self.left -= len(data)
        buffer[: len(data)] = data
        return len(data)


def unpack(stream, count, folder):
    """Unpack a tar that the host made; the text of an error, or None. Takes all of its bytes."""
    limited = Limited(stream, count)
    try:
        with tarfile.open(fileobj=limited, mode="r|") as tar:
            tar.extractall(folder)
    except (OSError, tarfile.TarError) as error:
        return "%s: %s" % (type(error).__name__, error)
    finally:
        while limited.read(1 << 20):
            pass
    return None


def pack(folder, names):
    """Files and folders as a tar. Links stay links: it is for the host to refuse them."""
    sink = io.BytesIO()
    with tarfile.open(fileobj=sink, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for name in names:
            path = os.path.join(folder, name)
            if os.path.lexists(path):
                tar.add(path, arcname=name)
    return sink.getvalue()


def tail(path):
    """The end of a plain file; a task may have put anything in its place."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return b""
    with os.fdopen(handle, "rb") as stream:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            return b""
        stream.seek(max(0, os.fstat(handle).st_size - MOST_LOG))
        return stream.read(MOST_LOG)


def full(place):
    """Whether a file system has room for nothing more, of bytes or of files."""
    found = os.statvfs(place)
    return found.f_bavail * found.f_frsize < LEAST or (found.f_files and not found.f_favail)


def size(place):
    """Bytes of a file system, used or not."""
    found = os.statvfs(place)
    return found.f_blocks * found.f_frsize


def used(folder):
    """The bytes that files below a folder take; those that vanish meanwhile take none."""
    total = 0
    for parent, _, names in os.walk(folder):
        for name in names:
            try:
                total += os.lstat(os.path.join(parent, name)).st_blocks * 512
            except OSError:
                pass
    return total


def oom_kills():
    """How often the kernel killed for memory in this container."""
    for path in OOM_COUNTERS:
        try:
            with open(path) as stream:
                for line in stream:
                    if line.startswith("oom_kill "):
                        return int(line.split()[1])
        except OSError:
            pass
    return 0


def parsed(line):
    """The zygote's message; None for what its interpreter printed while it started."""
    try:
        message = json.loads(line.decode("utf-8"))
    except ValueError:
        return None
    return message if isinstance(message, dict) and "event" in message else None


class Agent(object):
    def __init__(self):
        self.source = sys.stdin.buffer
        self.sink = os.dup(1)
        self.lock = threading.Lock()
        self.zygote = None
        self.status = None  # of the zygote, once it has ended
        self.batches = {}  # number: tasks, and the count of kills when it began
        self.full = {}  # number: who filled the scratch while it ran
        self.spoiled = False  # whether a batch that has ended may have left it full

    def say(self, message, content=b""):
        message["tar"] = len(content)
        view = memoryview((json.dumps(message) + "\n").encode("utf-8") + content)
        with self.lock:
            while view:
                view = view[os.write(self.sink, view) :]

    def message(self):
        line = self.source.readline()
        return json.loads(line.decode("utf-8")) if line.endswith(b"\n") else None

    def serve(self):
        """Until the host hangs up or the zygote ends."""
        os.write(self.sink, b"\n")  # ends what the interpreter may have printed while it started
        signal.signal(signal.SIGCHLD, self.reap)
        first = self.message()
        if first is None or unpack(self.source, first["tar"], CODE):
            return
        argv = [sys.executable, "-I", "-c", BOOT, CODE, first["start"], LOG]
        with open(LOG, "ab") as log:
            self.zygote = subprocess.Popen(
                argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, bufsize=0
            )
        threading.Thread(target=self.listen, daemon=True).start()
        threading.Thread(target=self.watch, daemon=True).start()
        for line in io.BufferedReader(self.zygote.stdout):
            message = parsed(line)
            if message is not None:
                self.hear(message)
        self.say({"event": "gone", "log": tail(LOG).decode("utf-8", "replace")})

    def listen(self):
        """Take the host's requests; at its end, end at once: the kernel takes all others along."""
        while True:
            request = self.message()
            if request is None:
                os._exit(0)
            number = request["batch"]
            folder = os.path.join(ROOM, "b%d" % number)
            failed = unpack(self.source, request.pop("tar"), folder)
            if failed:
                shutil.rmtree(folder, ignore_errors=True)
                self.say({"event": "ended", "batch": number, "ending": "full", "reason": failed})
                continue
            self.batches[number] = (request["tasks"], oom_kills())
            data = (json.dumps(request) + "\n").encode("utf-8")
            try:
                self.zygote.stdin.write(data)
            except OSError:
                pass  # it has ended, which the other thread hears

    def watch(self):
        """A task may fill the scratch and tidy up after itself."""
        while True:
            time.sleep(TICK)
            self.look()

    def look(self):
        """Note for every batch that runs on a full scratch whose doing it is."""
        if not (full(ROOM) or full("/tmp")):
            return
        running = list(self.batches)
        for number in running:
            folder = os.path.join(ROOM, "b%d" % number)
            only = len(running) == 1 and not self.spoiled
            own = only or used(folder) > size(ROOM) // 2
            self.full.setdefault(number, "own" if own else "other")

    def hear(self, message):
        if message["event"] == "failed":
            message["log"] = tail(LOG).decode("utf-8", "replace")
        if message["event"] != "ended":
            self.say(message)
            return
        number = message["batch"]
        self.look()
        tasks, kills = self.batches.pop(number)
        message["full"] = self.full.pop(number, None)
        self.spoiled = self.spoiled or message["full"] is not None
        if message["ending"] == "crashed" and oom_kills() > kills:
            message["ending"] = "memory"
        if not self.batches:
            self.clear()
        folder = os.path.join(ROOM, "b%d" % number)
        self.say(message, self.results(folder, tasks))
        shutil.rmtree(folder, ignore_errors=True)

    def results(self, folder, tasks):
        names = []
        for index, task in enumerate(tasks):
            log = os.path.join(folder, str(index), "log.txt")
            end = tail(log)
            try:
                os.unlink(log)
                with open(log, "wb") as stream:
                    stream.write(end)
            except OSError:
                pass
            kept = ["evidence.json", "log.txt"] + (["artifact"] if task["kind"] == "save" else [])
            names += ["%d/%s" % (index, name) for name in kept]
        try:
            return pack(folder, names)
        except OSError:
            return b""

    def clear(self):
        """No batch runs: whatever else does has outlived its task, and goes."""
        spared = {1, os.getpid(), self.zygote.pid}
        for _ in range(5):
            others = [int(name) for name in os.listdir("/proc") if name.isdigit()]
            others = [pid for pid in others if pid not in spared]
            if not others:
                return
            for pid in others:
                try:
                    os.kill(pid, signal.SIGKILL)
                except OSError:
                    pass
        os.kill(-1, signal.SIGKILL)  # they are faster than a loop: the zygote goes as well

    def reap(self, *_):
        """The first process of a container has to bury everybody's orphans."""
        try:
            while True:
                pid, status = os.waitpid(-1, os.WNOHANG)
                if pid == 0:
                    return
                if self.zygote is not None and pid == self.zygote.pid:
                    self.status = status
        except OSError:
            pass


if __name__ == "__main__":
    hide()
    Agent().serve()

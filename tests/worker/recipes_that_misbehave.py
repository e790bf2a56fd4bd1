"""A user's recipe file whose custom objects do what a hostile or broken file would do."""

import ctypes
import os
import subprocess
import sys
import time
import warnings

import numpy as np
from kmatrix_worker.recipes import NotAvailable, Recipe, recipe


class Base(Recipe):
    def inputs(self):
        return [np.array([[1.0, 2.0], [3.0, 4.0]], dtype="float32")]

    def build(self, k, objects):
        return k.Model()

    def act(self):
        pass

    def objects(self, k):
        return {"act": self.act}


@recipe("plain", title="does nothing wrong")
class Plain(Base):
    pass


@recipe("segfault", title="dies by a signal")
class Segfault(Base):
    def act(self):
        ctypes.string_at(0)


@recipe("quiet_exit", title="leaves without a word")
class QuietExit(Base):
    def act(self):
        os._exit(0)


@recipe("polite_exit", title="calls sys.exit")
class PoliteExit(Base):
    def act(self):
        sys.exit("enough")


@recipe("hang", title="never comes back")
class Hang(Base):
    def act(self):
        while True:
            time.sleep(1)


@recipe("hog", title="eats memory")
class Hog(Base):
    def act(self):
        kept = []
        while True:
            kept.append(np.ones(4 << 20, dtype="float64"))
            time.sleep(0.005)


@recipe("raises", title="raises with a chain")
class Raises(Base):
    def act(self):
        try:
            {}["inner"]
        except KeyError as error:
            raise ValueError("outer. Exception encountered: the cause\nin two lines") from error


@recipe("noisy", title="prints at every level")
class Noisy(Base):
    def act(self):
        print("on python's stdout")
        os.write(1, b"on fd 1\n")
        os.write(2, b"on fd 2\n")
        subprocess.call([sys.executable, "-c", "print('from a process of its own')"])
        warnings.warn("watch out at 0x7f00deadbeef")


@recipe("leaves_a_process", title="starts a process and goes")
class LeavesAProcess(Base):
    def act(self):
        process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
        sys.stdout.write("left %d\n" % process.pid)
        sys.stdout.flush()


@recipe("escapes", title="leaves a process of another session behind, which holds all it inherited")
class Escapes(Base):
    def act(self):
        if os.fork() == 0:
            os.setsid()
            time.sleep(30)
            os._exit(0)
        raise ValueError("left one behind")


@recipe("absent", title="is not available here")
class Absent(Base):
    def build(self, k, objects):
        raise NotAvailable("this Keras has no such thing")


class Custom:
    pass


@recipe("names_a_class", title="prints where its custom class lives")
class NamesAClass(Base):
    def act(self):
        print("class of", Custom.__module__)

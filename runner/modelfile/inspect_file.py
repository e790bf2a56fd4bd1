"""Inspect a path: choose the reader by its content. Nothing of the file is run."""

from __future__ import annotations

import codecs
import stat
from pathlib import Path

from runner.model.inspection import FileFormat, Inspection, Level
from runner.modelfile import limits
from runner.modelfile import printable as text
from runner.modelfile.draft import Draft
from runner.modelfile.formats import bytecode as pickles
from runner.modelfile.formats import checkpoint_index as table
from runner.modelfile.formats import graph_reader as read_graph
from runner.modelfile.formats import hdf5_superblock, savedmodel
from runner.modelfile.formats.text_reader import read_text
from runner.modelfile.formats.zip_reader import read_zip
from runner.modelfile.inspection_text import title_of

HEAD = 4096
CHUNK = 1 << 20
USERBLOCKS = (512, 1024, 2048)  # where HDF5 may begin as well
TEXT_LIKE = bytes(range(0x20, 0x7F)) + b"\t\r\n\x0c\x1b" + bytes(range(0x80, 0x100))


class NoFile(Exception):  # noqa: N818 - the user's mistake; the caller says so
    """There is nothing at the path, or nothing that can be read; the message says what."""


def inspect(path: Path) -> Inspection:
    """Look at one file, SavedModel folder or checkpoint. Raises NoFile, and nothing else."""
    draft = Draft(path=str(path), format=FileFormat.UNKNOWN, bytes=0)
    try:
        if path.is_file():
            path.open("rb").close()
        _look(draft, path)
    except PermissionError as error:
        raise NoFile(f"cannot be read: {error.strerror or error}") from error
    except OSError as error:
        words = text.clean(error.strerror or error)
        draft.problem("unreadable", f"reading it failed: {words}; not all of it was inspected")
    except (MemoryError, RecursionError):
        words = "inspecting it takes more memory than it may; not all of it was inspected"
        draft.problem("too-much", words)
    return draft.finish(title_of(draft))


def _look(draft: Draft, path: Path) -> None:
    if path.is_dir():
        _folder(draft, path)
    elif path.exists():
        if not stat.S_ISREG(path.stat().st_mode):
            raise NoFile("is no regular file")
        _file(draft, path)
    elif (index := path.with_name(f"{path.name}.index")).is_file():
        _measure(draft, index.parent, f"{path.name}.*")
        read_graph.read_checkpoint(draft, index)
    else:
        raise NoFile("there is no such file")


def _measure(draft: Draft, folder: Path, glob: str) -> None:
    sizes = []
    for number, path in enumerate(folder.glob(glob)):
        if number > limits.MEMBERS:
            break
        if path.is_file() and not path.is_symlink():
            sizes.append(path.stat().st_size)
    draft.files, draft.bytes = len(sizes), sum(sizes)


def _folder(draft: Draft, folder: Path) -> None:
    _measure(draft, folder, "**/*")
    indices = sorted(folder.glob("*.index"))
    if (folder / "saved_model.pb").is_file():
        read_graph.read_saved_model(draft, folder)
    elif (folder / "saved_model.pbtxt").is_file():
        draft.format = FileFormat.SAVEDMODEL
        draft.remark("as-text", Level.NOTE, "its graph is text (.pbtxt) and was not looked at")
    elif indices:
        read_graph.read_checkpoint(draft, _latest(folder, indices))
        if len(indices) > 1:
            draft.remark(
                "several",
                Level.NOTE,
                f"a folder of {len(indices)} checkpoints; name one as folder/prefix",
            )
    elif (folder / "config.json").is_file() and (folder / "metadata.json").is_file():
        draft.format = FileFormat.ARCHIVE
        draft.problem("unpacked", "an unpacked .keras file: zip the files in it as model.keras")
    elif (folder / "model.json").is_file():
        draft.format = FileFormat.FOLDER
        draft.problem("folder", "a folder with a model.json: inspect that file")
    else:
        draft.format = FileFormat.FOLDER
        draft.problem(
            "folder", "a folder without saved_model.pb and without a checkpoint: name a file in it"
        )


def _latest(folder: Path, indices: list[Path]) -> Path:
    """Return the checkpoint that the file ``checkpoint`` names, else the last by name."""
    named = folder / "checkpoint"
    if named.is_file():
        first = named.read_bytes()[:4096].decode("utf-8", "replace").splitlines()[:1]
        name = first[0].partition('"')[2].rpartition('"')[0] if first else ""
        for index in indices:
            if index.stem == Path(name).name:
                return index
    return indices[-1]


def _file(draft: Draft, path: Path) -> None:
    draft.bytes = path.stat().st_size
    with path.open("rb") as stream:
        head = stream.read(HEAD)
        stream.seek(max(0, draft.bytes - 64))
        tail = stream.read(64)
    if not head:
        draft.format = FileFormat.EMPTY
        draft.problem("empty", "empty: it holds no byte; fetch it again")
    elif _is_hdf5(path, head):
        draft.format = FileFormat.HDF5
        from runner.modelfile.formats.hdf5_reader import read_hdf5  # noqa: PLC0415 - h5py: 0.2 s

        read_hdf5(draft, path, head)
        _named(draft, path, (".h5", ".hdf5", ".hdf", ".he5"))
    elif head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        draft.format = FileFormat.ARCHIVE
        read_zip(draft, path)
        if draft.format is FileFormat.KERAS:
            _named(draft, path, (".keras",))
    elif not head.strip(b"\0") and _all_zeros(path):
        draft.format = FileFormat.EMPTY
        draft.problem("empty", "empty: it holds zeros only; fetch it again")
    elif table.is_table(tail):
        _index(draft, path)
    else:
        _by_content(draft, path, head)


def _is_hdf5(path: Path, head: bytes) -> bool:
    """Whether HDF5 begins at 0, or at 512, 1024, 2048 … behind a user block."""
    if head.startswith(hdf5_superblock.MAGIC) or any(
        head[at : at + 8] == hdf5_superblock.MAGIC for at in USERBLOCKS
    ):
        return True
    with path.open("rb") as stream:
        at = HEAD
        while len(head) == HEAD and at < limits.USERBLOCK_BYTES:
            stream.seek(at)
            found = stream.read(len(hdf5_superblock.MAGIC))
            if found == hdf5_superblock.MAGIC or not found:
                return bool(found)
            at *= 2
    return False


def _all_zeros(path: Path) -> bool:
    with path.open("rb") as stream:
        return not any(piece.strip(b"\0") for piece in iter(lambda: stream.read(CHUNK), b""))


def _index(draft: Draft, path: Path) -> None:
    """Read the index of a checkpoint, or a whole checkpoint of TensorFlow 0.x."""
    if path.suffix == ".index":
        _measure(draft, path.parent, f"{path.stem}.*")
        read_graph.read_checkpoint(draft, path)
        return
    draft.format = FileFormat.CHECKPOINT
    draft.problem(
        "weights-only", "a checkpoint in TensorFlow's first format (V1): weights by variable names"
    )


def _by_content(draft: Draft, path: Path, head: bytes) -> None:
    known = _magic(head)
    if known is not None:
        draft.format, name, words = known
        draft.problem(name, words)
        if draft.format is FileFormat.TORCH:
            draft.code("pickle", path.name, "a pickle: loading it runs what it says")
    elif _is_text(head):
        with path.open("rb") as stream:
            read_text(draft, stream.read(limits.CONFIG_BYTES + 1))
    elif head[:1] == b"\x80" and head[1:2] in b"\2\3\4\5":
        _pickle(draft, path)
    else:
        _protobuf(draft, path)


def _is_text(head: bytes) -> bool:
    """UTF-8 without control characters; the last character may be cut."""
    if head.translate(None, TEXT_LIKE):
        return False
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return head[:1] in b'{["<'
    return True


def _magic(head: bytes) -> tuple[FileFormat, str, str] | None:
    if head[4:8] == b"TFL3":
        return (
            FileFormat.TFLITE,
            "not-keras",
            "a TensorFlow Lite model: run it with tf.lite.Interpreter",
        )
    if head.startswith(b"\x93NUMPY"):
        return FileFormat.NUMPY, "not-keras", "a NumPy array (.npy), no model"
    if head.startswith(b"\x1f\x8b"):
        return FileFormat.ARCHIVE, "packed", "packed with gzip: unpack it first, then inspect that"
    if head[257:262] == b"ustar":
        return FileFormat.ARCHIVE, "packed", "a tar archive: unpack it first, then inspect that"
    if head.startswith((b"BZh", b"\xfd7zXZ", b"7z\xbc\xaf", b"Rar!", b"\x28\xb5\x2f\xfd")):
        return FileFormat.ARCHIVE, "packed", "a packed archive: unpack it first, then inspect that"
    return None


def _pickle(draft: Draft, path: Path) -> None:
    draft.format = FileFormat.PICKLE
    with path.open("rb") as stream:
        modules = pickles.modules_in(stream.read(limits.PICKLE_BYTES))
    names = f"; it imports {', '.join(modules[:6])}" if modules else ""
    draft.code("pickle", path.name, f"loading it runs what it says{names}")
    keras = [name for name in modules if name.startswith(("keras", "tensorflow", "tf_keras"))]
    words = "of a Keras model" if keras else "of something"
    draft.problem(
        "pickle",
        f"a pickle {words}: it needs the very modules of its saver, and loading it runs code"
        f"{names}. Load it where it was saved and save it as .keras or .h5",
    )


def _protobuf(draft: Draft, path: Path) -> None:
    data = read_graph.read_bytes(draft, path)
    if data is None:
        return
    if savedmodel.is_saved_model(data):
        draft.remark("part", Level.NOTE, "the graph of a SavedModel: name its folder to load it")
        read_graph.read_saved_model(draft, path.parent)
        if path.name == "saved_model.pb":
            _measure(draft, path.parent, "**/*")
    elif savedmodel.is_meta_graph(data):
        draft.format = FileFormat.META_GRAPH
        draft.problem(
            "graph-only", "the .meta of a TensorFlow 1 checkpoint: a graph, no Keras model"
        )
    elif savedmodel.is_graph(data):
        read_graph.read_bare_graph(draft, data)
    else:
        begins = text.clean(bytes(data[:8]).hex(" "))
        draft.problem("unknown", f"no format that is known; it begins with {begins}")


def _named(draft: Draft, path: Path, endings: tuple[str, ...]) -> None:
    """Loaders choose their reader by the name: say when it misleads them."""
    suffix = path.suffix.lower()
    if suffix in endings:
        return
    if draft.format is FileFormat.KERAS:
        words = f"a .keras zip under the name {path.name}: rename it to {path.stem}.keras"
    elif suffix == ".keras":
        words = (
            f"HDF5 under the name {path.name}: Keras 3 takes it for a zip and refuses it; "
            f"rename it to {path.stem}.h5"
        )
    elif draft.format in (FileFormat.H5, FileFormat.LEGACY_WEIGHTS, FileFormat.WEIGHTS_H5):
        words = f"HDF5 under the name {path.name}: Keras 3 wants {path.stem or 'model'}.h5"
    else:
        return
    draft.remark("misnamed", Level.TRAP, text.clean(words, 400))

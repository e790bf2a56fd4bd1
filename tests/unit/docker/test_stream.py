import struct

from runner.docker.attached_stream import Stream


class Wire:
    """A connection that gives out what it holds in small pieces."""

    def __init__(self, data, piece=3):
        self.data, self.piece, self.sent = data, piece, b""

    def recv(self, count):
        count = min(count, self.piece)
        found, self.data = self.data[:count], self.data[count:]
        return found

    def sendall(self, data):
        self.sent += data


def frame(kind, data):
    return struct.pack(">BxxxL", kind, len(data)) + data


def test_both_streams_come_apart_wherever_the_pieces_end():
    wire = Wire(
        frame(1, b'{"a"') + frame(2, b"warning\n") + frame(1, b": 1}\nrest") + frame(1, b"")
    )
    stream = Stream(wire)
    assert stream.output.readline() == b'{"a": 1}\n'
    assert stream.output.read() == b"rest"
    assert bytes(stream.errors) == b"warning\n"


def test_an_end_in_the_middle_of_a_frame_is_an_end():
    assert (
        Stream(Wire(frame(1, b"whole") + frame(1, b"cut off")[:-3])).output.read() == b"wholecut "
    )
    assert Stream(Wire(b"\x01\x00")).output.read() == b""
    assert Stream(Wire(frame(2, b"cut off")[:-3])).output.read() == b""


def test_what_is_sent_goes_out_in_order():
    wire = Wire(b"")
    Stream(wire).send((b"line\n", b"tar"))
    assert wire.sent == b"line\ntar"


def test_no_more_is_kept_of_the_errors_than_a_megabyte():
    stream = Stream(Wire(frame(2, b"x" * (3 << 20)), piece=1 << 20))
    assert stream.output.read() == b""
    assert len(stream.errors) == 1 << 20

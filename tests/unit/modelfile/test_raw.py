"""Protocol buffers and checkpoint indices, byte by byte."""

import struct

import pytest
from cramjam import snappy

from runner.modelfile.formats import checkpoint_index as table
from runner.modelfile.formats import protobuf
from runner.modelfile.formats.bytecode import python_of


def field(number, payload):
    if isinstance(payload, int):
        return bytes([number << 3]) + varint(payload)
    return bytes([number << 3 | 2]) + varint(len(payload)) + payload


def varint(value):
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def test_fields_come_in_order_with_their_values():
    data = memoryview(field(1, 300) + field(2, b"name") + field(2, b"other"))
    assert [(n, v if isinstance(v, int) else bytes(v)) for n, v in protobuf.fields(data)] == [
        (1, 300),
        (2, b"name"),
        (2, b"other"),
    ]
    assert protobuf.text(data, 2) == "name"
    assert protobuf.number(data, 1) == 300


def test_a_path_leads_into_messages():
    data = memoryview(field(4, field(2, field(1, b"deep"))))
    assert protobuf.text(data, 4, 2, 1) == "deep"
    assert protobuf.first(data, 4, 3) is None


@pytest.mark.parametrize(
    "data",
    [b"\xff" * 30, b"\x0a\x7f", b"\x00\x01", b"\x0b", field(1, b"abc")[:-1], b"\x0d\0"],
)
def test_damaged_messages_are_told(data):
    with pytest.raises(protobuf.NotProtobuf):
        list(protobuf.fields(memoryview(data)))


def block(records):
    data, last = b"", b""
    for key, value in records:
        shared = 0
        while shared < min(len(last), len(key)) and last[shared] == key[shared]:
            shared += 1
        data += (
            varint(shared) + varint(len(key) - shared) + varint(len(value)) + key[shared:] + value
        )
        last = key
    return data + struct.pack("<II", 0, 1)


def index(records, kind=0, pack=bytes):
    def add(data, body):
        body = pack(body)
        return data + body + bytes([kind]) + b"crc!", varint(len(data)) + varint(len(body))

    data, handle = add(b"", block(records))
    data, top = add(data, block([(b"zzz", handle)]))
    meta = varint(0) + varint(0)
    return data + (meta + top).ljust(40, b"\0") + table.MAGIC


def entry(shape, dtype=1):
    dimensions = b"".join(field(2, field(1, size)) for size in shape)
    return field(1, dtype) + field(2, dimensions)


def test_an_index_lists_names_types_and_shapes():
    records = [(b"", b""), (b"layer/bias", entry((3,))), (b"layer/kernel", entry((4, 3), 2))]
    found = table.entries(memoryview(index(records)))
    assert [(one.name, one.dtype, one.shape, one.elements) for one in found] == [
        ("layer/bias", "float32", (3,), 3),
        ("layer/kernel", "float64", (4, 3), 12),
    ]


def test_an_index_with_snappy_blocks_is_read_as_any_other():
    records = [(f"layer/{number}/kernel".encode(), entry((4, 3))) for number in range(50)]
    packed = index(records, kind=1, pack=lambda body: bytes(snappy.compress_raw(body)))
    assert len(packed) < len(index(records))
    assert table.entries(memoryview(packed)) == table.entries(memoryview(index(records)))


def test_only_an_index_that_is_proved_to_be_damaged_is_called_so():
    records = [(b"a", entry((3,)))]
    with pytest.raises(table.NotReadable):
        table.entries(memoryview(index(records)[10:]))
    with pytest.raises(table.NotReadable, match="compressed block is damaged"):
        table.entries(memoryview(index(records, kind=1, pack=lambda body: b"\x7f" + body)))
    with pytest.raises(table.NotSupported, match="compression 2"):
        table.entries(memoryview(index(records, kind=2)))


def test_a_block_that_claims_to_be_huge_is_not_unpacked():
    huge = varint(1 << 31) + b"\0" * 8
    with pytest.raises(table.NotSupported, match="larger than is read here"):
        table.entries(memoryview(index([(b"a", entry((3,)))], kind=1, pack=lambda _: huge)))


@pytest.mark.parametrize("stored", [None, 3, "", "%%%", ["4w=="], {"config": {}}, {"config": 1}])
def test_what_is_no_bytecode_has_no_python(stored):
    assert python_of(stored) is None

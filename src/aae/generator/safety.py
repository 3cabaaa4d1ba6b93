"""What an ONNX file may hold: operators of ONNX itself, and all of its numbers.

Looked at are its bytes (protocol buffers), before anything runs them: the package `onnx`, which
could read them too, is not needed to sample.
"""

from collections.abc import Iterator

from aae.base.checks import expect

DOMAINS = {b"", b"ai.onnx", b"ai.onnx.ml"}
# Fields that lead to other messages, by the numbers of onnx.proto.
FIELDS: dict[str, dict[int, str]] = {
    "model": {7: "graph", 8: "operators", 25: "function"},
    "graph": {1: "node", 5: "tensor", 15: "sparse"},
    "node": {5: "attribute"},
    "function": {7: "node", 9: "operators", 11: "attribute"},
    "attribute": {5: "tensor", 6: "graph", 10: "tensor", 11: "graph", 22: "sparse", 23: "sparse"},
    "sparse": {1: "tensor", 2: "tensor"},
    "operators": {},
    "tensor": {},
}
DOMAIN = {"operators": 1, "node": 7}  # field that names the operators' domain
EXTERNAL_DATA, LOCATION = 13, 14  # of a tensor: where else its numbers lie
DEPTH = 50  # of messages in one another

Value = bytes | int


def check_onnx(content: bytes) -> None:
    """Expect a graph that is complete and made of ONNX's own operators.

    Raises:
        ValueError: it names a file with numbers, operators of others, or is no ONNX file.
    """
    _check("model", content, 0)


def _check(kind: str, content: bytes, depth: int) -> None:
    expect(depth < DEPTH, f"an ONNX graph of at most {DEPTH} levels", "more")
    for number, value in fields(content):
        if kind == "tensor":
            external = number == EXTERNAL_DATA or (number == LOCATION and value != 0)
            expect(not external, "an ONNX graph with all of its numbers", "one with external data")
        elif number == DOMAIN.get(kind):
            expect(value in DOMAINS, "ONNX's own operators alone", value)
        inner = FIELDS[kind].get(number)
        if inner:
            expect(isinstance(value, bytes), "an ONNX graph", "something else")
            _check(inner, bytes(value), depth + 1)


def fields(content: bytes) -> Iterator[tuple[int, Value]]:
    """Numbers and values of a message's fields, in order; numbers of 4 or 8 bytes as bytes.

    Raises:
        ValueError: the bytes are no message.
    """
    place = 0
    while place < len(content):
        key, place = _varint(content, place)
        number, wire = key >> 3, key & 7
        value: Value
        if wire == 0:
            value, place = _varint(content, place)
        else:
            size = {1: 8, 5: 4}.get(wire)
            if wire == 2:
                size, place = _varint(content, place)
            whole = size is not None and place + size <= len(content)
            expect(whole and number > 0, "an ONNX graph", "other bytes, or some of its own")
            value, place = content[place : place + (size or 0)], place + (size or 0)
        yield number, value


def _varint(content: bytes, place: int) -> tuple[int, int]:
    """A whole number, seven bits a byte, and the place after it."""
    number = 0
    for count in range(10):
        expect(place < len(content), "an ONNX graph", "one that is cut short")
        byte, place = content[place], place + 1
        number |= (byte & 127) << 7 * count
        if byte < 128:
            return number, place
    raise ValueError("expected an ONNX graph, got other bytes")

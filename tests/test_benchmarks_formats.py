"""Each bug of the second list is there, and nothing that is close by, or simple, fails."""

import base64
import importlib
import json
import random
import struct
import zlib
from collections.abc import Callable
from functools import reduce
from hashlib import sha1
from operator import xor

import pytest

from benchmarks.arena import FOLDER
from benchmarks.formats import ASIDE, FORMATS, OPEN
from benchmarks.search import BUG


def chunk(kind: bytes, body: bytes) -> bytes:
    return (
        kind
        + struct.pack("<I", len(body))
        + body
        + b"\0" * (len(body) % 2)
        + struct.pack("<I", zlib.adler32(kind + body))
    )


def nested(tag: int, content: bytes) -> bytes:
    return bytes((tag, len(content))) + content


def certificate(path: bytes) -> bytes:
    constraints = nested(0x01, b"\xff") + nested(0x02, path)
    extension = nested(0x30, nested(0x06, b"\x55\x1d\x13") + nested(0x04, constraints))
    return nested(0x30, nested(0x02, b"\x01") + nested(0x0C, b"CN=x") + extension)


def block(name: bytes, size: int, kind: bytes, target: bytes) -> bytes:
    before = name.ljust(24, b"\0") + b"%07o\0" % size
    after = kind + target.ljust(15, b"\0")
    tail = b"ustar\0\0\0"
    total = sum(before) + sum(after) + sum(tail) + 8 * 32
    return before + after + b"%06o\0 " % total + tail


def datagram(option: int, port: int) -> bytes:
    options = bytes((option, 3, 0, 0))
    body = struct.pack(">HHHH", 1000, port, 8, 0)
    header = bytearray(struct.pack(">BBHHHBBHII", 0x46, 0, 32, 0, 0, 64, 17, 0, 1, 2) + options)
    count = sum(struct.unpack(">12H", header))
    while count >> 16:
        count = (count & 0xFFFF) + (count >> 16)
    header[10:12] = struct.pack(">H", ~count & 0xFFFF)
    return bytes(header) + body


def coded(text: str) -> bytes:
    packed, alphabet = b"\x44" * 5, "abdegntu \n"  # every code has four bits
    bits = "".join(f"{alphabet.index(char):04b}" for char in text)
    bits += "0" * (-len(bits) % 8)
    return packed + bytes((len(text),)) + int(bits, 2).to_bytes(len(bits) // 8, "big")


def sentence(body: str) -> bytes:
    return f"${body}*{reduce(xor, body.encode(), 0):02X}".encode()


def records(*bodies: str) -> bytes:
    return b"\n".join(f":{body}{-sum(bytes.fromhex(body)) & 255:02X}".encode() for body in bodies)


def token(algorithm: str, role: str) -> bytes:
    parts = ({"typ": "JWT", "alg": algorithm}, {"role": role})
    texts = [base64.urlsafe_b64encode(json.dumps(each).encode()).rstrip(b"=") for each in parts]
    return b".".join((*texts, b""))


def envelope(level: int) -> bytes:
    packed = base64.b64encode(zlib.compress(f"user:nobody\nlevel:{level}".encode())).decode()
    return json.dumps({"version": 3, "payload": packed}).encode()


def mail(scope: str) -> bytes:
    content = base64.b64encode(f"filter=off\nscope={scope}".encode())
    return b"Content-Type: multipart/mixed; boundary=x\n\n--x\nContent-Transfer-Encoding: base64\n\n%s\n--x--" % content


def catalog(value: bytes) -> bytes:
    text = b"Plural-Forms: " + value
    tables = struct.pack("<II", 0, 36) + struct.pack("<II", len(text), 37)
    return struct.pack("<5I", 0x950412DE, 0, 1, 20, 28) + tables + b"\0" + text + b"\0"


def names(reference: int) -> bytes:
    header = struct.pack(">6H", 1, 0x8000, 1, 1, 0, 0)
    question = b"\1a\1b\0" + struct.pack(">HH", 5, 1)
    return header + question + b"\xc0\x0c" + struct.pack(">HHIH", 5, 1, 0, 2) + bytes((0xC0, reference))


def stored(*requests: bytes) -> bytes:
    return b"".join(
        b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%s\r\n" % (len(word), word) for word in words)
        for words in map(bytes.split, requests)
    )


def wide(folder: str) -> bytes:
    return b"\xff\xfe" + f'Registry 5.00\n[HKEY_USER\\Run]\n"updater"=C:\\{folder}\\x'.encode("utf-16-le")


def machine(number: int) -> bytes:
    return b"\xc5\x01\x01" + struct.pack(">H", number) + b"\x07\x03\x0a" + b"\x09\x00\x01\x20\x04"


def order(discount: int) -> bytes:
    position = b"\x10\x05\x18" + bytes((discount & 127 | 128, discount >> 7))
    return b"\x0a\x06cust-1" + bytes((0x22, len(position))) + position


def cancelled(number: bytes) -> bytes:
    return b"\x83\xa6method\xabunsubscribe\xa6params\x92\xa4logs" + number + b"\xa2id\x01"


def chunked(trailer: bytes) -> bytes:
    head = b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
    return head + b"2\r\nab\r\n0\r\n" + trailer + b": 1\r\n\r\n"


def frame(first: int, payload: bytes) -> bytes:
    mask = b"\1\2\3\4"
    return bytes((first, 0x80 | len(payload))) + mask + bytes(b ^ mask[at % 4] for at, b in enumerate(payload))


def netstring(content: bytes, sign: bytes) -> bytes:
    return b"%d:%s%s" % (len(content), content, sign)


def job(number: bytes) -> bytes:
    needs = netstring(b"1", b"#") + netstring(b"2", b"#")
    parts = ((b"job", b","), (number, b"#"), (b"needs", b","), (needs, b"]"))
    return netstring(b"".join(netstring(*part) for part in parts), b"}")


def object_file(flags: int) -> bytes:
    sections = struct.pack("<IIIII", 0, 2, 0, 24, 7) + struct.pack("<IIIII", 1, 1, flags, 24, 1)
    header = struct.pack("<4sBBBxHHIHHH", b"\x7fOBJ", 1, 1, 1, 1, 3, 31, 20, 2, 0)
    assert len(header) == 22
    return header + b"\0\0" + b"\0.init\0" + sections


def pack(size: int) -> bytes:
    def packed(kind: int, content: bytes) -> bytes:
        return bytes((kind << 4 | len(content),)) + zlib.compress(content)

    contents = packed(3, b"abc") + packed(6, bytes((3, size, 0x80, 0, size)))
    data = struct.pack(">4sII", b"PACK", 2, 2) + contents
    return data + sha1(data, usedforsecurity=False).digest()


def picture(last: int) -> bytes:
    data = bytes((0, 2, 0, 1, 2, 0, 0, 0, 255, 255, last, 0xC3, 1))
    return b"RUNS\r\n" + data + struct.pack(">I", zlib.crc32(data))


def music(status: bytes) -> bytes:
    events = b"\0\x90\1\1" + b"\0\xff\x51\3\0\0\1" + b"\0" + status + b"\1\1" + b"\0\xff\x2f\0"
    return b"MThd" + struct.pack(">IHHH", 6, 0, 1, 96) + b"MTrk" + struct.pack(">I", len(events)) + events


def query(order: bytes) -> bytes:
    return b"/?action=restore&state=" + base64.urlsafe_b64encode(b"page:audit;sort:" + order).rstrip(b"=")


def call(price: str) -> bytes:
    values = f"<value><string>x</string></value><value><double>{price}</double></value>"
    return f"<call><method>shop.setPrice</method><params>{values}</params></call>".encode()


SOUND = b"SND2" + chunk(b"fmt ", b"\x02" + struct.pack("<H", 8000))

SOLUTIONS: dict[str, tuple[bytes, bytes]] = {
    "archive": (block(b"x", 0, b"2", b"../y"), block(b"x", 0, b"2", b"./y")),
    "bitmap": (
        b"BR\x04\x02\x02" + b"\0" * 6 + b"\x04\x00\0\0" + b"\x04\x01\0\0",
        b"BR\x04\x02\x02" + b"\0" * 6 + b"\x04\x00\0\0" + b"\x02\x01\x02\x01\0\0",
    ),
    "booking": (b"2024-01-01/2024-01-29 2 Weekend", b"2024-01-01/2024-01-28 2 Weekend"),
    "calculator": (b"let a = 3; let b = a / (a - 3);", b"let a = 3; let b = 3 / (a - 3);"),
    "catalog": (catalog(b"2"), catalog(b"1")),
    "cbor": (b"\xd8\x1e\x82\x01\x00", b"\xd8\x1f\x82\x01\x00"),
    "chat": (
        b"NICK a\nUSER a b\nJOIN #c\nKICK #c a\nPRIVMSG #c :x",
        b"NICK a\nUSER a b\nJOIN #c\nKICK #c b\nPRIVMSG #c :x",
    ),
    "chunked": (chunked(b"Content-Length"), chunked(b"Content-Type")),
    "chunks": (SOUND + chunk(b"data", b"abc"), SOUND + chunk(b"data", b"abcd")),
    "codes": (coded("a debug"), coded("adebug")),
    "cookies": (
        b"Set-Cookie: __Host-a=b; Secure; Path=/; Domain=a.b",
        b"Set-Cookie: __Host-a=b; Secure; Path=/; Domain=.",
    ),
    "datagram": (datagram(0x83, 53), datagram(0x84, 53)),
    "der": (certificate(b"\x00\x80"), certificate(b"\x7f")),
    "dialect": (
        b"id;kind;day;of\n1;payment;2024-02-02;\n2;refund;2024-02-01;1",
        b"id;kind;day;of\n1;payment;2024-02-02;\n2;refund;2024-02-02;1",
    ),
    "envelope": (envelope(9), envelope(8)),
    "form": (b"users[0][name]=a%00b", b"users[0][nome]=a%00b"),
    "frames": (
        frame(0x01, b"a") + frame(0x88, b"\x03\xed"),
        frame(0x81, b"a") + frame(0x88, b"\x03\xed"),
    ),
    "hexrecords": (records("020000040800", "01FFC00000"), records("020000040800", "01FFBF0000")),
    "ini": (b"[paths]\nhome = ${logs}/x\nlogs = a", b"[paths]\nhome = a/x\nlogs = a"),
    "lisp": (b"(define x '()) (head x)", b"(define x '(1)) (head x)"),
    "machine": (machine(0x1234), machine(0x1235)),
    "mail": (mail("all"), mail("one")),
    "mailbox": (
        b"HELO a\r\nMAIL FROM:<a>\r\nRCPT TO:<b>\r\nDATA\r\nx\r\n.\r\nMAIL FROM:<c>\r\nDATA",
        b"HELO a\r\nMAIL FROM:<a>\r\nRCPT TO:<b>\r\nDATA\r\nx\r\n\r\nMAIL FROM:<c>\r\nDATA",
    ),
    "markup": (
        b'<x xmlns:d="urn:drawing"><d:script></d:script></x>',
        b'<x xmlns:svg="urn:drawing"><svg:script></svg:script></x>',
    ),
    "midi": (music(b""), music(b"\x91")),
    "names": (names(12), names(14)),
    "netstrings": (job(b"2"), job(b"3")),
    "objectfile": (object_file(5), object_file(6)),
    "packed": (cancelled(b"\xff"), cancelled(b"\x01")),
    "packfile": (pack(4), pack(3)),
    "patch": (
        b"--- a\n+++ b\n@@ -3,2 +3 @@\n-x\n y\n@@ -4 +4 @@\n",
        b"--- a\n+++ b\n@@ -3,2 +3,2 @@\n x\n y\n@@ -4 +4 @@\n",
    ),
    "position": (
        sentence("GPGGA,120000,9130.0,S,1,05"),
        sentence("GPGGA,120000,9130.0,N,1,05"),
    ),
    "query": (query(b"-time"), query(b"time")),
    "rpc": (call("-1.5"), call("1.5")),
    "runs": (picture(255), picture(254)),
    "schedule": (b"0 0 30 feb *", b"0 0 29 feb *"),
    "settings": (
        b"[server]\nport = 8080\n[firewall]\ndeny = [22, 8080]",
        b"[server]\nport = 8080\n[firewall]\ndeny = [22, 8081]",
    ),
    "store": (
        stored(b"LPUSH a b", b"RENAME a counter", b"INCR counter"),
        stored(b"LPUSH a b", b"RENAME a other", b"INCR other"),
    ),
    "tables": (
        b'return { { name = "a", inherits = "a" } }',
        b'return { { name = "a", inherits = "b" } }',
    ),
    "template": (b"x{?a*}{#a:3}", b"x{?a}{#a:3}"),
    "token": (token("none", "admin"), token("none", "guest")),
    "torrent": (
        b"d8:announce1:x4:infod6:lengthi1e6:pieces2:abee",
        b"d8:announce1:x4:infod6:lengthi2e6:pieces2:abee",
    ),
    "transfer": (
        b"USER anonymous\nPASS a@b\nTYPE A\nREST 121\nRETR readme",
        b"USER anonymous\nPASS a@b\nTYPE A\nREST 120\nRETR readme",
    ),
    "versions": (b">=1.2.3-rc.1 <1.2.3", b">=1.2.3-beta.1 <1.2.3"),
    "wide": (wide("Temp"), wide("Tomp")),
    "wire": (order(2 * 101 - 1), order(2 * 100 - 1)),
}
"""Format -> what reaches the bug, and what just does not."""


def target_of(name: str) -> tuple[Callable[[bytes], None], type[Exception]]:
    module = importlib.import_module(f"benchmarks.targets.formats.fuzz_{name}")
    return getattr(module, f"fuzz_{name}"), getattr(module, BUG)


def test_all_formats_are_searched_and_half_of_them_are_set_aside() -> None:
    there = [file.stem.removeprefix("fuzz_") for file in FOLDER.glob("formats/fuzz_*.py")]
    assert sorted(FORMATS) == sorted(there) == sorted(SOLUTIONS)
    assert len(ASIDE) == len(OPEN) == len(FORMATS) // 2
    assert set(ASIDE) | set(OPEN) == set(FORMATS)


@pytest.mark.parametrize("name", FORMATS)
def test_format_fails_for_its_bug_and_for_nothing_near(name: str) -> None:
    target, planted = target_of(name)
    solution, near_miss = SOLUTIONS[name]
    target(near_miss)
    with pytest.raises(planted):
        target(solution)


@pytest.mark.parametrize("name", FORMATS)
def test_format_does_not_fail_for_what_is_simple(name: str) -> None:
    target, _ = target_of(name)
    solution, _ = SOLUTIONS[name]
    random_source = random.Random(0)
    for data in (b"", b"\0", b"\0\xff" * 40, b"{}", b"a=b\n", bytes(range(256))):
        target(data)
    for length in range(len(solution) // 2):
        target(solution[:length])
    for _ in range(2000):
        target(random_source.randbytes(random_source.randrange(40)))

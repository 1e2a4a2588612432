"""A key-value store in SQLite, checked against a dict: what was put in comes out, in order, and counted right.

Shows a set-up: the database is opened once, closed at the end, and each input is three typed values. Nothing is known
to be found; the lone surrogates that SQLite cannot store are refused before they reach it.
"""

import sqlite3

import fuzztui


def fuzz_store(f: fuzztui.F) -> None:
    database = sqlite3.connect(":memory:")
    f.cleanup(database.close)
    database.execute("CREATE TABLE store (key TEXT PRIMARY KEY, value BLOB, score REAL)")

    f.add("key", b"value", 3.5)
    f.add("", b"", -0.0)
    f.add("caf\u00e9'; DROP TABLE store; --", b"\x00\xff", float("inf"))

    @f.fuzz(raises=UnicodeEncodeError)
    def round_trip(key: str, value: bytes, score: float) -> None:
        key.encode()
        database.execute("DELETE FROM store")
        expected = {}
        for k, v in ((key, value), (key.upper(), value[::-1]), (key, value * 2)):
            database.execute("INSERT OR REPLACE INTO store VALUES (?, ?, ?)", (k, v, score))
            expected[k] = v
        assert dict(database.execute("SELECT key, value FROM store")) == expected
        assert database.execute("SELECT value FROM store WHERE key = ?", (key,)).fetchone() == (expected[key],)
        # SQLite keeps numbers bit by bit, but a NaN becomes NULL.
        stored = {row[0] for row in database.execute("SELECT score FROM store")}
        assert stored == ({None} if score != score else {score})

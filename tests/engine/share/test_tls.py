"""A real server that speaks TLS and asks for a password; what is wrong with either is one sentence."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from fuzztui.engine.share.place import ServerPlace, parse_place
from fuzztui.engine.share.stir import Stir
from fuzztui.engine.share.store import START, StoreError
from tests.engine.share.servers import EncryptedServer, RealServer, needs_tls, server

pytest.importorskip("valkey", reason="the package valkey is not installed")
pytestmark = needs_tls

__all__ = ["server"]

TOPIC, ME, OTHER = "0" * 32, "me.00000000", "other.11111111"
SECRET = "hunter2 @:/?#%"
QUOTED = "hunter2%20%40%3A%2F%3F%23%25"


@pytest.fixture
def encrypted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[EncryptedServer]:
    real = EncryptedServer(tmp_path, "--requirepass", SECRET)
    monkeypatch.setenv("SSL_CERT_FILE", str(real.certificate))
    real.start()
    yield real
    real.stop()


def why_not(url: str) -> str:
    from fuzztui.engine.share.streams import StreamStore

    place = parse_place(url, Path("/"))
    assert isinstance(place, ServerPlace)
    store = StreamStore(place, TOPIC, ME)
    with pytest.raises(StoreError) as caught:
        store.open()
    store.close()
    sentence = str(caught.value.sentence)
    assert "\n" not in sentence
    assert "hunter" not in sentence
    return sentence


@pytest.mark.parametrize("scheme", ["valkeys", "rediss"])
def test_what_is_published_is_read(encrypted: EncryptedServer, scheme: str) -> None:
    from fuzztui.engine.share.streams import StreamStore

    place = parse_place(f"{scheme}://:{QUOTED}@localhost:{encrypted.port}", Path("/"))
    assert isinstance(place, ServerPlace)
    assert not place.doubts
    mine, others = StreamStore(place, TOPIC, ME), StreamStore(place, TOPIC, OTHER)
    assert mine.open() == others.open()
    others.publish([b"a"])
    assert [told.content for told in mine.read({OTHER: START}, 5.0, Stir())] == [b"a"]
    mine.close()
    others.close()


def test_what_is_wrong_is_said(encrypted: EncryptedServer, server: RealServer, monkeypatch: pytest.MonkeyPatch) -> None:
    from fuzztui.engine.share import streams

    monkeypatch.setattr(streams, "CONNECT_TIMEOUT", 0.5)
    monkeypatch.setattr(streams, "TIMEOUT", 0.5)
    address = f"127.0.0.1:{encrypted.port}"
    assert why_not(f"valkeys://{address}") == "it asks for a password"
    assert why_not(f"valkeys://:wrong@{address}") == "it does not take this password, or this user"
    assert why_not(f"valkeys://nobody:{QUOTED}@{address}") == "it does not take this password, or this user"
    assert why_not(f"valkey://:{QUOTED}@{address}").endswith(": valkeys:// is with TLS")
    assert why_not(server.url.replace("valkey:", "valkeys:")).endswith(": valkey:// is without")
    monkeypatch.delenv("SSL_CERT_FILE")
    untrusted = why_not(f"valkeys://:{QUOTED}@{address}")
    assert untrusted == (
        "its certificate is not trusted: self-signed certificate; SSL_CERT_FILE names a file with those that are"
    )


def test_a_certificate_for_another_host_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = EncryptedServer(tmp_path, host="DNS:elsewhere.example")
    monkeypatch.setenv("SSL_CERT_FILE", str(real.certificate))
    real.start()
    try:
        assert why_not(real.url).startswith("its certificate is for another host: ")
    finally:
        real.stop()

"""A real server of Valkey or Redis for a test, on a port of its own."""

import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support import wait_for

PROGRAM = shutil.which("valkey-server") or shutil.which("redis-server")

needs_server = pytest.mark.skipif(PROGRAM is None, reason="there is neither valkey-server nor redis-server here")


class RealServer:
    """A server that keeps what it has on the disk, as far as its default for that goes."""

    is_encrypted = False

    def __init__(self, folder: Path, *arguments: str, host: str = "127.0.0.1") -> None:
        self._host = host
        with socket.socket() as probe:
            probe.bind((host, 0))
            self.port: int = probe.getsockname()[1]
        self._folder = folder
        self._arguments = arguments
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"valkey://{self._host}:{self.port}"

    def start(self) -> None:
        assert PROGRAM is not None
        port = "--tls-port" if self.is_encrypted else "--port"
        command = [PROGRAM, port, str(self.port), "--bind", self._host, "--dir", str(self._folder), "--save", ""]
        self.process = subprocess.Popen([*command, "--appendonly", "yes", *self._arguments], stdout=subprocess.DEVNULL)
        wait_for(self._answers, "the server")

    def _answers(self) -> bool:
        try:
            with socket.create_connection((self._host, self.port), 1) as connection:
                connection.sendall(b"PING\r\n")
                return self.is_encrypted or connection.recv(16).startswith((b"+PONG", b"-NOAUTH"))
        except OSError:
            return False

    def kill(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.kill()


class EncryptedServer(RealServer):
    """One that speaks TLS alone, with a certificate for this machine that it has signed itself."""

    is_encrypted = True

    def __init__(self, folder: Path, *arguments: str, host: str = "IP:127.0.0.1,DNS:localhost") -> None:
        self.certificate, key = folder / "certificate.pem", folder / "key.pem"
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
             "-keyout", key, "-out", self.certificate, "-days", "2", "-subj", "/CN=test",
             "-addext", f"subjectAltName={host}"],
            check=True, capture_output=True,
        )  # fmt: skip
        keys = "--tls-cert-file", str(self.certificate), "--tls-key-file", str(key), "--tls-auth-clients", "no"
        super().__init__(folder, "--port", "0", *keys, *arguments)

    @property
    def url(self) -> str:
        return f"valkeys://127.0.0.1:{self.port}"


def speaks_tls() -> bool:
    """Whether the server here was built with it, and there is what makes a certificate."""
    if PROGRAM is None or shutil.which("openssl") is None:
        return False
    with tempfile.TemporaryDirectory() as folder:
        command = [PROGRAM, "--port", "0", "--tls-auth-clients", "no", "--dir", folder, "--maxclients", "none"]
        said = subprocess.run(command, capture_output=True, text=True, check=False).stdout  # stops at the last one
    return "tls-auth-clients" not in said


needs_tls = pytest.mark.skipif(not speaks_tls(), reason="no valkey-server or redis-server with TLS, or no openssl")


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RealServer]:
    folder = tmp_path / "server"
    folder.mkdir()
    real = RealServer(folder)
    real.start()
    yield real
    real.stop()

"""The standard library's email parser, and what a mail program asks of its result."""

from email import message_from_bytes, policy

SEEDS = (
    b"From: Ann <ann@example.org>\nTo: b@example.org, c@example.org\nSubject: =?utf-8?q?caf=C3=A9?=\n\nHi\n",
    b"Date: Mon, 1 Jan 2024 10:00:00 +0100\nMessage-ID: <1@example.org>\n\n",
    b"MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=x\n\n--x\n\na\n--x\n"
    b"Content-Type: text/plain; charset=latin-1\nContent-Transfer-Encoding: base64\n\naGk=\n--x--\n",
)


def fuzz_email(data: bytes) -> None:
    try:
        message = message_from_bytes(data, policy=policy.default)
        for part in message.walk():
            for name, value in part.items():
                str(name), str(value)
            part.get_filename()
            part.get_payload(decode=True)
    except Exception:
        return

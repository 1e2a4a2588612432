"""A session in which mail is handed over: greeting, sender, recipients, data, in this order, and it may begin anew."""


class PlantedError(Exception):
    """A second message is sent to a recipient of the first without naming it again."""


class Session:
    """What has been said so far."""

    def __init__(self) -> None:
        """Nothing."""
        self.state = "start"
        self.recipients: list[str] = []
        self.messages = 0

    def line(self, text: str) -> int:
        """The reply's code."""
        verb, _, rest = text.partition(" ")
        verb = verb.upper()
        if verb == "QUIT":
            self.state = "end"
            return 221
        if verb in ("HELO", "EHLO"):
            if not rest:
                return 501
            self.state = "greeted"
            return 250
        if self.state == "start":
            return 503
        if verb == "RSET":
            self.state = "greeted"
            return 250
        if verb == "MAIL":
            if self.state != "greeted" or not rest.upper().startswith("FROM:<"):
                return 503
            self.state = "sender"
            return 250
        if verb == "RCPT":
            if self.state not in ("sender", "recipient") or not rest.upper().startswith("TO:<"):
                return 503
            self.recipients.append(rest[4:-1])
            self.state = "recipient"
            return 250
        if verb == "DATA":
            if self.state == "sender" and self.recipients and self.messages:
                raise PlantedError
            if self.state != "recipient":
                return 503
            self.state = "data"
            return 354
        return 500

    def text(self, line: str) -> None:
        """A line of the message."""
        if line == ".":
            self.messages += 1
            self.state = "greeted"


def fuzz_mailbox(data: bytes) -> None:
    session = Session()
    for line in data.decode("latin-1").split("\r\n"):
        if session.state == "data":
            session.text(line)
        elif session.state == "end":
            return
        else:
            session.line(line)

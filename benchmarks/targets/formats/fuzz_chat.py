"""A chat's lines: one says who one is, joins channels, speaks, removes others, who must be there."""


class PlantedError(Exception):
    """Somebody who was removed from a channel speaks in it."""


class MalformedError(Exception):
    """The line is none of the protocol."""


class Server:
    """What it knows of one connection, and of channels."""

    def __init__(self) -> None:
        """Nobody has said anything."""
        self.nick = ""
        self.user = ""
        self.channels: dict[str, set[str]] = {}
        self.removed: set[str] = set()
        self.replies: list[str] = []

    def handle(self, line: str) -> None:
        """One line."""
        text, colon, trailing = line.partition(" :")
        words = text.split()
        if colon:
            words.append(trailing)
        if not words:
            return
        command, *arguments = words
        handler = HANDLERS.get(command.upper())
        if handler is None:
            self.replies.append("421")
            return
        if command.upper() not in ("NICK", "USER", "QUIT") and not (self.nick and self.user):
            self.replies.append("451")
            return
        handler(self, arguments)

    def set_nick(self, arguments: list[str]) -> None:
        if len(arguments) != 1 or not arguments[0][0].isalpha() or len(arguments[0]) > 9:
            raise MalformedError("nick")
        self.nick = arguments[0]

    def set_user(self, arguments: list[str]) -> None:
        if len(arguments) < 2:
            raise MalformedError("user")
        self.user = arguments[0]

    def join(self, arguments: list[str]) -> None:
        for channel in arguments:
            if not channel.startswith("#"):
                raise MalformedError("channel")
            self.channels.setdefault(channel, set()).add(self.nick)

    def kick(self, arguments: list[str]) -> None:
        if len(arguments) < 2:
            raise MalformedError("kick")
        channel, nick = arguments[:2]
        if channel not in self.channels:
            self.replies.append("403")
        elif nick not in self.channels[channel]:
            self.replies.append("441")
        else:
            self.channels[channel].remove(nick)
            self.removed.add(channel)

    def speak(self, arguments: list[str]) -> None:
        if len(arguments) != 2:
            raise MalformedError("message")
        if arguments[0] in self.removed:
            raise PlantedError

    def quit(self, _: list[str]) -> None:
        raise MalformedError("quit")


HANDLERS = {
    "NICK": Server.set_nick,
    "USER": Server.set_user,
    "JOIN": Server.join,
    "KICK": Server.kick,
    "PRIVMSG": Server.speak,
    "QUIT": Server.quit,
}


def fuzz_chat(data: bytes) -> None:
    server = Server()
    try:
        for line in data.decode("latin-1").split("\n"):
            server.handle(line.rstrip("\r"))
    except MalformedError:
        return

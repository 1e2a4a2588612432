"""A session of a file server: log in, change folders, set the type, resume, retrieve."""


class PlantedError(Exception):
    """A file is resumed in text mode at a place beyond its end."""


FILES = {"/": ["pub", "readme"], "/pub": ["data.bin"]}
SIZES = {"/readme": 120, "/pub/data.bin": 4096}


class Session:
    """Who is there, and where."""

    def __init__(self) -> None:
        """Nobody."""
        self.user = ""
        self.logged_in = False
        self.folder = "/"
        self.binary = True
        self.offset = 0

    def command(self, line: bytes) -> int:
        """The reply's code."""
        name, _, argument = line.decode("ascii").partition(" ")
        match name:
            case "USER":
                self.user = argument
                self.logged_in = False
                return 331 if argument in ("anonymous", "root") else 530
            case "PASS":
                self.logged_in = self.user == "anonymous" and "@" in argument
                return 230 if self.logged_in else 530
        if not self.logged_in:
            return 530
        match name:
            case "CWD":
                target = "/" + argument.strip("/")
                if target not in FILES:
                    return 550
                self.folder = target
            case "TYPE":
                if argument not in ("A", "I"):
                    return 504
                self.binary = argument == "I"
            case "REST":
                if not argument.isdigit():
                    return 501
                self.offset = int(argument)
                return 350
            case "RETR":
                path = self.folder.rstrip("/") + "/" + argument
                if path not in SIZES:
                    return 550
                if not self.binary and self.offset > SIZES[path]:
                    raise PlantedError
                self.offset = 0
            case _:
                return 502
        return 250


def fuzz_transfer(data: bytes) -> None:
    session = Session()
    try:
        for line in data.split(b"\n"):
            session.command(line)
    except UnicodeDecodeError:
        return

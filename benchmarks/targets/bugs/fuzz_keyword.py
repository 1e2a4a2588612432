"""A greeting, a keyword and a number in decimal, with spaces between them."""


class PlantedError(Exception):
    """The words are right and so is the number."""


def fuzz_keyword(data: bytes) -> None:
    text = data.decode("latin-1")
    if not text.startswith("HELLO "):
        return
    words = text.split(" ")
    if len(words) != 3 or words[1] != "transfer":
        return
    try:
        amount = int(words[2])
    except ValueError:
        return
    if amount == 31337:
        raise PlantedError

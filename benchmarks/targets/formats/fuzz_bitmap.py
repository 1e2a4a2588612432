"""A picture in runs: width, height, a palette, then rows of runs and of literal pixels, each with an end mark."""


class PlantedError(Exception):
    """The last row of a picture is filled by one run of the last colour."""


class MalformedError(Exception):
    """The bytes are no picture."""


def picture(data: bytes) -> list[list[int]]:
    """Rows of pixels."""
    if data[:2] != b"BR" or len(data) < 6:
        raise MalformedError("magic")
    width, height, colours = data[2], data[3], data[4]
    if not (4 <= width <= 64 and 2 <= height <= 64) or not 2 <= colours <= 16:
        raise MalformedError("size")
    at = 5 + 3 * colours
    if at > len(data):
        raise MalformedError("palette")
    rows: list[list[int]] = []
    while len(rows) < height:
        row: list[int] = []
        runs = 0
        while True:
            if at + 2 > len(data):
                raise MalformedError("end")
            count, value = data[at], data[at + 1]
            at += 2
            if count == 0:
                if value == 0:
                    break
                row += data[at : at + value]
                at += value
                runs += 2
            else:
                row += [value] * count
                runs += 1
        if len(row) != width:
            raise MalformedError("width")
        if max(row) >= colours:
            raise MalformedError("colour")
        rows.append(row)
        if len(rows) == height and runs == 1 and row[0] == colours - 1:
            raise PlantedError
    return rows


def fuzz_bitmap(data: bytes) -> None:
    try:
        picture(data)
    except MalformedError:
        return

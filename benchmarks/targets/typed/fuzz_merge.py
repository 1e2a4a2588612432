"""A list of pairs, and a number that what they come to has to equal."""


class PlantedError(Exception):
    """It is the one."""


def fuzz_merge(intervals: list[tuple[int, int]], limit: int) -> None:
    merged: list[list[int]] = []
    for low, high in sorted(intervals):
        if low > high:
            return
        if merged and low <= merged[-1][1]:
            merged[-1][1] = max(merged[-1][1], high)
        else:
            merged.append([low, high])
    covered = sum(high - low for low, high in merged)
    if len(intervals) > len(merged) > 1 and limit > 100 and covered == limit:
        raise PlantedError

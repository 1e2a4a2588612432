"""How long what helps the search makes way for it: running crashers again, and making their inputs smaller."""

from typing import Final

from fuzztui.engine.request.options import usable_cores

SHARE: Final = 10
"""One of so many parts of all workers' time is taken by what helps, all of it together."""

SHARE_BESIDE: Final = 25
"""One of so many parts of the processor time that the workers could have is taken by a process beside them, where each
of that job's kinds has half of it if both have something to do. It costs the coordinator about as much again.
"""


def rest(took: float, workers: int, *, others_wait: bool) -> float:
    """How long a job does nothing that has kept one of so many workers from the search for as long as `took`, in the
    same unit. `others_wait`: whether another job has something to do that helps: then each has half of the share.
    """
    parts = SHARE * (2 if others_wait else 1)
    return took * max(0.0, parts / workers - 1)


def rest_beside(took: float, cpu: float, workers: int, *, others_wait: bool, cores: int | None = None) -> float:
    """The same of a job that has had a process beside so many workers for itself, for `took` seconds in which that had
    `cpu` seconds of the processor: on a busy machine it gets little, and then it need not rest for long. Where another
    job waits for that process, it has it as long. `cores`: as many processors as may be used; those of this machine if
    None. Where there is one to spare, it costs nothing.
    """
    cores = usable_cores() if cores is None else cores
    parts = 0 if cores > workers else SHARE_BESIDE * (2 if others_wait else 1)
    return max(took if others_wait else 0.0, cpu * parts / min(cores, workers) - took)

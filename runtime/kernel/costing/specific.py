"""个别计价: every lot or serial number is a pool of its own and goes out at its own cost."""

from runtime.kernel.valuing.average import AveragePool


class Specific(AveragePool):
    """Inside the one pool of a lot the average is the cost itself."""

    __slots__ = ()
    name = "specific"

"""移动加权平均: after every receipt a new average, at which goods go out."""

from runtime.kernel.valuing.average import AveragePool


class MovingAverage(AveragePool):
    """Two integers per pool."""

    __slots__ = ()
    name = "moving_average"

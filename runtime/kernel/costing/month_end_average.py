"""月末一次加权平均: one average per pool and month, at which all that goes out in it goes out.

Plan cost with a variance rate (材料成本差异率) is the same: the rate of a month times the plan
value of what goes out is the month's average times its quantity.
"""

from runtime.kernel.valuing.average import AveragePool


class MonthEndAverage(AveragePool):
    """Quantity and value; the months are solved where all their moves are known."""

    __slots__ = ()
    name = "month_end_average"
    monthly = True
    carries_leg = False

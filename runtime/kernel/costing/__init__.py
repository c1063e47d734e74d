"""One costing method per file; this is the list of them."""

from collections.abc import Mapping
from types import MappingProxyType

from runtime.kernel.costing.moving_average import MovingAverage
from runtime.kernel.costing_method import CostingMethod

METHODS: Mapping[str, CostingMethod] = MappingProxyType(
    {method.name: method for method in (MovingAverage(),)}
)

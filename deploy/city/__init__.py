"""The demo city 临江市 Linjiang (``9901``): generated areas, grids, units, matters and a policy."""

from deploy.city.loading import CITY, load

__all__ = ["CITY", "load"]

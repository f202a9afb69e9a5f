"""Levels of supervision (督办)."""

from enum import StrEnum


class SupervisionLevel(StrEnum):
    """督办: ordinary 普通, yellow card 黄牌, red card 红牌."""

    ORDINARY = "ordinary"
    YELLOW_CARD = "yellow_card"
    RED_CARD = "red_card"

    @property
    def rank(self) -> int:
        """How grave an order is, from 1; where there is none, one says 0."""
        return list(SupervisionLevel).index(self) + 1

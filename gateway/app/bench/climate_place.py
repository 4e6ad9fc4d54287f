"""What everybody did in one house."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One house, climate and seed, and what each did there: verdicts by (who, tariff)."""

    house: str
    climate: str
    seed: int
    found: dict[tuple[str, str], dict[str, Any]]

    @property
    def ours(self) -> dict[str, Any]:
        return self.found["auto", "flat"]

    @property
    def classic(self) -> dict[str, Any]:
        best: dict[str, Any] = self.found["tune", "flat"]["energy"]
        return best

    @property
    def limit_kh(self) -> float:
        return float(self.found["perfect", "flat"]["limit_kh"])

    @property
    def first_week(self) -> float:
        return float(self.ours["first_week_kh_below"])

    @property
    def first_week_limit(self) -> float:
        return float(self.found["perfect", "flat"]["first_week_limit_kh"])

    @property
    def energy(self) -> float:
        return float(self.ours["kwh_net_week"] / self.classic["kwh_net_week"])

    @property
    def cost(self) -> float:
        return float(self.found["auto", "tou"]["cost_net_week"] / self.found["tune", "tou"]["cost"]["cost_net_week"])

    @property
    def gap(self) -> float:
        """Share of what the optimum saves over the best classic."""
        least = self.found["perfect", "flat"]["optimum"]["kwh_net_week"]
        theirs = self.classic["kwh_net_week"]
        return float((theirs - self.ours["kwh_net_week"]) / (theirs - least))

"""The only one that orders heat: limits, guards, leases and fault reactions. Plain code without a model.

What it guarantees, and what no software can, is in docs/climate-safety.md.
"""

from gateway.climate.supervisor.ruling import Ruling
from gateway.climate.supervisor.supervisor import Supervisor

__all__ = ["Ruling", "Supervisor"]

"""Control by plain laws: works from minute zero, and whenever the plan does not."""

from gateway.climate.classic.choice import cycle_of
from gateway.climate.classic.classic import Classic
from gateway.climate.classic.pulse import Pulse

__all__ = ["Classic", "Pulse", "cycle_of"]

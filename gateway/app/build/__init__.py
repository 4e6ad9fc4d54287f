"""The composition root: from Settings to everything that runs, by plain constructor calls."""

from gateway.app.build.corridor import Corridor, build

__all__ = ["Corridor", "build"]

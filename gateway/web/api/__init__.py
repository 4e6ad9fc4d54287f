"""The API under /api/v1, one module a subject; docs/api.md is its table."""

from gateway.web.api.routes import ROUTES, Route

__all__ = ["ROUTES", "Route"]

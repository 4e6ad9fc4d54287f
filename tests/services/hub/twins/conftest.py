from tests.services.hub.store.conftest import dsn, postgresql, store, where

__all__ = ["dsn", "postgresql", "store", "where"]

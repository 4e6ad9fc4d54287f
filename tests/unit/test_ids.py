from gateway.types import new_id


def test_ids_sort_in_the_order_they_were_made_also_within_one_millisecond() -> None:
    ids = [new_id(1_700_000_000_000) for _ in range(10_000)]
    assert ids == sorted(ids)
    assert len(set(ids)) == len(ids)


def test_an_id_has_the_version_and_variant_of_uuid_7() -> None:
    made = new_id()
    assert len(made) == 32
    assert made[12] == "7"
    assert made[16] in "89ab"

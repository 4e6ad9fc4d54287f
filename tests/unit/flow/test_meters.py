"""What inferences took."""

import threading

from gateway.flow.meters import WINDOW, Meters, Taken, quantile


def test_each_model_and_backend_is_counted_by_itself() -> None:
    meters = Meters()
    meters.took("faces", "cpu", took_s=0.5)
    meters.took("faces", "tpu", took_s=0.25, waited_s=0.125)
    meters.took("motion", "cpu", took_s=1.0)
    found = meters.all()
    assert set(found) == {("faces", "cpu"), ("faces", "tpu"), ("motion", "cpu")}
    assert found["faces", "tpu"] == Taken(
        count=1, total_s=0.25, p50_s=0.25, p95_s=0.25, wait_p50_s=0.125, wait_p95_s=0.125
    )


def test_quantiles_are_of_the_whole_window() -> None:
    meters = Meters()
    for milliseconds in reversed(range(100)):
        meters.took("faces", "cpu", took_s=milliseconds / 1000, waited_s=milliseconds / 100)
    taken = meters.all()["faces", "cpu"]
    assert (taken.p50_s, taken.p95_s) == (0.05, 0.095)
    assert (taken.wait_p50_s, taken.wait_p95_s) == (0.5, 0.95)


def test_what_is_older_than_the_window_is_forgotten_by_quantiles_and_not_by_counts() -> None:
    meters = Meters()
    meters.took("faces", "cpu", took_s=1000.0)
    for _ in range(WINDOW):
        meters.took("faces", "cpu", took_s=1.0)
    taken = meters.all()["faces", "cpu"]
    assert (taken.count, taken.total_s, taken.p95_s) == (WINDOW + 1, 1000.0 + WINDOW, 1.0)


def test_a_failure_is_no_answer_and_its_key_is_kept() -> None:
    meters = Meters()
    meters.failed("faces", "tpu", "tpu_lost")
    meters.failed("faces", "tpu", "tpu_hung")
    assert meters.all()["faces", "tpu"] == Taken(errors=2, last_error="tpu_hung")


def test_what_was_given_out_does_not_change() -> None:
    meters = Meters()
    meters.took("faces", "cpu", took_s=1.0)
    before = meters.all()
    meters.took("faces", "cpu", took_s=3.0)
    assert before["faces", "cpu"].count == 1


def test_threads_lose_no_count() -> None:
    meters, threads, each = Meters(), 8, 2000

    def work() -> None:
        for _ in range(each):
            meters.took("faces", "cpu", took_s=1.0)
            meters.failed("faces", "cpu", "model_failed")

    running = [threading.Thread(target=work) for _ in range(threads)]
    for thread in running:
        thread.start()
    while any(thread.is_alive() for thread in running):
        meters.all()
    taken = meters.all()["faces", "cpu"]
    assert (taken.count, taken.errors, taken.total_s) == (threads * each, threads * each, threads * each)


def test_the_quantile_of_nothing_is_zero() -> None:
    assert quantile([], 0.95) == 0.0
    assert quantile([7.0], 0.0) == quantile([7.0], 1.0) == 7.0

"""A gateway that watches and warms nothing loads nothing of what that takes."""

import subprocess
import sys

HEAVY = ("av", "cv2", "highspy", "amqtt", "gateway.perception", "gateway.climate", "ai_edge_litert", "onnxruntime")


def test_nothing_is_loaded_that_nobody_asked_for() -> None:
    asked = f"import sys, gateway.app.run; print(*sorted(set({HEAVY!r}) & set(sys.modules)))"
    told = subprocess.run([sys.executable, "-c", asked], check=True, capture_output=True, text=True, timeout=60)
    assert told.stdout.split() == []

"""A home that takes in models, and the publisher that signs them: every command is a process of its own."""

import json
import subprocess
import sys
import urllib.request
from collections.abc import Mapping, Sequence
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any

import numpy as np
from prometheus_client.parser import text_string_to_metric_families

from gateway.models import vectors
from gateway.models.bundle.archive import open_bundle
from gateway.models.bundle.signatures import Signatures
from gateway.models.packaged import WEIGHTS, packaged_cards
from gateway.models.tpu.custom import custom_model
from gateway.wire.model_card import CardFile, ModelCard, Supplied, TpuVariant
from services.factory.bundling import pack
from tests.browser.scene import write_clip
from tests.models.tiny import sha256
from tests.native import FakeEdgeTpu
from tests.native.compiled import EXECUTABLE

from .corridor import ROOT, Gateway, configure
from .mosquitto import Mosquitto, free_port

MODEL = "motion_check_v1"
METRICS_TOKEN = "canary-t0k3n-of-the-metrics"
SEAL_KEY = "5ea1" * 16
QUICK_PLAN = {
    "share": 1.0,
    "shadow_samples": 20,
    "canary_samples": 20,
    "duty": 1.0,
    "watch_hours": 0.0,
    "cooldown_hours": 0.0,
    "gates": {"latency_ratio": 1000.0, "agreement": 0.7, "saturated_share": 0.3, "temperature_c": 200.0},
}
"""Some twenty frames a phase; only how long an answer takes is not judged, on cores that others use too."""


class Publisher:
    """Has a key of its own, and packs releases of the packaged motion network."""

    def __init__(self, folder: Path, fake: FakeEdgeTpu) -> None:
        self.folder = folder
        folder.mkdir()
        self._fake = fake
        self.said: list[str] = []
        self.packaged = packaged_cards()[MODEL]
        self.public = self.keygen("publisher")
        (folder / "plan.json").write_text(json.dumps(QUICK_PLAN))

    def keygen(self, name: str) -> str:
        """The public half."""
        return self._factory("keygen", str(self.folder / f"{name}.pem")).strip()

    @property
    def private(self) -> str:
        """What nobody else may ever see of the key."""
        return (self.folder / "publisher.pem").read_text().splitlines()[1]

    def release(self, serial: int) -> ModelCard:
        """The packaged network with a variant for the accelerator, on which the fake answers golden questions well."""
        plain = self.packaged
        assert plain.golden is not None
        for name in (plain.file, plain.golden.name):
            (self.folder / name).write_bytes((WEIGHTS / name).read_bytes())
        for case in vectors.read(plain, (self.folder / plain.golden.name).read_bytes()):
            self._fake.answer(case.inputs, case.outputs)
        data = custom_model(plain.inputs, plain.outputs, EXECUTABLE)
        file = CardFile(name=f"{MODEL}_edgetpu.tflite", sha256=sha256(data), bytes=len(data))
        (self.folder / file.name).write_bytes(data)
        changes = {"serial": serial, "version": f"1.{serial}", "tpu": TpuVariant(file=file)}
        return plain.model_copy(update={**changes, "origin": Supplied(kind="bundle")})

    def bundle(self, name: str, card: ModelCard, *options: str, key: str = "publisher") -> Path:
        card_file, out = self.folder / f"{name}.json", self.folder / f"{name}.bundle"
        card_file.write_text(card.model_dump_json())
        given = ("--key", self.folder / f"{key}.pem", "--card", card_file, "--files", self.folder, "--out", out)
        self._factory("bundle", *map(str, given), "--plan", str(self.folder / "plan.json"), *options)
        return out

    def _factory(self, *arguments: str) -> str:
        command = [sys.executable, "-m", "services.factory", *arguments]
        ran = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
        self.said.append(ran.stdout + ran.stderr)
        return ran.stdout


class ModelsHome:
    """One camera that looks twice at a drawn garden, an accelerator that can be pulled out, a publisher it trusts.
    `more` is for the configuration."""

    def __init__(self, folder: Path, broker: Mosquitto, *, sealed: bool = False, **more: Any) -> None:
        self.folder, self.machine = folder / "home", folder / "machine"
        self.folder.mkdir()
        self.fake = FakeEdgeTpu(folder)
        self.plug_in()
        self.publisher = Publisher(folder / "publisher", self.fake)
        write_clip(folder / "garden.mp4", 4.0)
        camera = {"name": "garden", "file": str(folder / "garden.mp4"), "loop": True, "rest_s": 1.5, "quiet_s": 1}
        models = {"directory": "models", "tpu_library": self.fake.library, "trusted_keys": [self.publisher.public]}
        self.config = configure(
            self.folder,
            mqtt={"host": "127.0.0.1", "port": broker.port, "credential": "broker"},
            cameras=[{**camera, "motion_check": True}],
            models={**models, **({"seal_credential": "seal"} if sealed else {})},
            web={"host": "127.0.0.1", "port": free_port(), "metrics_credential": "metrics"},
            **more,
        )
        for name, content in (("metrics", METRICS_TOKEN), ("seal", SEAL_KEY)):
            (self.folder / "secrets" / name).touch(mode=0o600)
            (self.folder / "secrets" / name).write_text(content)
        self.said: list[str] = []

    def plug_in(self) -> None:
        (self.machine / "dev").mkdir(parents=True, exist_ok=True)
        (self.machine / "dev" / "apex_0").touch()

    def pull_out(self) -> None:
        (self.machine / "dev" / "apex_0").unlink()

    def heat(self, temp_c: float) -> None:
        """So hot is the accelerator from now on."""
        sensor = self.machine / "sys/class/apex/apex_0"
        sensor.mkdir(parents=True, exist_ok=True)
        (sensor / "temp").write_text(f"{temp_c * 1000:.0f}")

    def gateway(self) -> Gateway:
        return Gateway(self.config, program=("tests.integration.plugged", str(self.machine)))

    def hearthgate(self, *arguments: str) -> tuple[int, str]:
        """`hearthgate models ...` on this home: the status, and all that it said."""
        command = [sys.executable, "-m", "gateway.app.cli", "models", *arguments, "--config", str(self.config)]
        ran = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)
        self.said.append(ran.stdout + ran.stderr)
        return ran.returncode, self.said[-1]

    def object(self, file: CardFile) -> Path:
        return self.folder / "models" / "objects" / file.sha256

    def slots(self) -> Mapping[str, Any]:
        file = self.folder / "models" / "slots" / f"{MODEL}.json"
        return json.loads(file.read_text()) if file.exists() else {}

    def written(self) -> Mapping[str, bytes]:
        """Every file of the home and its content, but for the secrets themselves."""
        files = [file for file in self.folder.rglob("*") if file.is_file() and file.parent.name != "secrets"]
        return {str(file.relative_to(self.folder)): file.read_bytes() for file in files}


class Owner:
    """Signed in to the page of a running gateway; claims it at the first visit."""

    def __init__(self, gateway: Gateway, *, claims: bool) -> None:
        assert gateway.page is not None
        self._page = gateway.page.rstrip("/")
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
        login = {"user": "owner", "password": "long enough for a test"}
        self._post("claim" if claims else "login", {**login, **({"code": gateway.claim_code} if claims else {})})

    def get(self, path: str) -> Any:
        with self._opener.open(f"{self._page}/api/v1/{path}", timeout=10) as answer:
            return json.load(answer)

    def events(self, kind: str) -> Sequence[Mapping[str, Any]]:
        """Newest first."""
        found: Sequence[Mapping[str, Any]] = self.get(f"events?kind={kind}")["events"]
        return found

    def _post(self, path: str, body: Mapping[str, str]) -> None:
        headers = {"Content-Type": "application/json", "Origin": self._page}
        asked = urllib.request.Request(f"{self._page}/api/v1/{path}", json.dumps(body).encode(), headers)
        self._opener.open(asked, timeout=10).close()


def scraped(gateway: Gateway) -> Mapping[tuple[str, ...], float]:
    """What a real Prometheus reads: by name and the values of the labels in the order of their names."""
    asked = urllib.request.Request(f"{gateway.page}metrics", headers={"Authorization": f"Bearer {METRICS_TOKEN}"})
    with urllib.request.urlopen(asked, timeout=10) as answer:
        families = text_string_to_metric_families(answer.read().decode())
        samples = [sample for family in families for sample in family.samples]
    return {(one.name, *(one.labels[label] for label in sorted(one.labels))): one.value for one in samples}


def flipped(file: Path) -> Path:
    """One bit in the middle of it is another one."""
    data = np.fromfile(file, np.uint8)
    data[data.size // 2] ^= 1
    file.write_bytes(data.tobytes())
    return file


def unsigned(bundle: Path) -> Path:
    """The same without its signatures."""
    with open_bundle(bundle) as found:
        objects = {sha256: section.read(section.size) for sha256, section in found.objects.items()}
        packed = pack(found.manifest, Signatures(signatures=()), objects)
    file = bundle.with_suffix(".unsigned")
    file.write_bytes(packed)
    return file

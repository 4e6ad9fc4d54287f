"""The card of a model: what it is, where it comes from, what its tensors must look like."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Sha256 = str


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class TensorSpec(_Strict):
    """`shape` includes the batch; `scale` and `zero_point` only where the tensor is quantised."""

    name: str | None = None
    shape: tuple[int, ...]
    dtype: Literal["float32", "uint8", "int8", "int32", "int64"]
    scale: float | None = None
    zero_point: int | None = None


class Origin(_Strict):
    """Where the bytes come from: a member of a package archive, read as data and never run.

    `package` and `version` name it in the registry, `archive` is "wheel" or "sdist", `member` the path within.
    """

    package: str
    version: str
    archive: Literal["wheel", "sdist"]
    archive_sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    member: str
    member_sha256: str = Field(pattern=r"^[0-9a-f]{64}$")


class ModelCard(_Strict):
    """One model. `file` is its name in the model directory; `sha256` and `bytes` are checked before any runtime
    opens it (`sha256` is None only for a model built on the device, which its golden vectors accept instead and
    whose hash the store then records)."""

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9_.-]*$")
    version: str
    role: Literal["face_detector", "face_embedder", "classifier"]
    file: str
    sha256: str | None = Field(default=None, pattern=r"^[0-9a-f]{64}$")
    bytes: int | None = None
    licence: str
    notice: str
    origin: Origin
    builder: Literal["copy", "dlib_resnet"] = "copy"
    inputs: tuple[TensorSpec, ...]
    outputs: tuple[TensorSpec, ...]
    thresholds: dict[str, float] = Field(default_factory=dict)

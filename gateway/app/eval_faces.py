"""Whose faces are in these photos? Measuring recognition on folders of photos, one face a photo."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from gateway.errors import GatewayError, Invalid
from gateway.perception.blazeface import Floats, Rgb
from gateway.perception.faces import EMBEDDING_SIZE, FacePipeline
from gateway.perception.gallery import Gallery, Template, Thresholds, Verdict, mean_template
from gateway.perception.photo import decode_photo, faces_in, meant

UNKNOWN = "unknown"

FOR_PHOTOS = Thresholds(recognised=0.945, maybe=0.933, margin=0.01)
"""A vector averaged with its mirror image lies nearer to everything than that of one video frame, for which the model
card's thresholds are. How they were chosen: docs/faces.md."""

Progress = Callable[[str], None]

_SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".pgm", ".ppm", ".bmp", ".webp", ".tif", ".tiff"})
_EVERY = 25
_ONE_MODEL = "eval"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FaceRead:
    """What one photo gave: `vector` (128,) unit, or the `reason` why there is none."""

    file: str
    vector: Floats | None = None
    face_px: float = 0.0
    score: float = 0.0
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """One answer. `name` is "unknown" below the threshold; `nearest` and `score` (cosine) tell who came closest
    all the same; `verdict` is recognised, maybe or unknown; `reason` says why there is no face."""

    probe: str
    name: str
    score: float
    face_px: float
    verdict: str
    nearest: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FaceResult:
    """`people` maps a name to the number of photos used; `refused` lists gallery photos without a usable face as
    (file, reason)."""

    probes: tuple[Probe, ...]
    people: dict[str, int]
    refused: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class EmbedResult:
    """`files` N paths relative to the folder, `embeddings` (N, 128) float32 of unit length, `face_px` and `score`
    (N,) float32; `missed` the files without a face."""

    files: tuple[str, ...]
    embeddings: Floats
    face_px: Floats
    score: Floats
    missed: tuple[str, ...]


def evaluate_faces(
    gallery: Path,
    probes: Path,
    pipeline: FacePipeline,
    *,
    thresholds: Thresholds = FOR_PHOTOS,
    progress: Progress = lambda _text: None,
) -> FaceResult:
    """`gallery` holds a folder of photos per person, `probes` photos at any depth. A probe is named from the
    "maybe" threshold on (fewer than 1 % of strangers get in); the verdict tells more. Bad files are reported, never
    raised; raises `Invalid`: "folder_missing", "gallery_empty"."""
    people, used, refused = _enrolled(gallery, pipeline, progress)
    if not people:
        raise Invalid("gallery_empty", folder=gallery.name)
    known = Gallery(model=_ONE_MODEL, templates=people, thresholds=thresholds)
    answers = tuple(_answer(read, known) for read in _reads(probes, pipeline, progress))
    return FaceResult(probes=answers, people=used, refused=refused)


def evaluate_embed(
    folder: Path, npz: Path, pipeline: FacePipeline, *, progress: Progress = lambda _text: None
) -> EmbedResult:
    """The embeddings of all photos below `folder`, written to `npz` as arrays files, embeddings, face_px, score,
    missed. Raises `Invalid("folder_missing")`."""
    reads = list(_reads(folder, pipeline, progress))
    seen = [read for read in reads if read.vector is not None]
    vectors = [read.vector for read in seen if read.vector is not None]
    result = EmbedResult(
        files=tuple(read.file for read in seen),
        embeddings=np.stack(vectors) if vectors else np.zeros((0, EMBEDDING_SIZE), np.float32),
        face_px=np.array([read.face_px for read in seen], np.float32),
        score=np.array([read.score for read in seen], np.float32),
        missed=tuple(read.file for read in reads if read.vector is None),
    )
    with npz.open("wb") as file:
        np.savez(
            file,
            files=np.array(result.files, np.str_),
            embeddings=result.embeddings,
            face_px=result.face_px,
            score=result.score,
            missed=np.array(result.missed, np.str_),
        )
    return result


def _enrolled(
    gallery: Path, pipeline: FacePipeline, progress: Progress
) -> tuple[tuple[Template, ...], dict[str, int], tuple[tuple[str, str], ...]]:
    by_name: dict[str, list[Floats]] = {}
    refused: list[tuple[str, str]] = []
    for read in _reads(gallery, pipeline, progress):
        parts = Path(read.file).parts
        if read.vector is None or len(parts) < 2:
            refused.append((read.file, read.reason or "not_in_a_folder"))
        else:
            by_name.setdefault(parts[0], []).append(read.vector)
    templates = tuple(
        Template(person=name, name=name, model=_ONE_MODEL, vector=mean_template(vectors))
        for name, vectors in by_name.items()
    )
    return templates, {name: len(vectors) for name, vectors in by_name.items()}, tuple(refused)


def _answer(read: FaceRead, known: Gallery) -> Probe:
    if read.vector is None:
        return Probe(
            probe=read.file, name=UNKNOWN, score=0.0, face_px=0.0, verdict=Verdict.UNKNOWN.value, reason=read.reason
        )
    match = known.match(read.vector)
    return Probe(
        probe=read.file,
        name=UNKNOWN if match.verdict is Verdict.UNKNOWN else match.name or UNKNOWN,
        score=round(match.score, 5),
        face_px=round(read.face_px, 1),
        verdict=match.verdict.value,
        nearest=match.name,
    )


def _reads(folder: Path, pipeline: FacePipeline, progress: Progress) -> Iterator[FaceRead]:
    files = _photos(folder)
    for number, path in enumerate(files):
        if number % _EVERY == 0:
            progress(f"{folder.name}: {number} of {len(files)} photos")
        yield read_face(path, str(path.relative_to(folder)), pipeline)
    progress(f"{folder.name}: {len(files)} of {len(files)} photos")


def _photos(folder: Path) -> list[Path]:
    if not folder.is_dir():
        raise Invalid("folder_missing", folder=folder.name)
    return sorted(p for p in folder.rglob("*") if p.suffix.lower() in _SUFFIXES and p.is_file())


def read_face(path: Path, name: str, pipeline: FacePipeline) -> FaceRead:
    """The face that the photo at `path` is about. What is wrong with a photo becomes its `reason`."""
    try:
        return read_rgb(_picture(path.read_bytes()), name, pipeline)
    except GatewayError as error:
        return FaceRead(file=name, reason=error.key)
    except OSError as error:
        return FaceRead(file=name, reason=f"unreadable: {error.strerror}")


def read_rgb(rgb: Rgb, name: str, pipeline: FacePipeline) -> FaceRead:
    """The same of a picture (H, W, 3) RGB."""
    chosen = meant(faces_in(pipeline, rgb), rgb.shape[1], rgb.shape[0])
    if chosen is None:
        return FaceRead(file=name, reason="no_face")
    portrait = pipeline.portrait(rgb, pipeline.refine(rgb, chosen))
    vector = pipeline.embed_both_ways(portrait.chip)
    return FaceRead(file=name, vector=vector, face_px=chosen.width, score=chosen.score)


def _picture(data: bytes) -> Rgb:
    """Research sets also come as PGM, BMP and the like, which a person's upload may not be."""
    try:
        return decode_photo(data)
    except Invalid as error:
        if error.key != "photo_not_image":
            raise
    try:
        bgr = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    except cv2.error:
        bgr = None
    if bgr is None:
        raise Invalid("photo_not_image")
    return np.ascontiguousarray(bgr[..., ::-1], np.uint8)

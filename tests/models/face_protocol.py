"""How well are people told apart? LFW verification and households, as docs/faces.md reports them.

`python -m tests.models.face_protocol --data ../shared/data --folds 3,4,5` prints one JSON document. Research photos
stay where they are; nothing of them is written.
"""

import argparse
import json
import sys
import zlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import av
import cv2
import numpy as np

from gateway.app.eval_faces import FaceRead, read_rgb
from gateway.perception.blazeface import Floats, Rgb
from gateway.perception.faces import FacePipeline
from gateway.perception.gallery import mean_template
from tests.models.faces import real_pipeline

Spoil = Callable[[Rgb, str], Rgb]
Vectors = dict[str, Floats]

HOUSEHOLDS, MEMBERS, ENROLLED, LEAST_PHOTOS, MOST_PHOTOS, STRANGERS = 200, 4, 3, 6, 10, 1000
LFW_FACE_PX = 109
"""The median face box in lfw200."""

SHIPPED = (0.929, 0.943)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    fold: int
    first: str
    second: str
    same: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """`accuracy` is the mean over folds, each at the threshold chosen on the others."""

    accuracy: float
    deviation: float
    tpr_1e2: float
    tpr_1e3: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Household:
    """Shares over all households: identified = right name and above the threshold that lets 1 % (0.1 %) of the
    strangers in, each household for itself (`identified`) or one for all; `fixed` maps a shipped threshold to
    (identified, strangers let in, wrong names)."""

    identified: float
    worst_5_percent: float
    one_threshold_1: tuple[float, float]
    one_threshold_01: tuple[float, float]
    fixed: dict[str, tuple[float, float, float]]
    people: int
    strangers: int


def pairs(file: Path) -> list[Pair]:
    """LFW's View 2, folds counted from 1."""
    lines = file.read_text(encoding="utf-8").splitlines()
    per_fold = 2 * int(lines[0].split("\t")[1])
    return [_pair(line.split("\t"), 1 + number // per_fold) for number, line in enumerate(lines[1:])]


def _pair(words: list[str], fold: int) -> Pair:
    if len(words) == 3:
        words = [words[0], words[1], words[0], words[2]]
    first, second = (f"{name}_{int(number):04d}" for name, number in (words[:2], words[2:]))
    return Pair(fold=fold, first=first, second=second, same=words[0] == words[2])


def person(photo: str) -> str:
    return photo[:-5]


def read_all(
    files: Iterable[Path], pipeline: FacePipeline, spoil: Spoil | None = None
) -> tuple[Vectors, list[FaceRead]]:
    """Vectors by photo name, and every read for its width and reason."""
    reads = []
    for number, file in enumerate(files):
        bgr = cv2.imread(str(file), cv2.IMREAD_COLOR)
        assert bgr is not None, file
        rgb = np.ascontiguousarray(bgr[..., ::-1], np.uint8)
        reads.append(read_rgb(spoil(rgb, file.stem) if spoil else rgb, file.stem, pipeline))
        if number % 200 == 199:
            sys.stderr.write(f"{number + 1} photos\n")
    return {read.file: read.vector for read in reads if read.vector is not None}, reads


def verification(vectors: Vectors, chosen: Sequence[Pair]) -> Verification:
    """A photo without a face counts as unlike everything."""
    nothing = np.zeros(128, np.float32)
    scores = np.array([float(vectors.get(p.first, nothing) @ vectors.get(p.second, nothing)) for p in chosen])
    same, fold = np.array([p.same for p in chosen]), np.array([p.fold for p in chosen])
    accuracies = []
    for one in np.unique(fold):
        steps = np.unique(scores[fold != one])
        right = [((scores >= t) == same)[fold != one].mean() for t in steps]
        accuracies.append(((scores >= steps[int(np.argmax(right))]) == same)[fold == one].mean())
    return Verification(
        accuracy=float(np.mean(accuracies)),
        deviation=float(np.std(accuracies)),
        tpr_1e2=_tpr(scores, same, 1e-2),
        tpr_1e3=_tpr(scores, same, 1e-3),
    )


def _tpr(scores: Floats, same: "np.ndarray[tuple[int, ...], np.dtype[np.bool_]]", fpr: float) -> float:
    return float((scores[same] > _strict(scores[~same], fpr)).mean())


def _strict(scores: Floats, share: float) -> float:
    """The threshold above which only this share of the scores lies."""
    return float(np.sort(scores)[::-1][int(len(scores) * share)])


@dataclass(frozen=True, slots=True, eq=False)
class _Visits:
    best: Floats
    right: "np.ndarray[tuple[int, ...], np.dtype[np.bool_]]"
    strangers: Floats


def households(enrolled: Vectors, probes: Vectors, *, seed: int = 0) -> Household:
    """Open set: templates are means over `enrolled`, looks come from `probes` (the same photos, perhaps spoilt)."""
    rng = np.random.default_rng(seed)
    photos: dict[str, list[str]] = {}
    for photo in sorted(enrolled.keys() & probes.keys()):
        photos.setdefault(person(photo), []).append(photo)
    many = [name for name, own in photos.items() if len(own) >= LEAST_PHOTOS]
    visits = [_visits(rng, many, photos, enrolled, probes) for _ in range(HOUSEHOLDS)]
    return _summed(visits, len(many))


def _visits(
    rng: np.random.Generator, many: list[str], photos: dict[str, list[str]], enrolled: Vectors, probes: Vectors
) -> _Visits:
    members = [many[i] for i in rng.choice(len(many), MEMBERS, replace=False)]
    own = [[photos[name][i] for i in rng.permutation(len(photos[name]))[:MOST_PHOTOS]] for name in members]
    templates = np.stack([mean_template([enrolled[p] for p in mine[:ENROLLED]]) for mine in own])
    looks = [(at, photo) for at, mine in enumerate(own) for photo in mine[ENROLLED:]]
    scores = np.stack([probes[photo] for _, photo in looks]) @ templates.T
    others = [own_[rng.integers(len(own_))] for name, own_ in photos.items() if name not in members]
    strangers = [others[i] for i in rng.permutation(len(others))[:STRANGERS]]
    return _Visits(
        best=scores.max(axis=1),
        right=scores.argmax(axis=1) == np.array([at for at, _ in looks]),
        strangers=(np.stack([probes[p] for p in strangers]) @ templates.T).max(axis=1),
    )


def _summed(visits: list[_Visits], people: int) -> Household:
    each = [float((v.right & (v.best > _strict(v.strangers, 0.01))).mean()) for v in visits]
    best, right = np.concatenate([v.best for v in visits]), np.concatenate([v.right for v in visits])
    strangers = np.concatenate([v.strangers for v in visits])

    def at(share: float) -> tuple[float, float]:
        threshold = _strict(strangers, share)
        return float((right & (best > threshold)).mean()), threshold

    return Household(
        identified=float(np.mean(each)),
        worst_5_percent=float(np.mean(np.sort(each)[: len(each) // 20])),
        one_threshold_1=at(0.01),
        one_threshold_01=at(0.001),
        fixed={
            str(t): (
                float((right & (best >= t)).mean()),
                float((strangers >= t).mean()),
                float((~right & (best >= t)).mean()),
            )
            for t in SHIPPED
        },
        people=people,
        strangers=len(visits[0].strangers),
    )


def spoiler(*, face_px: float, gain: float, blur: float, noise: float, quality: int, of_px: float) -> Spoil:
    """A far, dark, blurred, noisy camera: faces of `of_px` shrunk to `face_px`, then light, lens, sensor, JPEG."""

    def spoil(rgb: Rgb, name: str) -> Rgb:
        scale = face_px / of_px
        small = cv2.resize(rgb, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA).astype(np.float32) * gain
        soft = cv2.GaussianBlur(small, (0, 0), blur)
        grain = np.random.default_rng(zlib.crc32(name.encode())).normal(0, noise, soft.shape)
        _, data = cv2.imencode(
            ".jpg", np.clip(soft + grain, 0, 255).astype(np.uint8), [cv2.IMWRITE_JPEG_QUALITY, quality]
        )
        return np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)

    return spoil


DARK_48 = spoiler(face_px=48, gain=0.35, blur=1.0, noise=3, quality=80, of_px=LFW_FACE_PX)
DIM_48 = spoiler(face_px=48, gain=0.3, blur=0.7, noise=2, quality=80, of_px=LFW_FACE_PX)


def lfw(data: Path, folds: frozenset[int], pipeline: FacePipeline, spoil: Spoil | None) -> dict[str, object]:
    chosen = [pair for pair in pairs(data / "pairs.txt") if pair.fold in folds]
    names = sorted({name for pair in chosen for name in (pair.first, pair.second)})
    everybody = {person(name) for name in names}
    files = [file for file in sorted(data.glob("*.jpg")) if person(file.stem) in everybody]
    vectors, reads = read_all(files, pipeline)
    told: dict[str, object] = {
        "photos": len(reads),
        "missed": len(reads) - len(vectors),
        "verification": asdict(verification(vectors, chosen)),
        "households": asdict(households(vectors, vectors)),
    }
    if spoil is not None:
        spoilt, _ = read_all(files, pipeline, spoil)
        told["spoilt_missed"] = len(reads) - len(spoilt)
        told["spoilt_households"] = asdict(households(vectors, spoilt))
    return told


def orl(data: Path, pipeline: FacePipeline) -> dict[str, object]:
    """Grey, small, and nobody famous."""
    vectors: Vectors = {}
    for folder in sorted(data.glob("s*")):
        found, _ = read_all(sorted(folder.glob("*.pgm")), pipeline)
        vectors.update({f"{folder.name}_{int(stem):04d}": vector for stem, vector in found.items()})
    names = sorted(vectors)
    scores = np.stack([vectors[n] for n in names])
    cosines = (scores @ scores.T)[np.triu_indices(len(names), 1)]
    same = np.array([[person(a) == person(b) for b in names] for a in names])[np.triu_indices(len(names), 1)]
    return {
        "photos": len(names),
        "tpr_1e2": _tpr(cosines, same, 1e-2),
        "tpr_1e3": _tpr(cosines, same, 1e-3),
        "households": asdict(households(vectors, vectors)),
    }


def recall(
    photos: Sequence[Path], street: Rgb, width_px: int, pipeline: FacePipeline, *, seed: int = 0
) -> tuple[float, float]:
    """Share of faces found, and false faces a region: photos pasted into a street so that the face is `width_px`
    wide, sensor noise, JPEG, then a square of five face widths (at least 192 px) about it, off by up to a quarter."""
    rng = np.random.default_rng(seed)
    found, false = 0, 0
    for photo in photos:
        region, place = _scene(photo, street, width_px, rng)
        faces = pipeline.find(region)
        hits = [face for face in faces if float(np.hypot(*np.subtract(face.centre, place))) < width_px / 2]
        found += bool(hits)
        false += len(faces) - len(hits)
    return found / len(photos), false / len(photos)


def _scene(photo: Path, street: Rgb, width_px: int, rng: np.random.Generator) -> tuple[Rgb, tuple[float, float]]:
    """The region and where the middle of the face is in it."""
    bgr = cv2.imread(str(photo), cv2.IMREAD_COLOR)
    assert bgr is not None, photo
    scale = width_px / LFW_FACE_PX
    small = cv2.resize(bgr[..., ::-1], None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    frame, side = street.copy(), small.shape[0]
    x, y = (int(rng.integers(0, limit - side)) for limit in (frame.shape[1], frame.shape[0]))
    frame[y : y + side, x : x + side] = small
    noisy = np.clip(frame + rng.normal(0, 3, frame.shape), 0, 255).astype(np.uint8)
    _, data = cv2.imencode(".jpg", noisy, [cv2.IMWRITE_JPEG_QUALITY, 80])
    seen = np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)
    middle, size = np.array([x + side / 2, y + side / 2]), max(192, 5 * width_px)
    corner = middle - size / 2 + rng.uniform(-size / 4, size / 4, 2)
    x0, y0 = (int(np.clip(c, 0, max(0, limit - size))) for c, limit in zip(corner, street.shape[1::-1], strict=True))
    return seen[y0 : y0 + size, x0 : x0 + size], (float(middle[0] - x0), float(middle[1] - y0))


def recalls(data: Path, pipeline: FacePipeline, count: int = 60) -> dict[str, tuple[float, float]]:
    """By face width. The street is the first picture of OpenCV's vtest.avi at 1280x720, people in it included."""
    with av.open(str(data.parent / "video" / "vtest.avi")) as clip:
        first = next(clip.decode(video=0)).to_ndarray(format="rgb24")
    street = np.asarray(cv2.resize(first, (1280, 720)), np.uint8)
    photos = sorted((data / "lfw200").glob("*_0001.jpg"))[:: max(1, 2000 // count)][:count]
    return {str(width): recall(photos, street, width, pipeline) for width in (24, 32, 40, 48, 64, 96)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--folds", default="3,4,5")
    parser.add_argument("--spoil", choices=("none", "dark48", "dim48"), default="none")
    given = parser.parse_args()
    spoil = {"none": None, "dark48": DARK_48, "dim48": DIM_48}[given.spoil]
    folds = frozenset(int(fold) for fold in given.folds.split(","))
    with real_pipeline() as pipeline:
        told = {
            "recall": recalls(given.data, pipeline),
            "orl": orl(given.data / "orl", pipeline),
            "lfw200": lfw(given.data / "lfw200", folds, pipeline, spoil),
        }
    json.dump(told, sys.stdout, indent=1)


if __name__ == "__main__":
    main()

"""Aligned faces of the open sets, and how well an embedding tells their people apart.

LFW View 2 (G. B. Huang et al., "Labeled Faces in the Wild", UMass Amherst TR 07-49) and ORL (F. Samaria, A. Harter,
"Parameterisation of a stochastic model for human face identification", 1994). The photos measure; none of them trains
or calibrates anything, and nothing of them is written.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from gateway.perception.faces import FacePipeline
from gateway.perception.gallery import mean_template
from gateway.perception.photo import faces_in, meant

Rgb = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float32]
Embed = Callable[[Rgb], Floats]
"""Aligned face (150, 150, 3) RGB -> unit vector (128,)."""
Vectors = Mapping[str, Floats]

TUNED, REPORTED = frozenset({1, 2}), frozenset({3, 4, 5})
"""Folds to choose by, and folds to report on: no person is in both."""
HOUSEHOLDS, MEMBERS, ENROLLED, LEAST_PHOTOS, MOST_PHOTOS = 200, 4, 3, 6, 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    fold: int
    first: str
    second: str
    same: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Household:
    """Shares over all households: `identified` = right name at or above the threshold, `strangers` let in, `wrong`
    names given."""

    identified: float
    strangers: float
    wrong: float


def chips(files: Sequence[Path], pipeline: FacePipeline) -> Iterator[tuple[str, Rgb]]:
    """(stem, aligned face) of the face that each photo is about; photos without one are left out."""
    for file in files:
        bgr = cv2.imread(str(file), cv2.IMREAD_COLOR)
        if bgr is None:
            continue
        rgb = np.ascontiguousarray(bgr[..., ::-1], np.uint8)
        face = meant(faces_in(pipeline, rgb), rgb.shape[1], rgb.shape[0])
        if face is not None:
            yield file.stem, pipeline.portrait(rgb, pipeline.refine(rgb, face)).chip


def embed_all(faces: Mapping[str, Rgb], embed: Embed) -> dict[str, Floats]:
    """By photo: the unit mean of a face and its mirror image, as single photos are embedded."""
    return {name: _both_ways(face, embed) for name, face in faces.items()}


def _both_ways(face: Rgb, embed: Embed) -> Floats:
    return mean_template([embed(face), embed(np.ascontiguousarray(face[:, ::-1]))])


def read_pairs(file: Path, folds: frozenset[int]) -> list[Pair]:
    """Of LFW's pairs.txt; folds count from 1."""
    lines = file.read_text(encoding="utf-8").splitlines()
    per_fold = 2 * int(lines[0].split("\t")[1])
    read = [_pair(line.split("\t"), 1 + number // per_fold) for number, line in enumerate(lines[1:])]
    return [pair for pair in read if pair.fold in folds]


def _pair(words: list[str], fold: int) -> Pair:
    if len(words) == 3:
        words = [words[0], words[1], words[0], words[2]]
    first, second = (f"{name}_{int(number):04d}" for name, number in (words[:2], words[2:]))
    return Pair(fold=fold, first=first, second=second, same=words[0] == words[2])


def person(photo: str) -> str:
    """LFW's names hold underscores, its numbers have four digits."""
    return photo[:-5]


def accuracy(vectors: Vectors, pairs: Sequence[Pair]) -> float:
    """Mean over folds, each at the threshold chosen on the others. A photo without a face is unlike everything."""
    scores, same = scored(vectors, pairs)
    fold = np.asarray([pair.fold for pair in pairs])
    right = []
    for one in np.unique(fold):
        steps = np.unique(scores[fold != one])
        others = [float(((scores >= step) == same)[fold != one].mean()) for step in steps]
        right.append(float(((scores >= steps[int(np.argmax(others))]) == same)[fold == one].mean()))
    return float(np.mean(right))


def tpr(vectors: Vectors, pairs: Sequence[Pair], false_rate: float) -> float:
    """Share of the same pairs above the score that only `false_rate` of the different pairs reach."""
    scores, same = scored(vectors, pairs)
    strangers = np.sort(scores[~same])[::-1]
    return float((scores[same] > strangers[int(len(strangers) * false_rate)]).mean())


def scored(vectors: Vectors, pairs: Sequence[Pair]) -> tuple[Floats, npt.NDArray[np.bool_]]:
    nothing = np.zeros(128, np.float32)
    scores = [float(vectors.get(p.first, nothing) @ vectors.get(p.second, nothing)) for p in pairs]
    return np.asarray(scores, np.float32), np.asarray([p.same for p in pairs], np.bool_)


def households(vectors: Vectors, threshold: float, *, seed: int = 0) -> Household:
    """Open set: four people with three photos each, against their other photos and one photo of everybody else."""
    rng = np.random.default_rng(seed)
    photos: dict[str, list[str]] = {}
    for photo in sorted(vectors):
        photos.setdefault(person(photo), []).append(photo)
    many = [name for name, own in photos.items() if len(own) >= LEAST_PHOTOS]
    counts = np.zeros((HOUSEHOLDS, 5))
    for visit in counts:
        members = [many[i] for i in rng.choice(len(many), MEMBERS, replace=False)]
        visit[:] = _visited(rng, members, photos, vectors, threshold)
    right, wrong, looks, let_in, strangers = counts.sum(axis=0)
    return Household(identified=right / looks, strangers=let_in / strangers, wrong=wrong / looks)


def _visited(
    rng: np.random.Generator,
    members: Sequence[str],
    photos: Mapping[str, list[str]],
    vectors: Vectors,
    threshold: float,
) -> tuple[int, int, int, int, int]:
    """Right names, wrong names, looks at members, strangers let in, looks at strangers."""
    own = [[photos[name][i] for i in rng.permutation(len(photos[name]))[:MOST_PHOTOS]] for name in members]
    templates = np.stack([mean_template([vectors[p] for p in mine[:ENROLLED]]) for mine in own])
    looks = [(at, photo) for at, mine in enumerate(own) for photo in mine[ENROLLED:]]
    scores = np.stack([vectors[photo] for _, photo in looks]) @ templates.T
    right = scores.argmax(axis=1) == np.asarray([at for at, _ in looks])
    named = scores.max(axis=1) >= threshold
    others = [mine[int(rng.integers(len(mine)))] for name, mine in photos.items() if name not in members]
    let_in = (np.stack([vectors[p] for p in others]) @ templates.T).max(axis=1) >= threshold
    return int((right & named).sum()), int((~right & named).sum()), len(looks), int(let_in.sum()), len(others)

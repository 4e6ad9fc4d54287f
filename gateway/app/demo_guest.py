"""Somebody who agreed to be in the demo: enrolled from stills of the clip, by the front door."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import av
import cv2

from gateway.app.build import Corridor

NAME = "Robin"
STILLS = 6
EVERY = 30
"""Frames between two stills: different enough to be worth enrolling."""


async def enrol_guest(clip: Path, say: Callable[[str], None], corridor: Corridor) -> None:
    """A companion: enrols once and ends. Does nothing where faces are off."""
    if corridor.faces is None:
        say("faces are off in this demo; `hearthgate doctor` says why")
        return
    photos = await asyncio.to_thread(stills, clip)
    answer = await corridor.faces.people.enrol(NAME, photos, "the demo")
    if answer.enrolled:
        say(f"enrolled {NAME} from {answer.accepted} stills of the hall clip")
        return
    reasons = ", ".join(sorted({photo.refused for photo in answer.photos if photo.refused}))
    say(f"{NAME} could not be enrolled: {reasons}")


def stills(clip: Path) -> list[bytes]:
    """JPEG pictures out of a clip."""
    found = []
    with av.open(str(clip)) as container:
        for number, frame in enumerate(container.decode(video=0)):
            if number % EVERY == 0:
                _, data = cv2.imencode(".jpg", frame.to_ndarray(format="bgr24"), [cv2.IMWRITE_JPEG_QUALITY, 95])
                found.append(data.tobytes())
            if len(found) == STILLS:
                break
    return found

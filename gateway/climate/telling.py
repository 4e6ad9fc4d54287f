"""What a room does and why, in one sentence."""

from datetime import datetime, tzinfo

from gateway.climate.words import Moment


class Telling:
    """Remembers since when it does it."""

    def __init__(self, zone: tzinfo) -> None:
        self._zone = zone
        self._doing = ""
        self._since: datetime | None = None

    def why(self, clause: str, now: Moment, *, heating: bool, cooling: bool) -> str:
        """Such as "heating since 05:42: 20.0 wanted at 06:30, model says 41 min +/- 6", with `clause` behind the
        colon."""
        doing = "heating" if heating else "cooling" if cooling else "resting"
        if doing != self._doing:
            self._doing, self._since = doing, now.wall
        since = (
            "" if self._since is None or doing == "resting" else f" since {self._since.astimezone(self._zone):%H:%M}"
        )
        return f"{doing}{since}: {clause}"

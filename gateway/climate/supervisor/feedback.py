"""Whether the heater does what it was told: by its meter, by its own word, and where neither speaks, by the room."""

from collections.abc import Mapping

from gateway.climate import saved
from gateway.climate.supervisor.warmth import Warmth
from gateway.climate.supervisor.watch import summer
from gateway.climate.words import Alarm, Observed
from gateway.config.climate import Room

_PATIENCE_S = 900.0
_RESEND_FIRST_S, _RESEND_EVERY_S, _RESENDS = 30.0, 60.0, 5
_CERTAIN_S, _GUESSED_S, _OPENED_S = 60.0, 2 * 3600.0, 24 * 3600.0
"""For how long a fault is believed after its last sign: told by the heater, by the room, and of a relay in series with
a contactor that was opened, since then nothing can show the fault any more."""
_HELD_S = 6 * 3600.0
"""A dead heater is believed dead until it draws power: a spare one keeps the room from telling."""
_STUCK = frozenset({Alarm.RELAY_STUCK_ON, Alarm.VALVE_STUCK})


class Mismatch:
    """For how long heater and order have differed in one way, and when to repeat the order."""

    def __init__(self) -> None:
        self._since_s: float | None = None
        self._resent = 0

    def step(self, *, differs: bool, now_s: float) -> tuple[bool, bool]:
        """(whether it lasts longer than anything explains, whether the order is to be sent again now)."""
        if not differs:
            self._since_s, self._resent = None, 0
            return False, False
        if self._since_s is None:
            self._since_s = now_s
        lasted_s = now_s - self._since_s
        again = self._resent < _RESENDS and lasted_s >= _RESEND_FIRST_S + self._resent * _RESEND_EVERY_S
        self._resent += again
        return lasted_s > _PATIENCE_S, again


class Feedback:
    """`step` every tick with the share that was ordered until now; what others found out (`suspected`) counts too."""

    def __init__(self, room: Room) -> None:
        self.again = False
        """Whether the order is to be sent once more, though nothing changed."""
        self._room = room
        self._on, self._off = Mismatch(), Mismatch()
        self._warmth = Warmth(room)
        self._stuck_until_s = self._failed_until_s = float("-inf")
        self._stuck_by_word = self._failed_by_word = False
        self._now_s = 0.0

    @property
    def stuck_on(self) -> bool:
        return self._now_s <= self._stuck_until_s

    @property
    def failed(self) -> bool:
        return self._now_s <= self._failed_until_s

    def step(
        self,
        observed: Observed,
        share: float,
        target_c: float,
        suspected: frozenset[Alarm],
        *,
        link_up: bool,
        heater_known: bool,
    ) -> None:
        """Where nothing can be done about a stuck relay, and a model watches it (`heater_known`), a warm room alone
        is no sign of one: it may be the sun."""
        now_s = self._now_s = observed.now.mono_s
        temp = observed.temp.good
        self._warmth.step(temp, share, now_s, window=observed.window is True)
        metered = self._metered(observed) if link_up else None  # what was said before the link was lost proves nothing
        word = observed.heater_on if link_up and metered is None else None
        draws = word if metered is None else metered
        needed = temp is None or temp < target_c - 0.3
        stuck, again_off = self._on.step(differs=share == 0.0 and draws is True, now_s=now_s)
        failed, again_on = self._off.step(differs=share >= 0.5 and draws is False and needed, now_s=now_s)
        self.again = again_off or again_on
        sunny = heater_known and self._room.second_contactor is None
        rises = metered is None and self._warmth.rises_unasked and not sunny and not summer(observed)
        self._believe_stuck(word, stuck, rises or (metered is not False and bool(suspected & _STUCK)))
        guessed = Alarm.HEATING_FAILURE in suspected or (metered is None and self._warmth.falls_though_asked)
        if metered is True and share >= 0.5:
            self._failed_until_s = float("-inf")
        elif failed or guessed:
            self._failed_until_s = now_s + _HELD_S
        elif word is True and share >= 0.5 and self._failed_by_word:
            self._failed_until_s = float("-inf")
        self._failed_by_word = (failed and metered is None) or (self._failed_by_word and not guessed)

    def _metered(self, observed: Observed) -> bool | None:
        """Whether power flows; None without a meter. Only a meter shows welded contacts and broken elements: a relay's
        own word is what it was told, so that it can accuse the relay but not clear the heater."""
        power, full_w = observed.power_w.good, self._room.power_w
        if power is None or self._room.drive != "relay":
            return None
        if power > (50.0 if full_w is None else 0.2 * full_w):
            return True
        return False if power < (10.0 if full_w is None else 0.1 * full_w) else None

    def _believe_stuck(self, word: bool | None, certain: bool, guessed: bool) -> None:
        if certain or guessed:
            opened = self._room.second_contactor is not None
            held_s = _OPENED_S if opened else _CERTAIN_S if certain else _GUESSED_S
            self._stuck_until_s = max(self._stuck_until_s, self._now_s + held_s)
            self._stuck_by_word = word is True
        elif self._stuck_by_word and word is False:
            self._stuck_until_s = float("-inf")  # it let go

    def snapshot(self, now_s: float) -> dict[str, object]:
        """For how long the faults that are believed will be."""
        return {
            "stuck_s": max(self._stuck_until_s - now_s, 0.0),
            "failed_s": max(self._failed_until_s - now_s, 0.0),
        }

    def restore(self, state: Mapping[str, object], then_s: float) -> None:
        """`then_s` is when the snapshot was taken. An opened contactor stays open over a restart."""
        stuck_s, failed_s = (
            saved.number(state, "stuck_s", 1.0, _OPENED_S),
            saved.number(state, "failed_s", 1.0, _HELD_S),
        )
        if stuck_s is not None:
            self._stuck_until_s = then_s + stuck_s
        if failed_s is not None:
            self._failed_until_s = then_s + failed_s

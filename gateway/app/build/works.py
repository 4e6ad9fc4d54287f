"""Everything that works on what comes in, and the plan by which it runs and stops."""

from contextlib import AsyncExitStack, aclosing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gateway import __version__
from gateway.app.announcer import announce
from gateway.app.build.base import Base, Beat, Plan, beating, quiet
from gateway.app.build.broker import Broker, open_broker
from gateway.app.build.models import Models, open_models
from gateway.app.build.storage import Storage, retain
from gateway.app.build.things import Switchboard, Things, build_things
from gateway.app.build.uplink import UplinkParts, open_uplink
from gateway.app.build.wires import Wires
from gateway.app.commander import Commander
from gateway.app.evidence import Evidence
from gateway.app.recorder import Recorder
from gateway.app.router import Router, tick
from gateway.app.states import StateTeller
from gateway.config.settings import Settings
from gateway.flow.supervise import supervise
from gateway.rules.engine import RuleEngine
from gateway.rules.parse import rules_from
from gateway.seams import Stimulus
from gateway.sinks.homeassistant import HomeAssistantPublisher
from gateway.sources.mqtt_sensors import MqttSensorSource
from gateway.types import Command, Event, Outcome
from gateway.updates.client import Updater
from gateway.uplink.twin.twin import Twin
from gateway.web.hub import Broadcast

if TYPE_CHECKING:
    from gateway.app.build.cameras import BuiltCamera
    from gateway.app.build.climate import ClimateParts
    from gateway.app.build.faces import Faces


@dataclass(frozen=True, slots=True, kw_only=True)
class Works:
    base: Base
    wires: Wires
    broker: Broker
    models: Models
    faces: "Faces | None"
    things: Things
    cameras: "list[BuiltCamera]"
    router: Router
    commander: Commander
    recorder: Recorder
    evidence: Evidence
    publisher: HomeAssistantPublisher
    switchboard: Switchboard
    climate: "ClimateParts | None"
    uplink: UplinkParts | None

    def plan(self, settings: Settings, storage: Storage) -> Plan:
        """Who runs as what; see `gateway.flow.stages.Stages` for the order of stopping."""
        plan = Plan()
        self._plan_sources(plan)
        self._plan_flow(plan)
        base = self.base
        plan.services += [
            beating(base, "link", self.broker.stay_connected),
            quiet("lag", base.lag.run),
            beating(base, "rollout", self.models.desk.run),
            quiet("homeassistant", self.publisher.run),
            quiet("devices", lambda _beat: self.things.sink.run()),
            quiet("retention", lambda beat: retain(storage, settings, base, beat)),
        ]
        if self.climate is not None:
            self.climate.join(plan, base)
        if self.uplink is not None:
            self.uplink.join(plan, base)
        return plan

    def _plan_sources(self, plan: Plan) -> None:
        base, stimuli = self.base, self.wires.stimuli
        plan.sources += [beating(base, f"camera/{camera.name}", camera.stage.watch) for camera in self.cameras]
        if self.things.sensors is not None:
            sensors = self.things.sensors
            plan.sources.append(quiet("sensors", lambda beat: self._read(sensors, beat)))
        plan.sources.append(quiet("ticks", lambda _beat: tick(base.clock, stimuli)))
        stimuli.expect(len(plan.sources))

    def _plan_flow(self, plan: Plan) -> None:
        base, wires = self.base, self.wires
        plan.flow.append(quiet("aside", wires.carry_aside))
        if self.faces is not None:
            plan.flow.append(beating(base, "faces", self.faces.recogniser.run))
            plan.flow.append(quiet("faces/events", self._carry_faces))
            plan.after_sources.append(self.faces.recogniser.close)
        wires.stimuli.expect(1 if self.faces is None else 2)
        plan.flow += [
            beating(base, "router", self.router.run),
            quiet("commands", lambda beat: self.commander.run(wires.commands, beat)),
            quiet("recorder", self._record),
            quiet("evidence", self.evidence.run),
            quiet("announcer", lambda beat: announce(wires.news, self.publisher, beat)),
        ]
        plan.after_sources.append(self._close_aside)

    async def _read(self, sensors: MqttSensorSource, beat: Beat) -> None:
        readings = supervise(sensors, "sensors", clock=self.base.clock, report=self.base.board.report, beat=beat)
        async with self.wires.stimuli.sender(), aclosing(readings) as items:
            async for reading in items:
                await self.wires.stimuli.send(reading)

    async def _carry_faces(self, _beat: Beat) -> None:
        assert self.faces is not None
        async with self.wires.stimuli.sender(), aclosing(self.faces.recogniser.events()) as events:
            async for event in events:
                self.base.tally.event(event)
                await self.wires.stimuli.send(event)

    async def _record(self, beat: Beat) -> None:
        """What follows on the records ends with them."""
        try:
            await self.recorder.run(self.wires.records, beat)
        finally:
            self.evidence.close()
            self.wires.news.close()

    async def _close_aside(self) -> None:
        self.wires.aside.close()


async def open_works(
    stack: AsyncExitStack,
    settings: Settings,
    base: Base,
    storage: Storage,
    hub: Broadcast,
    *,
    twin: Twin | None,
    updater: Updater,
) -> Works:
    wires = Wires.fresh()
    _spread_states(base, wires, hub)
    broker = await open_broker(stack, settings, base)
    evidence = Evidence(storage.media, base.counters)
    models = await open_models(stack, settings, base, storage, lambda event: _tell(event, wires, hub))
    things = build_things(settings, base, broker.link, wires.aside.put)
    faces, cameras = await _watching(
        stack, settings, base=base, storage=storage, wires=wires, evidence=evidence, models=models
    )
    commander = _commander(base, storage, things, hub)
    uplink = await open_uplink(stack, settings, base, storage, models, twin=twin, updater=updater)
    climate = _climate(
        settings,
        base=base,
        storage=storage,
        wires=wires,
        hub=hub,
        broker=broker,
        models=models,
        things=things,
        commander=commander,
        uplink=uplink,
    )
    router = _router(settings, base, wires, climate)
    return Works(
        base=base,
        wires=wires,
        broker=broker,
        models=models,
        faces=faces,
        things=things,
        cameras=cameras,
        router=router,
        commander=commander,
        recorder=_recorder(base, storage, wires, hub, uplink),
        evidence=evidence,
        publisher=await _publisher(settings, base, broker, storage, climate),
        switchboard=_switchboard(settings, base, router, commander),
        climate=climate,
        uplink=uplink,
    )


async def _watching(
    stack: AsyncExitStack,
    settings: Settings,
    *,
    base: Base,
    storage: Storage,
    wires: Wires,
    evidence: Evidence,
    models: Models,
) -> "tuple[Faces | None, list[BuiltCamera]]":
    if not settings.cameras:
        return None, []
    # Not above: without decoder and face models the gateway starts sooner and is smaller.
    from gateway.app.build.cameras import CameraMaker
    from gateway.app.build.faces import open_faces

    faces = await open_faces(stack, settings, storage, evidence, models)
    maker = CameraMaker(
        settings=settings,
        base=base,
        stack=stack,
        stimuli=wires.stimuli,
        evidence=evidence,
        models=models,
        faces=faces.recogniser.offer if faces else None,
        made=base.tally.event,
    )
    return faces, maker.build_all()


def _climate(
    settings: Settings,
    *,
    base: Base,
    storage: Storage,
    wires: Wires,
    hub: Broadcast,
    broker: Broker,
    models: Models,
    things: Things,
    commander: Commander,
    uplink: UplinkParts | None,
) -> "ClimateParts | None":
    """None where no room is kept warm."""
    if not settings.climate.rooms:
        return None
    # Not above: a hundred modules and a solver.
    from gateway.app.build.climate import ClimateMaker

    return ClimateMaker(
        settings=settings,
        base=base,
        storage=storage,
        wires=wires,
        hub=hub,
        link=broker.link,
        models=models,
        things=things,
        commander=commander,
        lived=uplink.summaries.room if uplink else None,
    ).build()


def _router(settings: Settings, base: Base, wires: Wires, climate: "ClimateParts | None") -> Router:
    return Router(
        engine=RuleEngine(rules_from(settings.rules), report=base.board.report),
        clock=base.clock,
        stimuli=wires.stimuli,
        commands=wires.commands,
        records=wires.records,
        heard=climate.stage.hear if climate else None,
    )


def _switchboard(settings: Settings, base: Base, router: Router, commander: Commander) -> Switchboard:
    return Switchboard(
        settings.devices,
        reserved=settings.climate.driven,
        world=lambda: router.world,
        board=base.board,
        commander=commander,
    )


def _spread_states(base: Base, wires: Wires, hub: Broadcast) -> None:
    """Also what was reported before anybody listened."""
    teller = StateTeller(
        news=wires.news.put,
        page=lambda state: hub.publish("state", state),
        made=lambda event: wires.made_aside(base.tally, event),
    )
    for state in base.board.all().values():
        teller(state)
    base.board.listen(teller)


def _commander(base: Base, storage: Storage, things: Things, hub: Broadcast) -> Commander:
    def tell(command: Command, outcome: Outcome) -> None:
        base.tally.outcome(command, outcome)
        hub.publish("command", command)
        hub.publish("outcome", outcome)

    return Commander(
        dispatcher=things.dispatcher, journal=storage.journal, clock=base.clock, counters=base.counters, tell=tell
    )


def _recorder(base: Base, storage: Storage, wires: Wires, hub: Broadcast, uplink: UplinkParts | None) -> Recorder:
    def kept(_event: Event) -> None:
        base.tally.kept += 1

    def tell(record: Stimulus) -> None:
        if uplink is not None:
            uplink.summaries.summariser.hear(record)
        if isinstance(record, Event):
            _tell(record, wires, hub)
        else:
            hub.publish("reading", record)

    return Recorder(events=storage.events, counters=base.counters, kept=kept, tell=tell)


def _tell(event: Event, wires: Wires, hub: Broadcast) -> None:
    """Of what is in the log."""
    wires.news.put(event)
    hub.publish("event", event)


async def _publisher(
    settings: Settings, base: Base, broker: Broker, storage: Storage, climate: "ClimateParts | None"
) -> HomeAssistantPublisher:
    discovery = settings.mqtt.discovery
    publisher = HomeAssistantPublisher(
        broker.link,
        settings.gateway.id,
        settings.gateway.name,
        [camera.name for camera in settings.cameras],
        remember=storage.remember,
        counters=base.counters,
        clock=base.clock,
        version=__version__,
        form=discovery.form if discovery.enabled else "off",
        prefix=discovery.prefix,
        more=() if climate is None else (climate.entities,),
    )
    await publisher.start()
    return publisher

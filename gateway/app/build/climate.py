"""Climate control and what it is connected to."""

from collections.abc import Callable
from dataclasses import dataclass

from gateway import __version__
from gateway.app.build.base import Base, Plan, beating, quiet
from gateway.app.build.models import THERMOSTAT, Models
from gateway.app.build.storage import Storage
from gateway.app.build.things import Things
from gateway.app.build.wires import Wires
from gateway.app.climate_feeds import ClimateFeeds, Feed
from gateway.app.climate_news import News
from gateway.app.climate_stage import ClimateStage
from gateway.app.commander import Commander
from gateway.climate.forecast.net import Net
from gateway.config.settings import Settings
from gateway.errors import Refused
from gateway.flow.zone import local_zone
from gateway.health.clock import plausible
from gateway.links.mqtt import MqttLink
from gateway.models.tpu.scheduler import Priority
from gateway.sinks.climate_entities import ClimateEntities
from gateway.sinks.climate_orders import Orders
from gateway.types import Level, State
from gateway.types.climate import Ask, RoomStatus
from gateway.web.hub import Broadcast


@dataclass(frozen=True, slots=True, kw_only=True)
class ClimateParts:
    stage: ClimateStage
    entities: ClimateEntities
    orders: Orders
    feeds: ClimateFeeds

    def join(self, plan: Plan, base: Base) -> None:
        plan.services += [
            beating(base, "climate", self.stage.run),
            quiet("climate/orders", self.orders.run),
            quiet("climate/entities", self.entities.run),
            quiet("climate/feeds", self.feeds.run),
        ]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClimateMaker:
    """All that climate control is connected to."""

    settings: Settings
    base: Base
    storage: Storage
    wires: Wires
    hub: Broadcast
    link: MqttLink
    models: Models
    things: Things
    commander: Commander
    lived: Callable[[RoomStatus], None] | None = None
    """Told how every room is after every tick."""

    def build(self) -> ClimateParts:
        entities = self._entities(lambda ask: stage.ask_only(ask))  # noqa: PLW0108  # the stage is made below
        orders = self._orders()
        stage = self._stage(entities, orders)
        return ClimateParts(stage=stage, entities=entities, orders=orders, feeds=self._feeds(stage))

    def _entities(self, on_ask: Callable[[Ask], None]) -> ClimateEntities:
        return ClimateEntities(
            self.link,
            self.settings.gateway.id,
            self.settings.gateway.name,
            self.settings.climate.rooms,
            on_ask=on_ask,
            clock=self.base.clock,
            counters=self.base.counters,
            version=__version__,
        )

    def _orders(self) -> Orders:
        return Orders(
            carry_out=self.commander.carry_out,
            renew=self.things.dispatcher.deliver,
            leases={device.name: device.lease for device in self.settings.devices},
            clock=self.base.clock,
            counters=self.base.counters,
        )

    def _stage(self, entities: ClimateEntities, orders: Orders) -> ClimateStage:
        base, wires = self.base, self.wires
        return ClimateStage(
            self.settings.climate,
            local_zone(),
            open_net=lambda: _net(self.models, base),
            clock=base.clock,
            connected=lambda: self.link.connected,
            believed=plausible,
            orders=orders,
            log=self.storage.climate,
            news=News(
                publish=lambda status: self._publish(entities, status),
                page=self.hub.publish,
                report=base.board.report,
                made=lambda event: wires.made_aside(base.tally, event),
            ),
            counters=base.counters,
        )

    def _publish(self, entities: ClimateEntities, status: RoomStatus) -> None:
        entities.publish(status)
        if self.lived is not None:
            self.lived(status)

    def _feeds(self, stage: ClimateStage) -> ClimateFeeds:
        climate = self.settings.climate
        feeds = {
            climate.tariff.topic: Feed(when="start", what="price", tell=stage.hear_prices),
            climate.forecast_topic: Feed(when="time", what="temperature", tell=stage.hear_weather),
        }
        known = {topic: feed for topic, feed in feeds.items() if topic is not None}
        return ClimateFeeds(self.link, known, self.base.counters)


def _net(models: Models, base: Base) -> Net | None:
    """Without the network rooms go on by what they learn themselves."""
    try:
        backend = models.open(THERMOSTAT, Priority.OPTIONAL)
        return Net(backend, models.registry.card(THERMOSTAT), lambda: backend.card)
    except Refused as error:
        base.board.report(State(part="climate/forecaster", level=Level.DEGRADED, key=error.key, detail=str(error)))
        return None

"""Climate control and what it is connected to."""

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


def build_climate(
    settings: Settings,
    base: Base,
    *,
    storage: Storage,
    wires: Wires,
    hub: Broadcast,
    link: MqttLink,
    models: Models,
    things: Things,
    commander: Commander,
) -> ClimateParts | None:
    """None where no room is kept warm."""
    climate = settings.climate
    if not climate.rooms:
        return None
    entities = ClimateEntities(
        link,
        settings.gateway.id,
        settings.gateway.name,
        climate.rooms,
        on_ask=lambda ask: stage.ask_only(ask),  # noqa: PLW0108  # the stage is made below
        clock=base.clock,
        counters=base.counters,
        version=__version__,
    )
    orders = Orders(
        carry_out=commander.carry_out,
        renew=things.dispatcher.deliver,
        leases={device.name: device.lease for device in settings.devices},
        clock=base.clock,
        counters=base.counters,
    )
    stage = ClimateStage(
        climate,
        local_zone(),
        open_net=lambda: _net(models, base),
        clock=base.clock,
        connected=lambda: link.connected,
        believed=plausible,
        orders=orders,
        log=storage.climate,
        news=News(
            publish=entities.publish,
            page=hub.publish,
            report=base.board.report,
            made=lambda event: wires.made_aside(base.tally, event),
        ),
        counters=base.counters,
    )
    feeds = {
        climate.tariff.topic: Feed(when="start", what="price", tell=stage.hear_prices),
        climate.forecast_topic: Feed(when="time", what="temperature", tell=stage.hear_weather),
    }
    known = {topic: feed for topic, feed in feeds.items() if topic is not None}
    return ClimateParts(stage=stage, entities=entities, orders=orders, feeds=ClimateFeeds(link, known, base.counters))


def _net(models: Models, base: Base) -> Net | None:
    """Without the network rooms go on by what they learn themselves."""
    try:
        backend = models.open(THERMOSTAT, Priority.OPTIONAL)
        return Net(backend, models.registry.card(THERMOSTAT), lambda: backend.card)
    except Refused as error:
        base.board.report(State(part="climate/forecaster", level=Level.DEGRADED, key=error.key, detail=str(error)))
        return None

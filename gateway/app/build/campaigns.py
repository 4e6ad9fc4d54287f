"""What the hub offers to this home, and who carries it out."""

import ssl
from datetime import UTC, datetime

from gateway.app.build.base import Base
from gateway.app.build.models import Models
from gateway.app.build.storage import Storage
from gateway.app.image_carrier import ImageCarrier
from gateway.app.model_carrier import ModelCarrier
from gateway.app.places import folder_of, store, trust
from gateway.config.settings import Settings
from gateway.config.uplink import Uplink
from gateway.flow.board import Board
from gateway.health.clock import believed
from gateway.links.tls import client_context
from gateway.models.bundle.download import fetched_bundle
from gateway.types import Level
from gateway.updates.client import Updater
from gateway.uplink.campaign.carriers import SettingsCarrier
from gateway.uplink.campaign.stage import CampaignStage
from gateway.uplink.campaign.teller import Link
from gateway.uplink.twin.twin import Twin

_OUTSIDE = ("camera/", "device/", "sensor/", "broker", "uplink")
"""What can be down for reasons that no settings have."""


def build_campaigns(
    settings: Settings,
    base: Base,
    storage: Storage,
    models: Models,
    *,
    twin: Twin,
    link: Link,
    updater: Updater,
) -> CampaignStage:
    downloads = folder_of(settings) / "downloads"
    carrier = ModelCarrier(
        fetch=lambda url: fetched_bundle(url, downloads, tls=_believed(settings.uplink)),
        store=store(settings),
        trust=trust(settings),
        used=models.used,
        record=models.desk.record,
        now=lambda: believed(datetime.now(UTC)),
    )
    return CampaignStage(
        gateway=settings.gateway.id,
        link=link,
        memory=storage.remember,
        carriers={
            "settings": SettingsCarrier(twin.reported, lambda: well(base.board), base.clock),
            "model": carrier,
            "image": ImageCarrier(updater, base.clock),
        },
        clock=base.clock,
        counters=base.counters,
    )


def _believed(uplink: Uplink) -> ssl.SSLContext:
    """Whose certificates count where bundles come from: the system's authorities and the hub's own. No certificate of
    ours is shown to whoever has a bundle."""
    context = ssl.create_default_context()
    if uplink.tls != "off" and uplink.tls.ca_file is not None:
        context = client_context(uplink.tls.model_copy(update={"cert_file": None, "key_file": None}))
        context.load_default_certs()
    return context


def well(board: Board) -> bool:
    """Whether everything within the gateway works."""
    return not any(state.level is Level.DOWN for part, state in board.all().items() if not part.startswith(_OUTSIDE))

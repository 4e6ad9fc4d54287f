"""A house as YAML; its keys are in docs/climate-bench.md."""

from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from services.simhouse.bench.calendar_file import read_prices, read_schedule
from services.simhouse.bench.document import Section, open_document
from services.simhouse.bench.house import Building, Hardware, Heater, House, People, Sensor

_BUILDING = ("thermal", "rc", "physics")


def load_house(path: Path) -> House:
    """Raises `ConfigError` with every problem of the file."""
    document, top = open_document(path)
    zone = _zone(top)
    house = House(
        name=top.text("name", path.stem),
        zone=zone,
        building=_building(top),
        heater=_heater(top),
        sensor=_sensor(top.section("sensor")),
        people=_people(top.section("people", ("gains",))),
        hardware=read_hardware(top.section("hardware"), Hardware()),
        schedule=read_schedule(top),
        prices=read_prices(top),
        limits=_limits(top.section("limits")),
    )
    top.text("about", "")
    top.close()
    document.finish()
    return house


def _zone(top: Section) -> ZoneInfo:
    name = top.text("zone", "Europe/Amsterdam", aliases=("timezone", "tz"))
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        top.wrong(None, "zone", "is no time zone", "such as Europe/Amsterdam")
        return ZoneInfo("UTC")


def _building(top: Section) -> Building:
    """Of its section, or of the file itself where there is none."""
    flat = not top.has("building", *_BUILDING)
    part = top if flat else top.section("building", _BUILDING)

    def of(name: str, *aliases: str, high: float = 1000.0) -> float:
        return part.number(name, None, low=1e-3, high=high, aliases=aliases)

    building = Building(
        air_kwh_k=of("air_kwh_k", "Ci", "ci_kwh_k", "c_air_kwh_k", "air_capacity_kwh_k"),
        envelope_kwh_k=of("envelope_kwh_k", "Ce", "ce_kwh_k", "c_envelope_kwh_k", "envelope_capacity_kwh_k"),
        emitter_kwh_k=of("emitter_kwh_k", "Ch", "ch_kwh_k", "c_emitter_kwh_k", "emitter_capacity_kwh_k"),
        air_envelope_k_kw=of("air_envelope_k_kw", "Rie", "rie_k_kw"),
        envelope_outdoor_k_kw=of("envelope_outdoor_k_kw", "Rea", "rea_k_kw"),
        air_outdoor_k_kw=of("air_outdoor_k_kw", "Ria", "ria_k_kw"),
        air_emitter_k_kw=of("air_emitter_k_kw", "Rih", "rih_k_kw"),
        aperture_m2=part.number(
            "aperture_m2", 0.0, low=0, high=100, aliases=("Aw", "aw_m2", "solar_aperture_m2", "window_m2")
        ),
        solar_air_share=part.number("solar_air_share", 0.6, low=0, high=1),
        wind_share=part.number("wind_share_per_m_s", 0.0, low=0, high=1, aliases=("wind_share", "wind_per_m_s")),
    )
    if not flat:
        part.close()
    return building


def _heater(top: Section) -> Heater:
    flat = not top.has("heater", "heating")
    part = top if flat else top.section("heater", ("heating",))
    heater = Heater(
        power_kw=part.number("power_kw", None, low=0.1, high=200, aliases=("P", "p_kw")),
        dead_min=round(part.number("dead_time_min", 0, low=0, high=60, aliases=("dead_min", "delay_min"))),
        drive=part.text("drive", "relay", one_of=("relay", "valve")),
        emitter=part.text("emitter", "radiator", one_of=("radiator", "floor", "electric")),
    )
    if not flat:
        part.close()
    return heater


def _sensor(part: Section) -> Sensor:
    sensor = Sensor(
        lag_min=part.number("lag_min", 6.0, low=0.1, high=120, aliases=("time_constant_min", "tau_min")),
        noise_c=part.number("noise_c", 0.04, low=0, high=5, aliases=("noise_sd_c",)),
        rounding_c=part.number("rounding_c", 0.1, low=0, high=5, aliases=("resolution_c",)),
        period_min=round(part.number("period_min", 5, low=1, high=60, aliases=("report_min", "report_period_min"))),
    )
    part.close()
    return sensor


def _people(part: Section) -> People:
    people = People(
        home_kw=part.number("home_kw", 0.35, low=0, high=5),
        away_kw=part.number("away_kw", 0.12, low=0, high=5),
        cooking_kw=part.number("cooking_kw", 1.0, low=0, high=10),
        airings_day=part.number("airings_per_day", 0.0, low=0, high=24),
        airing_w_k=part.number("airing_w_per_k", 0.0, low=0, high=2000),
        guests_week=part.number("guests_per_week", 0.0, low=0, high=14),
    )
    part.close()
    return people


def read_hardware(part: Section, usual: Hardware) -> Hardware:
    """What the section does not name is as `usual`."""
    hardware = Hardware(
        second_contactor=part.flag("second_contactor", default=usual.second_contactor),
        power_meter=part.flag("power_meter", default=usual.power_meter),
        local_frost_c=part.maybe("local_frost_c", low=0, high=15) if part.has("local_frost_c") else usual.local_frost_c,
        limiter_c=part.maybe("limiter_c", low=15, high=90) if part.has("limiter_c") else usual.limiter_c,
    )
    part.close()
    return hardware


def _limits(part: Section) -> dict[str, float]:
    bounds = {
        "frost_c": (5, 12),
        "high_c": (24, 35),
        "min_on_s": (0, 3600),
        "min_off_s": (0, 3600),
        "starts_per_hour": (1, 12),
        "floor_max_c": (20, 35),
    }
    told = {name: part.maybe(name, low=low, high=high) for name, (low, high) in bounds.items()}
    part.close()
    return {name: value for name, value in told.items() if value is not None}

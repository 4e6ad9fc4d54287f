from gateway.app.router import Router, Tick
from gateway.flow.channel import Channel
from gateway.seams import Stimulus
from gateway.testing.clock import FakeClock
from gateway.types import Command, Kind, Quantity, Reading

from .corridor import LampOnMotion, event, reading


async def test_commands_and_records_come_out_in_order_and_the_channels_close_behind() -> None:
    stimuli: Channel[Stimulus | Tick] = Channel("stimuli", 8)
    commands: Channel[Command] = Channel("commands", 8)
    records: Channel[Stimulus] = Channel("records", 8)
    commands.expect()
    records.expect()
    engine, clock, heard = LampOnMotion(), FakeClock(), list[Reading]()
    router = Router(engine=engine, clock=clock, stimuli=stimuli, commands=commands, records=records, heard=heard.append)
    warm, moved, known = reading(21.5), event(), event(Kind.FACE_RECOGNISED, label="Robin")
    for stimulus in (warm, moved, Tick(stamp=clock.now()), known):
        await stimuli.send(stimulus)
    await stimuli.close()
    await router.run(lambda: None)
    assert [one.cause async for one in commands] == [moved.id]
    assert [one async for one in records] == [warm, moved, known]
    assert engine.ticks == 1
    assert heard == [warm]
    assert router.world.present["Robin"] == known.stamp
    assert engine.worlds[1].readings["hall", Quantity.TEMPERATURE].value == 21.5
    assert router.world.local.tzinfo is not None

"""H.264 byte streams: start codes, parameter sets, the codec string (ISO/IEC 14496-10 and -15, RFC 6381)."""

from collections.abc import Iterator

START = b"\x00\x00\x00\x01"
SPS = 7
PPS = 8


def units(stream: bytes) -> Iterator[bytes]:
    """The NAL units of an Annex B byte stream, without start codes."""
    for part in stream.split(b"\x00\x00\x01")[1:]:
        unit = part.rstrip(b"\x00")
        if unit:
            yield unit


def is_avcc(extradata: bytes) -> bool:
    """Whether the parameter sets are in MP4's form, and so the packets are length-prefixed."""
    return len(extradata) > 6 and extradata[0] == 1


def parameter_sets(extradata: bytes) -> bytes:
    """SPS and PPS with start codes, from either form; empty where there are none."""
    found = _avcc_sets(extradata) if is_avcc(extradata) else units(extradata)
    return b"".join(START + unit for unit in found if unit[0] & 0x1F in {SPS, PPS})


def _avcc_sets(extradata: bytes) -> Iterator[bytes]:
    at = 5
    for mask in (0x1F, 0xFF):  # the count of SPS has three reserved bits, that of PPS none
        count = extradata[at] & mask
        at += 1
        for _ in range(count):
            size = int.from_bytes(extradata[at : at + 2], "big")
            yield extradata[at + 2 : at + 2 + size]
            at += 2 + size


def with_start_codes(data: bytes, extradata: bytes) -> bytes:
    """One packet as Annex B."""
    if not is_avcc(extradata):
        return data
    prefix = (extradata[4] & 3) + 1
    at, out = 0, bytearray()
    while at + prefix <= len(data):
        size = int.from_bytes(data[at : at + prefix], "big")
        out += START + data[at + prefix : at + prefix + size]
        at += prefix + size
    return bytes(out)


def self_contained(data: bytes, extradata: bytes) -> bytes:
    """A key packet as Annex B that begins with its parameter sets, so that decoding can start here."""
    data = with_start_codes(data, extradata)
    return data if any(unit[0] & 0x1F == SPS for unit in units(data)) else parameter_sets(extradata) + data


def codec_string(sets: bytes) -> str | None:
    """ "avc1.PPCCLL" from parameter sets with start codes; None where there is no SPS."""
    sps = next((unit for unit in units(sets) if unit[0] & 0x1F == SPS and len(unit) > 3), None)
    return None if sps is None else f"avc1.{sps[1:4].hex().upper()}"

import secrets
import time
import uuid


def uuid7(milliseconds: int, randomness: int) -> uuid.UUID:
    """A version 7 UUID (RFC 9562, section 5.7): sortable by time, so that keys land beside their neighbours.

    Args:
        milliseconds: Unix time in milliseconds; the low 48 bits are used.
        randomness: at least 74 random bits; more are ignored.
    """
    value = (milliseconds & 0xFFFF_FFFF_FFFF) << 80
    value |= 0x7 << 76
    value |= ((randomness >> 62) & 0xFFF) << 64
    value |= 0b10 << 62
    value |= randomness & 0x3FFF_FFFF_FFFF_FFFF
    return uuid.UUID(int=value)


def new_id() -> uuid.UUID:
    """An identifier for a new row, made in Python because PostgreSQL 16 and 17 have no uuidv7()."""
    return uuid7(time.time_ns() // 1_000_000, secrets.randbits(74))

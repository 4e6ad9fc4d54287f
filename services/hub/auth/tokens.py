"""Random words that prove somebody: 256 bits, of which only SHA-256 is kept."""

import hashlib
import hmac
import secrets

_ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # nothing that is misread on a console


def fresh() -> str:
    """In hex: it may be typed on a command line, which takes what begins with a dash for an option."""
    return secrets.token_hex(32)


def digest(token: str) -> str:
    """SHA-256; enough for what is random throughout, and cheap for ten thousand gateways at once."""
    return hashlib.sha256(token.encode(errors="surrogateescape")).hexdigest()


def csrf(token: str) -> str:
    """What a page of this session puts into its header: only who holds the token can compute it."""
    return hmac.new(token.encode(errors="surrogateescape"), b"csrf", hashlib.sha256).hexdigest()


def claim_code() -> str:
    """Twelve signs of 30 to be typed: 58 bits, and the tries are limited."""
    return "-".join("".join(secrets.choice(_ALPHABET) for _ in range(4)) for _ in range(3))


def same_code(given: str, code: str) -> bool:
    typed = "".join(sign for sign in given.upper() if sign in _ALPHABET)
    return hmac.compare_digest(typed, code.replace("-", ""))

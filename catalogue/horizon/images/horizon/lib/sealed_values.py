"""What memcached keeps is encrypted, and read only where it was written by who has the keys, under the same name."""

import pickle

from cryptography.fernet import Fernet, InvalidToken, MultiFernet


class Sealed:
    """As pymemcache takes it: https://pymemcache.readthedocs.io/en/latest/getting_started.html#serialization"""

    def __init__(self, keys):
        self._fernet = MultiFernet([Fernet(key) for key in keys])

    def serialize(self, key, value):
        return self._fernet.encrypt(pickle.dumps((_bytes(key), value))), 0

    def deserialize(self, key, value, flags):
        try:
            name, kept = pickle.loads(self._fernet.decrypt(value))
        except InvalidToken:
            return None
        return kept if name == _bytes(key) else None


def _bytes(key):
    # Names are bytes already where pymemcache writes, and what was asked for where it reads (4.0.0).
    return key if isinstance(key, bytes) else key.encode()

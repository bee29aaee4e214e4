"""Swift's kms_keymaster, with the key that the cluster's database names; nothing where it names none.

A filter of PasteDeploy, with the options of kms_keymaster but for those about keys, and two more: `database` is SQLAlchemy's
URL, and with `needed` there has to be a key. Objects that were encrypted by it once stay readable whatever is said later,
so the database decides: and what has no use for the key waits for no Barbican, and loads none of Castellan.
"""

import sys
import time

from swift.common.utils import config_true_value

import swift_store

PAUSE = 2


def filter_factory(global_conf, database, needed, **options):
    def make(app):
        said = None
        while True:
            try:
                return keymaster(app, {**global_conf, **options}, find(database), config_true_value(needed))
            except Exception as problem:
                if str(problem) != said:
                    said = str(problem)
                    print(f'no key from Barbican yet: {said}', file=sys.stderr, flush=True)
                time.sleep(PAUSE)

    return make


def find(database):
    with swift_store.connect(database) as connection:
        with connection.cursor() as cursor:
            return swift_store.root_key(cursor)


def keymaster(app, options, key, needed):
    if key is None:
        if needed:
            raise LookupError('it is not made')
        return app
    if 'barbican_endpoint' not in options:
        raise LookupError('objects are encrypted by it, and the cloud has no Barbican: set services.barbican to true')
    from swift.common.middleware.crypto.kms_keymaster import KmsKeyMaster

    name = swift_store.ROOT_KEY
    return KmsKeyMaster(app, {**options, f'key_id_{name}': key, 'active_root_secret_id': name})

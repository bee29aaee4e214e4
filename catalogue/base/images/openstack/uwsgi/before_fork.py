"""Imported by uWSGI last of all in the process that it forks the workers of an API from."""

import gc
import random
import sys

import uwsgi


def start_worker():
    # The collector writes to every object that it looks at: pages with what was there before would not stay shared.
    gc.freeze()
    random.seed()
    if "eventlet" in sys.modules:
        # Nova's. With the hub of the process it comes from, a worker would wait for the others' connections.
        import eventlet.hubs

        eventlet.hubs.use_hub()


if "sqlalchemy.orm" in sys.modules:
    # Else each worker would do it for its first request, and write to all of the models for that.
    from sqlalchemy.orm import configure_mappers

    configure_mappers()
gc.collect()
uwsgi.post_fork_hook = start_worker

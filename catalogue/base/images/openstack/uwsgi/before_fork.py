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


gc.collect()
uwsgi.post_fork_hook = start_worker

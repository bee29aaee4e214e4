"""Gnocchi's API. Its directories are made first: what reads them, here and in metricd.py, is forked from this process."""

from gnocchi import incoming, storage
from gnocchi.cli import api
from gnocchi.rest import app

# Directories of incoming measures. Each is looked through for each round of work, and has at most one worker at a time.
SACKS = 8

conf = api.prepare_service()
storage.get_driver(conf).upgrade()
incoming.get_driver(conf).upgrade(SACKS)
application = app.load_app(conf)

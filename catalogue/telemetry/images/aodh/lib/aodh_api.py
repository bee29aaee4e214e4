"""Aodh's API, from whose process alarms.py is forked."""

from aodh import service
from aodh.api import app

conf = service.prepare_service()
application = app.load_app(conf)

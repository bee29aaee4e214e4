"""gnocchi-metricd beside the API, in one process more that uWSGI forks and keeps: both have the same files."""

import threading

from gnocchi.cli import metricd
from gnocchi_api import conf

janitor = metricd.MetricJanitor(1, conf)
threading.Thread(target=janitor.run, daemon=True).start()
metricd.MetricProcessor(0, conf).run()

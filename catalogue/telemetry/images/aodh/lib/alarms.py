"""aodh-evaluator, aodh-notifier and aodh-listener beside the API, in one process more that uWSGI forks and keeps. Each has threads.

What aodh-expirer does from time to time is done here as well.
"""

import logging
import time

from aodh import evaluator, event, notifier, storage
from aodh_api import conf

EXPIRY_SECONDS = 3600
# Rows that are removed each time: more than a hundred, after which aodh-expirer (20.0.0) stops, and few enough for one statement.
EXPIRED_ROWS = 5000

running = [
    service(0, conf)
    for service in (
        notifier.AlarmNotifierService,
        event.EventAlarmEvaluationService,
        evaluator.AlarmEvaluationService,
    )
]
history = storage.get_connection_from_config(conf)
while True:
    try:
        history.clear_expired_alarm_history_data(conf.database.alarm_history_time_to_live, EXPIRED_ROWS)
    except Exception:
        logging.getLogger("aodh.alarms").exception("The history of alarms is not made shorter for now")
    time.sleep(EXPIRY_SECONDS)

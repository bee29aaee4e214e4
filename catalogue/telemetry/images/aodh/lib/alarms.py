"""aodh-evaluator, aodh-notifier and aodh-listener beside the API, in one process more that uWSGI forks and keeps. Each has threads."""

import threading

from aodh import evaluator, event, notifier
from aodh_api import conf

running = [
    service(0, conf)
    for service in (
        notifier.AlarmNotifierService,
        event.EventAlarmEvaluationService,
        evaluator.AlarmEvaluationService,
    )
]
threading.Event().wait()

"""Horizon as uWSGI serves it: ready for its first page, which by itself would take seconds."""

from wsgiref.util import setup_testing_defaults

from django.conf import settings
from django.core.wsgi import get_wsgi_application

horizon = get_wsgi_application()


def application(environ, start_response):
    if environ['PATH_INFO'] == '/healthcheck':
        start_response('200 OK', [('Content-Type', 'text/plain')])
        return [b'OK']
    return horizon(environ, start_response)


def _ask(path):
    environ = {'PATH_INFO': path, 'HTTP_HOST': settings.ALLOWED_HOSTS[0]}
    setup_testing_defaults(environ)
    for _ in horizon(environ, lambda status, headers, exc_info=None: None):
        pass


_ask('/auth/login/')

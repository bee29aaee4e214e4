"""
Horizon's settings. What pages and static files are made of is said here, for they are made with the image; what is of one cloud
is in a file of JSON.
"""

import hashlib
import hmac
import json

from django.utils.translation import gettext_lazy as _

from openstack_dashboard import defaults
from sealed_values import Sealed

with open('/etc/gantry/horizon.json', encoding='utf-8') as _file:
    _cloud = json.load(_file)

WEBROOT = '/'
STATIC_ROOT = '/var/lib/openstack-dashboard/static'
COMPRESS_OFFLINE = True
AVAILABLE_THEMES = [('default', _('Default'), 'themes/default')]

# Debian's package of Heat's panels leaves its policies beside its modules.
_heat = '/usr/lib/python3/dist-packages/heat_dashboard/conf'
POLICY_FILES = {**defaults.POLICY_FILES, 'orchestration': f'{_heat}/heat_policy.yaml'}
DEFAULT_POLICY_FILES = {
    **defaults.DEFAULT_POLICY_FILES,
    'orchestration': f'{_heat}/default_policies/heat.yaml',
}
OPENSTACK_HEAT_STACK = {'enable_user_pass': True}

# HAProxy sets this header where there is TLS, and takes it away where there is none.
SECURE_PROXY_SSL_HEADER = ('HTTP_X_FORWARDED_PROTO', 'https')
SECURE_PROXY_ADDR_HEADER = 'HTTP_X_FORWARDED_FOR'
CSRF_COOKIE_SECURE = True
SESSION_COOKIE_SECURE = True

# Sessions hold tokens. Whoever can reach memcached could read them there, and would run code here by what is unpickled.
CACHES = {
    'default': {'BACKEND': 'django.core.cache.backends.locmem.LocMemCache'},
    'sessions': {
        'BACKEND': 'django.core.cache.backends.memcached.PyMemcacheCache',
        'LOCATION': _cloud['sessions']['servers'],
        'OPTIONS': {
            'serde': Sealed(_cloud['sessions']['keys']),
            # A server that is away holds no session: its users log in again.
            'ignore_exc': True,
            'connect_timeout': 1,
            'timeout': 3,
            'retry_attempts': 0,
            'dead_timeout': 5,
        },
    },
}
SESSION_CACHE_ALIAS = 'sessions'


def _signing_key(key):
    return hmac.new(key.encode(), b'cookies', hashlib.sha256).hexdigest()


SECRET_KEY, *SECRET_KEY_FALLBACKS = map(_signing_key, _cloud['sessions']['keys'])

FILE_UPLOAD_TEMP_DIR = '/var/lib/horizon'
HORIZON_IMAGES_UPLOAD_MODE = 'legacy'

# By itself Django tells administrators of errors by mail.
LOGGING = {
    'version': 1,
    'disable_existing_loggers': False,
    'formatters': {'line': {'format': '%(asctime)s %(levelname)s %(name)s %(message)s'}},
    'handlers': {'stderr': {'class': 'logging.StreamHandler', 'formatter': 'line'}},
    'root': {'handlers': ['stderr'], 'level': 'WARNING'},
    'loggers': {
        'django': {'handlers': [], 'propagate': True},
        # A request that names another host is answered with 400, which uWSGI logs.
        'django.security.DisallowedHost': {'level': 'CRITICAL'},
        # Each page of images would warn of formats that Glance does not take.
        'openstack_dashboard.api.glance': {'level': 'ERROR'},
        **{
            name: {'level': 'DEBUG' if _cloud['debug'] else 'INFO'}
            for name in ('horizon', 'openstack_auth', 'openstack_dashboard', 'heat_dashboard')
        },
    },
}

globals().update(_cloud['settings'])

"""Heat's own API and CloudFormation's in one process, which imports once what they share: told apart by the port that is asked."""

from heat.api.openstack import wsgi
from heat.common import config

OWN_PORT = '8004'

own = wsgi.init_application()
cloudformation = config.load_paste_app('heat-api-cfn')


def application(environ, start_response):
    chosen = own if environ['SERVER_PORT'] == OWN_PORT else cloudformation
    return chosen(environ, start_response)

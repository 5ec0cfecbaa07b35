"""Barbican's own WSGI script has /etc/barbican hard-wired; this one has not."""

import os

from paste import deploy

application = deploy.loadapp("config:" + os.environ["FRANCECLOUD_LAB_BARBICAN_PASTE"])

# ruff: noqa: ANN001, ANN002, ANN003, ANN201, ANN202, ANN204, D101, D103 - OpenStack's own interfaces
"""Octavia provider that accepts every request and settles it a moment later.

The Octavia API is otherwise unmodified: it validates, stores, checks quotas,
allocates the VIP port in Neutron and goes through PENDING_CREATE -> ACTIVE.
A background thread plays the part of the data plane: it looks for rows in a
PENDING state and reports them finished through Octavia's own DriverUpdater.
"""

import threading
import time

from octavia.api.drivers.driver_agent import driver_updater
from octavia.db import api as db_api
from octavia.db import models
from octavia_lib.api.drivers import provider_base
from oslo_log import log as logging

LOG = logging.getLogger(__name__)
INTERVAL = 0.5
TABLES = {
    "members": models.Member,
    "healthmonitors": models.HealthMonitor,
    "pools": models.Pool,
    "l7rules": models.L7Rule,
    "l7policies": models.L7Policy,
    "listeners": models.Listener,
    "loadbalancers": models.LoadBalancer,
}


def settle():
    """Report everything that is PENDING as done."""
    report = {}
    with db_api.get_session().begin() as transaction:
        session = transaction.session
        for name, model in TABLES.items():
            rows = (
                session.query(model.id, model.provisioning_status)
                .filter(model.provisioning_status.like("PENDING_%"))
                .all()
            )
            report[name] = [
                {"id": i, "provisioning_status": "DELETED"}
                if s == "PENDING_DELETE"
                else {
                    "id": i,
                    "provisioning_status": "ACTIVE",
                    "operating_status": "NO_MONITOR" if name == "members" else "ONLINE",
                }
                for i, s in rows
            ]
    if any(report.values()):
        answer = driver_updater.DriverUpdater().update_loadbalancer_status(report)
        if answer["status_code"] != 200:
            LOG.warning("could not settle: %s", answer)


def _loop():
    while True:
        time.sleep(INTERVAL)
        try:
            settle()
        except Exception:
            LOG.exception("settling failed, will try again")


_lock = threading.Lock()
_thread = None


def start():
    global _thread
    with _lock:
        if _thread is None:
            _thread = threading.Thread(target=_loop, daemon=True)
            _thread.start()


class NullProviderDriver(provider_base.ProviderDriver):
    def __init__(self):
        super().__init__()
        start()

    # create_vip_port is inherited: "not implemented" makes Octavia itself
    # create the VIP port in Neutron, which is what we want.

    def get_supported_flavor_metadata(self):
        return {"topology": "ignored"}

    def validate_flavor(self, flavor_metadata):
        pass

    def get_supported_availability_zone_metadata(self):
        return {"compute_zone": "ignored"}

    def validate_availability_zone(self, availability_zone_metadata):
        pass


def _accept(self, *args, **kwargs):
    pass


for _object in ("loadbalancer", "listener", "pool", "member", "health_monitor", "l7policy", "l7rule"):
    for _verb in ("create", "update", "delete"):
        setattr(NullProviderDriver, f"{_object}_{_verb}", _accept)
NullProviderDriver.member_batch_update = _accept
NullProviderDriver.loadbalancer_failover = _accept

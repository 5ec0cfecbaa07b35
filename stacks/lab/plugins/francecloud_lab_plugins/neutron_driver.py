# ruff: noqa: ANN001, ANN201, ANN202, D101 - OpenStack's own interfaces
"""ML2 mechanism driver that binds every port and programs nothing.

Neutron is otherwise unmodified: all API objects, validation, IPAM, quotas and
RBAC are the real thing.  Only the last step ("tell an agent to wire this
port") is missing.  Bound ports become ACTIVE at once, so Nova is content.
It also registers a QoS driver that accepts every QoS rule type on every port,
and a trunk driver (the trunk plugin refuses to start without one).
"""

from neutron.services.trunk.drivers import base as trunk_base
from neutron_lib import constants
from neutron_lib.api.definitions import portbindings
from neutron_lib.callbacks import events, registry, resources
from neutron_lib.db import constants as db_consts
from neutron_lib.plugins.ml2 import api
from neutron_lib.services.qos import base as qos_base
from neutron_lib.services.qos import constants as qos
from neutron_lib.services.trunk import constants as trunk

_ANY_INT = {"type:range": [0, db_consts.DB_INTEGER_MAX_VALUE]}
_DIRECTIONS = {"type:values": constants.VALID_DIRECTIONS}

QOS_RULES = {
    qos.RULE_TYPE_BANDWIDTH_LIMIT: {qos.MAX_KBPS: _ANY_INT, qos.MAX_BURST: _ANY_INT, qos.DIRECTION: _DIRECTIONS},
    qos.RULE_TYPE_DSCP_MARKING: {qos.DSCP_MARK: {"type:values": constants.VALID_DSCP_MARKS}},
    qos.RULE_TYPE_MINIMUM_BANDWIDTH: {qos.MIN_KBPS: _ANY_INT, qos.DIRECTION: _DIRECTIONS},
}


class QosNullDriver(qos_base.DriverBase):
    """Accepts all rules, applies none."""

    def validate_rule_for_port(self, context, rule, port):
        return True

    def validate_rule_for_network(self, context, rule, network_id):
        return True


class TrunkNullDriver(trunk_base.DriverBase):
    """Allows VLAN trunks on any port and reports them ACTIVE at once."""

    is_loaded = True

    @registry.receives(resources.TRUNK_PLUGIN, [events.AFTER_INIT])
    def register(self, resource, event, trigger, payload=None):
        super().register(resource, event, trigger, payload=payload)
        for what, when in (
            (resources.TRUNK, events.AFTER_CREATE),
            (resources.SUBPORTS, events.AFTER_CREATE),
            (resources.SUBPORTS, events.AFTER_DELETE),
        ):
            registry.subscribe(self._activate, what, when)

    def _activate(self, resource, event, trigger, payload):
        payload.states[0].update(status=trunk.TRUNK_ACTIVE_STATUS)


_qos_driver = None
_trunk_driver = None


class NullMechanismDriver(api.MechanismDriver):
    def initialize(self):
        global _qos_driver, _trunk_driver
        if _qos_driver is None:
            _qos_driver = QosNullDriver(
                name="francecloud_lab",
                vif_types=[portbindings.VIF_TYPE_OVS],
                vnic_types=[portbindings.VNIC_NORMAL],
                supported_rules=QOS_RULES,
                requires_rpc_notifications=False,
            )
            _trunk_driver = TrunkNullDriver(
                "francecloud_lab",
                (portbindings.VIF_TYPE_OVS, portbindings.VIF_TYPE_UNBOUND),
                (trunk.SEGMENTATION_TYPE_VLAN,),
                can_trunk_bound_port=True,
            )

    def bind_port(self, context):
        # Take the first segment the port may be bound to, whatever its type.
        for segment in context.segments_to_bind:
            context.set_binding(
                segment[api.ID],
                portbindings.VIF_TYPE_OVS,
                {portbindings.CAP_PORT_FILTER: True},
                status=constants.PORT_STATUS_ACTIVE,
            )
            return

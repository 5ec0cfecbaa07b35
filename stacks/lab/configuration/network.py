"""Neutron: the whole API, with a driver of ours in place of switches and agents."""

from __future__ import annotations

from stacks.lab.configuration.options import DOMAIN, HOSTNAME, MESSAGING, Writer


def write(writer: Writer) -> None:
    """Write ``neutron/neutron.conf``."""
    writer.ini(
        "neutron/neutron.conf",
        {
            "DEFAULT": {
                **writer.common(),
                "core_plugin": "ml2",
                # network_segment_range is left out: with it a worker now and then dies at start
                "service_plugins": "router,qos,trunk,port_forwarding,segments,metering",
                "api_paste_config": writer.shipped / "neutron/api-paste.ini",
                "state_path": writer.lab.data / "neutron",
                "host": HOSTNAME,
                "dhcp_agent_notification": "false",
                "dns_domain": DOMAIN,
                "notify_nova_on_port_status_changes": "true",
                "notify_nova_on_port_data_changes": "true",
                "rpc_workers": "0",
            },
            "database": writer.database("neutron"),
            "keystone_authtoken": writer.token_check("neutron"),
            "nova": writer.credential("neutron"),
            "placement": writer.credential("neutron"),
            **writer.lock("neutron"),
            **MESSAGING,
            "ml2": {
                "mechanism_drivers": "francecloud_lab",
                "type_drivers": "local,flat,vlan,vxlan",
                "project_network_types": "vxlan",
                "extension_drivers": "port_security,qos,dns_domain_ports",
            },
            "ml2_type_flat": {"flat_networks": "*"},
            "ml2_type_vlan": {"network_vlan_ranges": "physnet1:100:1100"},
            # each possible VNI is a row of the database
            "ml2_type_vxlan": {"vni_ranges": "1:4000"},
        },
    )

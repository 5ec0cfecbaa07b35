# ruff: noqa: ANN001, ANN003, ANN201, ANN202, D101 - OpenStack's own interfaces
"""Cinder volume driver that records everything in the database and stores nothing."""

from cinder import interface
from cinder.volume import driver


@interface.volumedriver
class NullVolumeDriver(driver.VolumeDriver):
    VERSION = "1.0"
    CI_WIKI_NAME = "none"

    def check_for_setup_error(self):
        pass

    def _update_volume_stats(self):
        self._stats = {
            "volume_backend_name": self.configuration.safe_get("volume_backend_name") or "null",
            "vendor_name": "francecloud_lab",
            "driver_version": self.VERSION,
            "storage_protocol": "iSCSI",
            "pools": [
                {
                    "pool_name": "pool",
                    "total_capacity_gb": 100000,
                    "free_capacity_gb": 100000,
                    "provisioned_capacity_gb": 0,
                    "reserved_percentage": 0,
                    "max_over_subscription_ratio": 20.0,
                    "thin_provisioning_support": True,
                    "multiattach": True,
                    "QoS_support": True,
                }
            ],
        }

    def create_volume(self, volume):
        return {}

    def delete_volume(self, volume):
        pass

    def create_snapshot(self, snapshot):
        return {}

    def delete_snapshot(self, snapshot):
        pass

    def create_cloned_volume(self, volume, src_vref):
        return {}

    def create_volume_from_snapshot(self, volume, snapshot):
        return {}

    def clone_image(self, context, volume, image_location, image_meta, image_service):
        # "Cloned efficiently": avoids qemu-img and a real image download.
        return {}, True

    def extend_volume(self, volume, new_size):
        pass

    def retype(self, context, volume, new_type, diff, host):
        return True, {}

    def migrate_volume(self, context, volume, host):
        return True, {}

    def ensure_export(self, context, volume):
        return {}

    def create_export(self, context, volume, connector):
        return {}

    def remove_export(self, context, volume):
        pass

    def initialize_connection(self, volume, connector):
        return {"driver_volume_type": "fake", "data": {"volume_id": volume["id"], "access_mode": "rw"}}

    def terminate_connection(self, volume, connector, **kwargs):
        pass

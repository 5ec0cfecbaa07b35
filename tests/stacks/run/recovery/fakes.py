"""A cloud held in memory: listings that filter as the real ones do, deletions that are written down."""

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

CREATED = "2026-11-23T10:00:05Z"
MARK = "francecloud:zone=zone"
TEXT = "[francecloud:zone] essai"


class Service:
    """One service: collections by the name of the SDK's listing method."""

    def __init__(self, removed: list[tuple[str, str]], **collections: list[dict[str, Any]]) -> None:
        self._removed, self._collections = removed, collections

    def __getattr__(self, name: str) -> Any:
        if name.startswith("delete_"):
            return lambda item, **_options: self._removed.append((name, getattr(item, "id", item)))
        if name.startswith(("get_", "find_")):
            return lambda identity, **_options: self._one(identity)
        return lambda *parents, **query: self._list(name, query)

    def _list(self, collection: str, query: dict[str, Any]) -> list[SimpleNamespace]:
        items = [SimpleNamespace(**{**FIELDS, **item}) for item in self._collections.get(collection, [])]
        return [i for i in items if all(_fits(i, key, value) for key, value in query.items())]

    def _one(self, identity: str) -> SimpleNamespace | None:
        items = [item for collection in self._collections for item in self._list(collection, {})]
        return next((i for i in items if identity in (i.id, getattr(i, "name", ""))), None)


FIELDS: dict[str, Any] = {"project_id": "nous", "created_at": CREATED, "description": TEXT, "tags": [MARK],
                          "metadata": {}, "extra_specs": {}, "status": "ACTIVE"}  # fmt: skip


def _fits(item: SimpleNamespace, key: str, value: Any) -> bool:
    if not hasattr(item, key) or value is True or value is None:
        return True
    return str(getattr(item, key)) == str(value).strip("^$")


def cloud(removed: list[tuple[str, str]] | None = None, members: set[tuple[str, str]] = frozenset(),  # type: ignore[assignment]
          **services: dict[str, list[dict[str, Any]]]) -> Any:  # fmt: skip
    """A connection whose services hold the objects given."""
    gone: list[tuple[str, str]] = [] if removed is None else removed
    made = {name: Service(gone, **services.get(name, {})) for name in
            ("network", "compute", "block_storage", "identity", "image")}  # fmt: skip
    answer = SimpleNamespace(headers={"Date": datetime.now(UTC).strftime("%a, %d %b %Y %H:%M:%S GMT")})
    session = SimpleNamespace(get=lambda url, authenticated: answer, auth=SimpleNamespace(auth_url="http://nuage"))
    return SimpleNamespace(
        **made,
        session=session,
        current_project_id="nous",
        current_user_id="moi",
        config=SimpleNamespace(get_region_name=lambda: "RegionOne"),
        delete_server=lambda identity, **_options: gone.append(("delete_server", identity)),
        is_user_in_group=lambda user, group: (user, group) in members,
    )

"""Makes the store of a place."""

from importlib.util import find_spec

from fuzztui.engine.share.folder import FolderStore, topics_in
from fuzztui.engine.share.place import FolderPlace, Place
from fuzztui.engine.share.store import Store


def lacks_client(place: Place) -> bool:
    """Whether a package is missing that talks to such a place."""
    return not isinstance(place, FolderPlace) and find_spec("valkey") is None


def store_at(place: Place, topic: str, node: str) -> Store:
    """The store of a topic as this node uses it. Nothing is connected to yet. ImportError where `lacks_client`."""
    if isinstance(place, FolderPlace):
        return FolderStore(place.folder, topic, node)
    from fuzztui.engine.share.streams import StreamStore  # 0.1 s that nobody else need pay

    return StreamStore(place, topic, node)


def topics_at(place: Place) -> list[str]:
    """Names of the topics that nodes have brought to a place. StoreError if it cannot be read, ImportError where
    `lacks_client`.
    """
    if isinstance(place, FolderPlace):
        return topics_in(place.folder)
    from fuzztui.engine.share.streams import StreamStore

    store = StreamStore(place, "", "")  # of no topic
    try:
        return store.topics()
    finally:
        store.close()

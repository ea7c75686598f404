"""What an instance's objects are called."""


def web(instance: str) -> str:
    """Deployment, Service and everything else of web."""
    return f"{instance}-web"


def web_operations(instance: str) -> str:
    """Service of web's metrics and queue state, which never leaves the cluster."""
    return f"{instance}-web-operations"


def worker(instance: str) -> str:
    """Deployment, Service and everything else of the workers."""
    return f"{instance}-worker"


def migration(instance: str) -> str:
    """Service account and network policy of migration Jobs."""
    return f"{instance}-migration"


def store(instance: str, store: str) -> str:
    """StatefulSet, Service and everything else of a bundled store."""
    return f"{instance}-{store}"


def generated_secret(instance: str) -> str:
    """Secret with what was made once: salt, passwords of bundled stores, the first admin's password."""
    return f"{instance}-generated"


def keys_secret(instance: str) -> str:
    """Secret with the default project's address and API keys, for SDKs."""
    return f"{instance}-keys"


def rotation_secret(instance: str) -> str:
    """Secret with the credentials of rotations that are under way."""
    return f"{instance}-rotation"


def stores_secret(instance: str) -> str:
    """Secret with the settings of bundled stores, and with credentials that rotation made."""
    # Not -stores: that is what people call the Secret they give in spec.storesFrom.
    return f"{instance}-connections"

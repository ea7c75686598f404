"""One class of credentials each: where it is kept, how it is changed, who uses the old one."""

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence

import msgspec
from typing_extensions import override

from elasticdash.operator.api.enums import RotationClass
from elasticdash.operator.cluster.instance_api import InstanceApi, KeyPair
from elasticdash.operator.naming import names
from elasticdash.operator.naming.stores import Store
from elasticdash.operator.plan import connections, secrets
from elasticdash.operator.plan.observed import Manifest, Observed
from elasticdash.operator.rotation import administrators, credentials, keyrings
from elasticdash.operator.rotation.keyrings import KEYRINGS
from elasticdash.operator.rotation.machine import Stage
from elasticdash.operator.rotation.record import Record
from elasticdash.operator.rotation.stores import StoreLogins
from elasticdash.shared import errors

RandomSource = Callable[[int], str]
OpenLogins = Callable[[Observed, Store], StoreLogins]
OpenApi = Callable[[Observed], InstanceApi]

_BYTES = 24
_NOTE = "Rotated by the operator"


class Subject(ABC):
    """A class of one instance, as it was observed. What writes returns Secrets; writing them is left to the caller."""

    rotation_class: RotationClass
    is_keyring = False
    needs_job = False
    is_in_pods = True
    observed: Observed

    @abstractmethod
    def impossible(self) -> str:
        """Why this class can't be rotated here; empty when it can."""

    @abstractmethod
    def stage(self, record: Record) -> Stage:
        """Where the new credential is."""

    @abstractmethod
    def begun(self, random: RandomSource) -> Record:
        """A record with the next credential and the present one."""

    @abstractmethod
    async def publish(self, record: Record) -> Sequence[Manifest]:
        """Make the new credential work, then say what makes processes use it."""

    @abstractmethod
    async def give_back(self, record: Record) -> Sequence[Manifest]:
        """What makes processes use the old credential again."""

    @abstractmethod
    async def count_users(self, record: Record) -> int:
        """How many sessions or rows are still under the old credential."""

    @abstractmethod
    async def revoke(self, record: Record) -> Sequence[Manifest]:
        """End the old credential, or say what makes processes no longer accept it."""

    def accept(self, record: Record) -> Sequence[Manifest]:
        """What makes processes accept the new credential beside the old one; of keyrings only."""
        raise NotImplementedError(self.rotation_class)


class KeyringSubject(Subject):
    """Salt, session secret, encryption key."""

    is_keyring = True

    def __init__(self, observed: Observed, rotation_class: RotationClass, open_api: OpenApi) -> None:
        self.rotation_class = rotation_class
        self.needs_job = rotation_class is RotationClass.ENCRYPTION_KEY
        self.observed = observed
        self._keyring = KEYRINGS[rotation_class]
        self._values = observed.secrets.get(names.generated_secret(observed.instance.name), {})
        self._open_api = open_api

    @override
    def impossible(self) -> str:
        own = names.generated_secret(self.observed.instance.name)
        source = secrets.source_of(self.observed, self._keyring.current)
        return (
            "" if source.name == own else f"{source.key} comes from Secret {source.name}, which is not the operator's"
        )

    @override
    def stage(self, record: Record) -> Stage:
        return keyrings.stage(self._values, self._keyring, record)

    @override
    def begun(self, random: RandomSource) -> Record:
        return Record(following=random(_BYTES), previous=self._values[self._keyring.current])

    @override
    def accept(self, record: Record) -> Sequence[Manifest]:
        return self._written(keyrings.accepting(self._values, self._keyring, record))

    @override
    async def publish(self, record: Record) -> Sequence[Manifest]:
        return self._written(keyrings.published(self._values, self._keyring, record))

    @override
    async def give_back(self, record: Record) -> Sequence[Manifest]:
        return self.accept(record)

    @override
    async def count_users(self, record: Record) -> int:
        async with self._open_api(self.observed) as api:
            return (await api.read_key_use())[self._keyring.counted_as].other_rows

    @override
    async def revoke(self, record: Record) -> Sequence[Manifest]:
        return self._written(keyrings.dropped(self._values, self._keyring))

    def _written(self, values: keyrings.Values) -> Sequence[Manifest]:
        return [secrets.with_generated(self.observed, values)]


class StoreSubject(Subject):
    """The login at Postgres, ClickHouse or Redis."""

    def __init__(self, observed: Observed, rotation_class: RotationClass, open_logins: OpenLogins) -> None:
        self.rotation_class = rotation_class
        self.observed = observed
        self._store = Store(rotation_class.value)
        self._open_logins = open_logins

    @override
    def impossible(self) -> str:
        return administrators.missing(self.observed, self._store)

    @override
    def stage(self, record: Record) -> Stage:
        if record.is_empty:
            return Stage.NONE
        return Stage.PUBLISHED if self._present().text() == record.following else Stage.BEGUN

    @override
    def begun(self, random: RandomSource) -> Record:
        present = self._present()
        following = self._logins().following(present, random(_BYTES))
        return Record(following=following.text(), previous=present.text())

    @override
    async def publish(self, record: Record) -> Sequence[Manifest]:
        following, previous = _logins_in(record)
        await self._logins().prepare(following, previous)
        return self._written(following)

    @override
    async def give_back(self, record: Record) -> Sequence[Manifest]:
        return self._written(credentials.from_text(record.previous))

    @override
    async def count_users(self, record: Record) -> int:
        return await self._logins().count_users(credentials.from_text(record.previous))

    @override
    async def revoke(self, record: Record) -> Sequence[Manifest]:
        await self._logins().revoke(*_logins_in(record))
        return ()

    def _present(self) -> credentials.Credentials:
        return credentials.present(credentials.settings_of(self.observed, self._store), self._store)

    def _logins(self) -> StoreLogins:
        return self._open_logins(self.observed, self._store)

    def _written(self, login: credentials.Credentials) -> Sequence[Manifest]:
        settings = credentials.replaced(credentials.settings_of(self.observed, self._store), self._store, login)
        return [secrets.rotated(self.observed, self._store, settings)]


class ProjectKeysSubject(Subject):
    """The API key of the project that the first start creates."""

    rotation_class = RotationClass.PROJECT_KEYS
    is_in_pods = False

    def __init__(self, observed: Observed, open_api: OpenApi) -> None:
        self.observed = observed
        bootstrap = observed.instance.spec.bootstrap
        self._project = (bootstrap.organization.id, bootstrap.project.id)
        self._open_api = open_api

    @override
    def impossible(self) -> str:
        return ""

    @override
    def stage(self, record: Record) -> Stage:
        if record.is_empty:
            return Stage.NONE
        return Stage.PUBLISHED if _pair_text(self._present()) == record.following else Stage.BEGUN

    @override
    def begun(self, random: RandomSource) -> Record:
        following = KeyPair(f"pk-lf-{random(_BYTES)}", f"sk-lf-{random(_BYTES)}")
        return Record(following=_pair_text(following), previous=_pair_text(self._present()))

    @override
    async def publish(self, record: Record) -> Sequence[Manifest]:
        following = _pair(record.following)
        async with self._open_api(self.observed) as api:
            await api.register_key(*self._project, following, _NOTE)
        return [secrets.with_keys(self.observed, following.public_key, following.secret_key)]

    @override
    async def give_back(self, record: Record) -> Sequence[Manifest]:
        previous = _pair(record.previous)
        return [secrets.with_keys(self.observed, previous.public_key, previous.secret_key)]

    @override
    async def count_users(self, record: Record) -> int:
        return 0

    @override
    async def revoke(self, record: Record) -> Sequence[Manifest]:
        old = _pair(record.previous).public_key
        async with self._open_api(self.observed) as api:
            for key in await api.list_keys(*self._project):
                if key.public_key == old:
                    await api.revoke_key(*self._project, key.id)
        return ()

    def _present(self) -> KeyPair:
        values = self.observed.secrets.get(secrets.keys_secret(self.observed), {})
        return KeyPair(values.get(secrets.PUBLIC_KEY, ""), values.get(secrets.SECRET_KEY, ""))


def subjects(observed: Observed, open_logins: OpenLogins, open_api: OpenApi) -> Sequence[Subject]:
    """Every class, in the order they go one after another."""
    found: list[Subject] = []
    for rotation_class in RotationClass:
        if rotation_class in KEYRINGS:
            found.append(KeyringSubject(observed, rotation_class, open_api))
        elif rotation_class is RotationClass.PROJECT_KEYS:
            found.append(ProjectKeysSubject(observed, open_api))
        else:
            found.append(StoreSubject(observed, rotation_class, open_logins))
    return found


def shown_id(credential: str) -> str:
    """Which credential it is, without telling it."""
    return hashlib.sha256(credential.encode()).hexdigest()[:12]


def admin_key(observed: Observed) -> str:
    """The instance's admin API key. UnavailableError when there is none yet."""
    found = connections.value_of(observed, secrets.source_of(observed, secrets.ADMIN_API_KEY))
    if found is None:
        raise errors.UnavailableError("The instance has no admin API key yet")
    return found


def _logins_in(record: Record) -> tuple[credentials.Credentials, credentials.Credentials]:
    return credentials.from_text(record.following), credentials.from_text(record.previous)


def _pair(text: str) -> KeyPair:
    public_key, secret_key = msgspec.json.decode(text, type=tuple[str, str])
    return KeyPair(public_key, secret_key)


def _pair_text(pair: KeyPair) -> str:
    return msgspec.json.encode([pair.public_key, pair.secret_key]).decode()

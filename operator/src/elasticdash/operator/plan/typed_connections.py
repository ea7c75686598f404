"""The settings that the typed fields of `spec.stores` stand for."""

from collections.abc import Mapping

from elasticdash.operator.api.enums import RedisMode
from elasticdash.operator.api.stores import S3, ClickHouse, ObjectStorage, Postgres, Redis
from elasticdash.operator.api.types import SecretKeyRef
from elasticdash.operator.naming.stores import MEDIA_EXTERNAL_ENDPOINT, S3_PREFIX

# A setting's value, or the key of a Secret that holds it.
Source = str | SecretKeyRef


def of_postgres(postgres: Postgres) -> Mapping[str, Source]:
    """Settings by variable name; those of unset fields are absent."""
    sslmode = f"sslmode={postgres.ssl_mode.value}" if postgres.ssl_mode else None
    return _given(
        DATABASE_URL=postgres.url_ref,
        DIRECT_URL=postgres.direct_url_ref,
        DATABASE_HOST=postgres.host,
        DATABASE_NAME=postgres.database,
        DATABASE_USERNAME=postgres.user,
        DATABASE_PASSWORD=postgres.password_ref,
        DATABASE_ARGS=sslmode,
    )


def of_clickhouse(clickhouse: ClickHouse) -> Mapping[str, Source]:
    """Settings by variable name; those of unset fields are absent."""
    return _given(
        CLICKHOUSE_URL=clickhouse.url,
        CLICKHOUSE_USER=clickhouse.user,
        CLICKHOUSE_PASSWORD=clickhouse.password_ref,
        CLICKHOUSE_DB=clickhouse.database,
        CLICKHOUSE_CLUSTER_ENABLED="true" if clickhouse.cluster_name else None,
        CLICKHOUSE_CLUSTER_NAME=clickhouse.cluster_name,
    )


def of_redis(redis: Redis) -> Mapping[str, Source]:
    """Settings by variable name; those of unset fields are absent."""
    return {
        **_given(
            REDIS_CONNECTION_STRING=redis.url_ref,
            REDIS_USERNAME=redis.username,
            REDIS_AUTH=redis.password_ref,
            REDIS_TLS_ENABLED="true" if redis.tls else None,
            REDIS_DB=str(redis.db) if redis.db else None,
            REDIS_KEY_PREFIX=redis.key_prefix,
        ),
        **_redis_nodes(redis),
    }


def of_object_storage(storage: ObjectStorage) -> Mapping[str, Source]:
    """Settings by variable name; those of unset fields are absent."""
    external = {MEDIA_EXTERNAL_ENDPOINT: storage.external_endpoint} if storage.external_endpoint else {}
    return {**(_s3(storage.s3) if storage.s3 else {}), **external}


def _redis_nodes(redis: Redis) -> Mapping[str, Source]:
    if redis.nodes is None:
        return {}
    nodes = ",".join(redis.nodes)
    if redis.mode is RedisMode.CLUSTER:
        return {"REDIS_CLUSTER_ENABLED": "true", "REDIS_CLUSTER_NODES": nodes}
    if redis.mode is RedisMode.SENTINEL and redis.sentinel:
        return _given(
            REDIS_SENTINEL_ENABLED="true",
            REDIS_SENTINEL_NODES=nodes,
            REDIS_SENTINEL_MASTER_NAME=redis.sentinel.master_name,
            REDIS_SENTINEL_USERNAME=redis.sentinel.username,
            REDIS_SENTINEL_PASSWORD=redis.sentinel.password_ref,
        )
    host, _, port = nodes.partition(":")
    return _given(REDIS_HOST=host, REDIS_PORT=port or None)


def _s3(s3: S3) -> Mapping[str, Source]:
    settings = _given(
        BUCKET=s3.bucket,
        PREFIX=s3.prefix,
        REGION=s3.region,
        ENDPOINT=s3.endpoint,
        ACCESS_KEY_ID=s3.access_key_id_ref,
        SECRET_ACCESS_KEY=s3.secret_access_key_ref,
        FORCE_PATH_STYLE="true" if s3.force_path_style else None,
    )
    return {S3_PREFIX + name: value for name, value in settings.items()}


def _given(**settings: Source | None) -> Mapping[str, Source]:
    return {name: value for name, value in settings.items() if value is not None}

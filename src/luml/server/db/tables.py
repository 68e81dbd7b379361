"""The schema. Totals and key lists are kept by those who write, so that no read ever counts."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
)

from luml.server.db.types import Id, Json, SortText, Time

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_N_label)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _id() -> Column[str]:
    return Column("id", Id, primary_key=True)


def _created() -> Column[int]:
    return Column("created_at", Time, nullable=False)


def _updated() -> Column[int]:
    return Column("updated_at", Time)


users = Table(
    "users",
    metadata,
    _id(),
    Column("name", String, nullable=False),
    Column("email", String, unique=True),
    _created(),
    _updated(),
)

organizations = Table(
    "organizations",
    metadata,
    _id(),
    Column("name", SortText, nullable=False),
    Column("logo", String),
    _created(),
    _updated(),
)

memberships = Table(
    "memberships",
    metadata,
    Column("organization_id", Id, ForeignKey("organizations.id"), primary_key=True),
    Column("user_id", Id, ForeignKey("users.id"), primary_key=True),
    Column("role", String, nullable=False),
    _created(),
    Index("ix_memberships_user_id", "user_id"),
)

bucket_secrets = Table(
    "bucket_secrets",
    metadata,
    _id(),
    Column("organization_id", Id, ForeignKey("organizations.id"), nullable=False),
    Column("type", String, nullable=False),
    Column("endpoint", String, nullable=False),
    Column("bucket_name", String, nullable=False),
    Column("region", String),
    Column("secure", Integer),
    Column("cert_check", Integer),
    Column("sealed", LargeBinary),
    _created(),
    _updated(),
    Index("ix_bucket_secrets_place", "organization_id", "endpoint", "bucket_name", unique=True),
)

orbits = Table(
    "orbits",
    metadata,
    _id(),
    Column("organization_id", Id, ForeignKey("organizations.id"), nullable=False),
    Column("bucket_secret_id", Id, ForeignKey("bucket_secrets.id"), nullable=False),
    Column("name", SortText, nullable=False),
    Column("total_members", Integer, nullable=False),
    Column("total_collections", BigInteger, nullable=False),
    Column("total_artifacts", BigInteger, nullable=False),
    _created(),
    _updated(),
    Index("ix_orbits_organization", "organization_id", "name", "id"),
    Index("ix_orbits_bucket_secret_id", "bucket_secret_id"),
)

orbit_buckets = Table(
    "orbit_buckets",
    metadata,
    Column("bucket_secret_id", Id, ForeignKey("bucket_secrets.id"), primary_key=True),
    Column("orbit_id", Id, ForeignKey("orbits.id"), primary_key=True),
    Index("ix_orbit_buckets_orbit_id", "orbit_id"),
)

orbit_members = Table(
    "orbit_members",
    metadata,
    Column("orbit_id", Id, ForeignKey("orbits.id"), primary_key=True),
    Column("user_id", Id, ForeignKey("users.id"), primary_key=True),
    Column("id", Id, nullable=False),
    Column("role", String, nullable=False),
    _created(),
    Index("ix_orbit_members_user_id", "user_id"),
)

api_keys = Table(
    "api_keys",
    metadata,
    _id(),
    Column("digest", LargeBinary, nullable=False, unique=True),
    Column("user_id", Id, ForeignKey("users.id"), nullable=False),
    Column("name", String, nullable=False),
    Column("role", String, nullable=False),
    Column("organization_id", Id, ForeignKey("organizations.id")),
    Column("orbit_id", Id, ForeignKey("orbits.id")),
    Column("expires_at", Time),
    _created(),
    Index("ix_api_keys_user_id", "user_id", "id"),
    Index("ix_api_keys_orbit_id", "orbit_id"),
)

collections = Table(
    "collections",
    metadata,
    _id(),
    Column("orbit_id", Id, ForeignKey("orbits.id"), nullable=False),
    Column("type", SortText, nullable=False),
    Column("name", SortText, nullable=False),
    Column("description", Text, nullable=False),
    Column("description_sort", SortText, nullable=False),
    Column("tags", Json),
    Column("search_text", Text, nullable=False),
    Column("total_artifacts", BigInteger, nullable=False),
    _created(),
    _updated(),
    Index("ix_collections_created_at", "orbit_id", "created_at", "id"),
    Index("ix_collections_name", "orbit_id", "name", "id"),
    Index("ix_collections_type", "orbit_id", "type", "id"),
    Index("ix_collections_description", "orbit_id", "description_sort", "id"),
    Index("ix_collections_total_artifacts", "orbit_id", "total_artifacts", "id"),
)

artifacts = Table(
    "artifacts",
    metadata,
    _id(),
    Column("collection_id", Id, ForeignKey("collections.id"), nullable=False),
    Column("type", String, nullable=False),
    Column("status", SortText, nullable=False),
    Column("name", SortText, nullable=False),
    Column("file_name", SortText, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("description", Text),
    Column("description_sort", SortText, nullable=False),
    Column("tags", Json),
    # Name, file name and tags, a line each, casefolded. The trigram indexes over it are made by
    # the migration: ``artifact_search`` on SQLite, ``ix_artifacts_search`` on PostgreSQL.
    Column("search_text", Text, nullable=False),
    Column("file_hash", String),
    Column("unique_identifier", String, nullable=False),
    Column("bucket_location", String, nullable=False),
    # No foreign key: orbit_buckets says which secrets are in use without an index over all
    # artifacts.
    Column("bucket_secret_id", Id, nullable=False),
    Column("shape_id", Id, nullable=False),
    Column("status_reason", Text),
    Column("created_by", Id, ForeignKey("users.id"), nullable=False),
    _created(),
    _updated(),
    # Null where it is the description itself.
    Column("description_folded", Text),
    Index("ix_artifacts_created_at", "collection_id", "type", "created_at", "id"),
    Index("ix_artifacts_name", "collection_id", "type", "name", "id"),
    Index("ix_artifacts_size", "collection_id", "type", "size", "id"),
    Index("ix_artifacts_description", "collection_id", "type", "description_sort", "id"),
    Index("ix_artifacts_status", "collection_id", "type", "status", "id"),
    Index("ix_artifacts_shape", "collection_id", "shape_id", "id"),
    Index("ix_artifacts_file_name", "collection_id", "type", "file_name", "id"),
)

artifact_documents = Table(
    "artifact_documents",
    metadata,
    Column("artifact_id", Id, ForeignKey("artifacts.id"), primary_key=True),
    # Small ones first: SQLite then answers a summary without reading a row's overflow pages.
    Column("extra_values", Json, nullable=False),
    Column("manifest", Json, nullable=False),
    Column("file_index", Json, nullable=False),
    Column("part_digests", Json),
    Column("member_digests", Json),
)

artifact_metrics = Table(
    "artifact_metrics",
    metadata,
    Column("collection_id", Id, primary_key=True),
    Column("key", SortText, primary_key=True),
    Column("type", String, primary_key=True),
    Column("value", Double[float](), primary_key=True),
    Column("artifact_id", Id, primary_key=True),
    Index("ix_artifact_metrics_artifact", "artifact_id", "key"),
    sqlite_with_rowid=False,
)

artifact_tags = Table(
    "artifact_tags",
    metadata,
    Column("collection_id", Id, primary_key=True),
    Column("tag", SortText, primary_key=True),
    Column("artifact_id", Id, primary_key=True),
    sqlite_with_rowid=False,
)

collection_types = Table(
    "collection_types",
    metadata,
    Column("collection_id", Id, ForeignKey("collections.id"), primary_key=True),
    Column("type", String, primary_key=True),
    Column("total", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

artifact_shapes = Table(
    "artifact_shapes",
    metadata,
    Column("collection_id", Id, ForeignKey("collections.id"), primary_key=True),
    Column("shape_id", Id, primary_key=True),
    Column("type", String, nullable=False),
    Column("total", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

artifact_shape_keys = Table(
    "artifact_shape_keys",
    metadata,
    Column("collection_id", Id, primary_key=True),
    Column("key", SortText, primary_key=True),
    Column("shape_id", Id, primary_key=True),
    Column("numeric", Integer, nullable=False),
    Index("ix_artifact_shape_keys_shape", "collection_id", "shape_id"),
    sqlite_with_rowid=False,
)

collection_metrics = Table(
    "collection_metrics",
    metadata,
    Column("collection_id", Id, ForeignKey("collections.id"), primary_key=True),
    Column("key", SortText, primary_key=True),
    Column("shapes", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

collection_tags = Table(
    "collection_tags",
    metadata,
    Column("collection_id", Id, ForeignKey("collections.id"), primary_key=True),
    Column("tag", SortText, primary_key=True),
    Column("total", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

uploads = Table(
    "uploads",
    metadata,
    Column("artifact_id", Id, ForeignKey("artifacts.id"), primary_key=True),
    Column("collection_id", Id, nullable=False),
    Column("bucket_location", String, nullable=False, unique=True),
    Column("resume_token", String),
    Column("upload_id", String),
    Column("part_size", BigInteger),
    _created(),
    Column("updated_at", Time, nullable=False),
    Index("ix_uploads_resume", "collection_id", "resume_token"),
    Index("ix_uploads_updated_at", "updated_at"),
)

idempotency_keys = Table(
    "idempotency_keys",
    metadata,
    Column("user_id", Id, ForeignKey("users.id"), primary_key=True),
    Column("key", String, primary_key=True),
    Column("fingerprint", LargeBinary, nullable=False),
    Column("answer", Json, nullable=False),
    _created(),
    Index("ix_idempotency_keys_created_at", "created_at"),
)

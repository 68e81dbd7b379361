"""The first schema: people, places, artifacts, metrics and what is kept about them."""

import sqlalchemy as sa
from alembic import op

from luml.server.db.types import Id, SortText, Time

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "artifact_metrics",
        sa.Column("collection_id", Id(), nullable=False),
        sa.Column("key", SortText, nullable=False),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("value", sa.Double[float](), nullable=False),
        sa.Column("artifact_id", Id(), nullable=False),
        sa.PrimaryKeyConstraint(
            "collection_id", "key", "type", "value", "artifact_id", name=op.f("pk_artifact_metrics")
        ),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "artifact_shape_keys",
        sa.Column("collection_id", Id(), nullable=False),
        sa.Column("key", SortText, nullable=False),
        sa.Column("shape_id", Id(), nullable=False),
        sa.Column("numeric", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint(
            "collection_id", "key", "shape_id", name=op.f("pk_artifact_shape_keys")
        ),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("artifact_shape_keys", schema=None) as batch_op:
        batch_op.create_index(
            "ix_artifact_shape_keys_shape", ["collection_id", "shape_id"], unique=False
        )

    op.create_table(
        "organizations",
        sa.Column("id", Id(), nullable=False),
        sa.Column("name", SortText, nullable=False),
        sa.Column("logo", sa.String(), nullable=True),
        sa.Column("created_at", Time(), nullable=False),
        sa.Column("updated_at", Time(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organizations")),
    )
    op.create_table(
        "users",
        sa.Column("id", Id(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=True),
        sa.Column("created_at", Time(), nullable=False),
        sa.Column("updated_at", Time(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
        sa.UniqueConstraint("email", name=op.f("uq_users_email")),
    )
    op.create_table(
        "bucket_secrets",
        sa.Column("id", Id(), nullable=False),
        sa.Column("organization_id", Id(), nullable=False),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("endpoint", sa.String(), nullable=False),
        sa.Column("bucket_name", sa.String(), nullable=False),
        sa.Column("region", sa.String(), nullable=True),
        sa.Column("secure", sa.Integer(), nullable=True),
        sa.Column("cert_check", sa.Integer(), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", Time(), nullable=False),
        sa.Column("updated_at", Time(), nullable=True),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organizations.id"],
            name=op.f("fk_bucket_secrets_organization_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bucket_secrets")),
    )
    with op.batch_alter_table("bucket_secrets", schema=None) as batch_op:
        batch_op.create_index(
            "ix_bucket_secrets_place", ["organization_id", "endpoint", "bucket_name"], unique=True
        )

    op.create_table(
        "idempotency_keys",
        sa.Column("user_id", Id(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("created_at", Time(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_idempotency_keys_user_id")
        ),
        sa.PrimaryKeyConstraint("user_id", "key", name=op.f("pk_idempotency_keys")),
    )
    with op.batch_alter_table("idempotency_keys", schema=None) as batch_op:
        batch_op.create_index("ix_idempotency_keys_created_at", ["created_at"], unique=False)

    op.create_table(
        "memberships",
        sa.Column("organization_id", Id(), nullable=False),
        sa.Column("user_id", Id(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("created_at", Time(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_memberships_organization_id")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_memberships_user_id")),
        sa.PrimaryKeyConstraint("organization_id", "user_id", name=op.f("pk_memberships")),
    )
    with op.batch_alter_table("memberships", schema=None) as batch_op:
        batch_op.create_index("ix_memberships_user_id", ["user_id"], unique=False)

    op.create_table(
        "orbits",
        sa.Column("id", Id(), nullable=False),
        sa.Column("organization_id", Id(), nullable=False),
        sa.Column("bucket_secret_id", Id(), nullable=False),
        sa.Column("name", SortText, nullable=False),
        sa.Column("total_members", sa.Integer(), nullable=False),
        sa.Column("total_collections", sa.BigInteger(), nullable=False),
        sa.Column("total_artifacts", sa.BigInteger(), nullable=False),
        sa.Column("created_at", Time(), nullable=False),
        sa.Column("updated_at", Time(), nullable=True),
        sa.ForeignKeyConstraint(
            ["bucket_secret_id"], ["bucket_secrets.id"], name=op.f("fk_orbits_bucket_secret_id")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_orbits_organization_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_orbits")),
    )
    with op.batch_alter_table("orbits", schema=None) as batch_op:
        batch_op.create_index("ix_orbits_bucket_secret_id", ["bucket_secret_id"], unique=False)
        batch_op.create_index(
            "ix_orbits_organization", ["organization_id", "name", "id"], unique=False
        )

    op.create_table(
        "api_keys",
        sa.Column("id", Id(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("user_id", Id(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("organization_id", Id(), nullable=True),
        sa.Column("orbit_id", Id(), nullable=True),
        sa.Column("expires_at", Time(), nullable=True),
        sa.Column("created_at", Time(), nullable=False),
        sa.ForeignKeyConstraint(["orbit_id"], ["orbits.id"], name=op.f("fk_api_keys_orbit_id")),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_api_keys_organization_id")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_api_keys_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_keys")),
        sa.UniqueConstraint("digest", name=op.f("uq_api_keys_digest")),
    )
    with op.batch_alter_table("api_keys", schema=None) as batch_op:
        batch_op.create_index("ix_api_keys_orbit_id", ["orbit_id"], unique=False)
        batch_op.create_index("ix_api_keys_user_id", ["user_id", "id"], unique=False)

    op.create_table(
        "collections",
        sa.Column("id", Id(), nullable=False),
        sa.Column("orbit_id", Id(), nullable=False),
        sa.Column("type", SortText, nullable=False),
        sa.Column("name", SortText, nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("description_sort", SortText, nullable=False),
        sa.Column("tags", sa.Text(), nullable=True),
        sa.Column("search_text", sa.Text(), nullable=False),
        sa.Column("total_artifacts", sa.BigInteger(), nullable=False),
        sa.Column("created_at", Time(), nullable=False),
        sa.Column("updated_at", Time(), nullable=True),
        sa.ForeignKeyConstraint(["orbit_id"], ["orbits.id"], name=op.f("fk_collections_orbit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_collections")),
    )
    with op.batch_alter_table("collections", schema=None) as batch_op:
        batch_op.create_index(
            "ix_collections_created_at", ["orbit_id", "created_at", "id"], unique=False
        )
        batch_op.create_index(
            "ix_collections_description", ["orbit_id", "description_sort", "id"], unique=False
        )
        batch_op.create_index("ix_collections_name", ["orbit_id", "name", "id"], unique=False)
        batch_op.create_index(
            "ix_collections_total_artifacts", ["orbit_id", "total_artifacts", "id"], unique=False
        )
        batch_op.create_index("ix_collections_type", ["orbit_id", "type", "id"], unique=False)

    op.create_table(
        "orbit_buckets",
        sa.Column("bucket_secret_id", Id(), nullable=False),
        sa.Column("orbit_id", Id(), nullable=False),
        sa.ForeignKeyConstraint(
            ["bucket_secret_id"],
            ["bucket_secrets.id"],
            name=op.f("fk_orbit_buckets_bucket_secret_id"),
        ),
        sa.ForeignKeyConstraint(
            ["orbit_id"], ["orbits.id"], name=op.f("fk_orbit_buckets_orbit_id")
        ),
        sa.PrimaryKeyConstraint("bucket_secret_id", "orbit_id", name=op.f("pk_orbit_buckets")),
    )
    with op.batch_alter_table("orbit_buckets", schema=None) as batch_op:
        batch_op.create_index("ix_orbit_buckets_orbit_id", ["orbit_id"], unique=False)

    op.create_table(
        "orbit_members",
        sa.Column("orbit_id", Id(), nullable=False),
        sa.Column("user_id", Id(), nullable=False),
        sa.Column("id", Id(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("created_at", Time(), nullable=False),
        sa.ForeignKeyConstraint(
            ["orbit_id"], ["orbits.id"], name=op.f("fk_orbit_members_orbit_id")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_orbit_members_user_id")),
        sa.PrimaryKeyConstraint("orbit_id", "user_id", name=op.f("pk_orbit_members")),
    )
    with op.batch_alter_table("orbit_members", schema=None) as batch_op:
        batch_op.create_index("ix_orbit_members_user_id", ["user_id"], unique=False)

    op.create_table(
        "artifact_shapes",
        sa.Column("collection_id", Id(), nullable=False),
        sa.Column("shape_id", Id(), nullable=False),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["collection_id"], ["collections.id"], name=op.f("fk_artifact_shapes_collection_id")
        ),
        sa.PrimaryKeyConstraint("collection_id", "shape_id", name=op.f("pk_artifact_shapes")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "artifacts",
        sa.Column("id", Id(), nullable=False),
        sa.Column("collection_id", Id(), nullable=False),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("status", SortText, nullable=False),
        sa.Column("name", SortText, nullable=False),
        sa.Column("file_name", SortText, nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("description_sort", SortText, nullable=False),
        sa.Column("tags", sa.Text(), nullable=True),
        sa.Column("search_text", sa.Text(), nullable=False),
        sa.Column("file_hash", sa.String(), nullable=True),
        sa.Column("unique_identifier", sa.String(), nullable=False),
        sa.Column("bucket_location", sa.String(), nullable=False),
        sa.Column("bucket_secret_id", Id(), nullable=False),
        sa.Column("shape_id", Id(), nullable=False),
        sa.Column("status_reason", sa.Text(), nullable=True),
        sa.Column("created_by", Id(), nullable=False),
        sa.Column("created_at", Time(), nullable=False),
        sa.Column("updated_at", Time(), nullable=True),
        sa.ForeignKeyConstraint(
            ["collection_id"], ["collections.id"], name=op.f("fk_artifacts_collection_id")
        ),
        sa.ForeignKeyConstraint(["created_by"], ["users.id"], name=op.f("fk_artifacts_created_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_artifacts")),
    )
    with op.batch_alter_table("artifacts", schema=None) as batch_op:
        batch_op.create_index(
            "ix_artifacts_created_at", ["collection_id", "type", "created_at", "id"], unique=False
        )
        batch_op.create_index(
            "ix_artifacts_description",
            ["collection_id", "type", "description_sort", "id"],
            unique=False,
        )
        batch_op.create_index(
            "ix_artifacts_file_name", ["collection_id", "type", "file_name", "id"], unique=False
        )
        batch_op.create_index(
            "ix_artifacts_name", ["collection_id", "type", "name", "id"], unique=False
        )
        batch_op.create_index(
            "ix_artifacts_shape", ["collection_id", "shape_id", "id"], unique=False
        )
        batch_op.create_index(
            "ix_artifacts_size", ["collection_id", "type", "size", "id"], unique=False
        )
        batch_op.create_index(
            "ix_artifacts_status", ["collection_id", "type", "status", "id"], unique=False
        )

    op.create_table(
        "collection_metrics",
        sa.Column("collection_id", Id(), nullable=False),
        sa.Column("key", SortText, nullable=False),
        sa.Column("shapes", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["collection_id"], ["collections.id"], name=op.f("fk_collection_metrics_collection_id")
        ),
        sa.PrimaryKeyConstraint("collection_id", "key", name=op.f("pk_collection_metrics")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "collection_tags",
        sa.Column("collection_id", Id(), nullable=False),
        sa.Column("tag", SortText, nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["collection_id"], ["collections.id"], name=op.f("fk_collection_tags_collection_id")
        ),
        sa.PrimaryKeyConstraint("collection_id", "tag", name=op.f("pk_collection_tags")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "collection_types",
        sa.Column("collection_id", Id(), nullable=False),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["collection_id"], ["collections.id"], name=op.f("fk_collection_types_collection_id")
        ),
        sa.PrimaryKeyConstraint("collection_id", "type", name=op.f("pk_collection_types")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "artifact_documents",
        sa.Column("artifact_id", Id(), nullable=False),
        sa.Column("extra_values", sa.Text(), nullable=False),
        sa.Column("manifest", sa.Text(), nullable=False),
        sa.Column("file_index", sa.Text(), nullable=False),
        sa.Column("part_digests", sa.Text(), nullable=True),
        sa.Column("member_digests", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["artifact_id"], ["artifacts.id"], name=op.f("fk_artifact_documents_artifact_id")
        ),
        sa.PrimaryKeyConstraint("artifact_id", name=op.f("pk_artifact_documents")),
    )
    op.create_table(
        "uploads",
        sa.Column("artifact_id", Id(), nullable=False),
        sa.Column("collection_id", Id(), nullable=False),
        sa.Column("bucket_location", sa.String(), nullable=False),
        sa.Column("resume_token", sa.String(), nullable=True),
        sa.Column("upload_id", sa.String(), nullable=True),
        sa.Column("part_size", sa.BigInteger(), nullable=True),
        sa.Column("created_at", Time(), nullable=False),
        sa.Column("updated_at", Time(), nullable=False),
        sa.ForeignKeyConstraint(
            ["artifact_id"], ["artifacts.id"], name=op.f("fk_uploads_artifact_id")
        ),
        sa.PrimaryKeyConstraint("artifact_id", name=op.f("pk_uploads")),
        sa.UniqueConstraint("bucket_location", name=op.f("uq_uploads_bucket_location")),
    )
    with op.batch_alter_table("uploads", schema=None) as batch_op:
        batch_op.create_index("ix_uploads_resume", ["collection_id", "resume_token"], unique=False)
        batch_op.create_index("ix_uploads_updated_at", ["updated_at"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("uploads", schema=None) as batch_op:
        batch_op.drop_index("ix_uploads_updated_at")
        batch_op.drop_index("ix_uploads_resume")

    op.drop_table("uploads")
    op.drop_table("artifact_documents")
    op.drop_table("collection_types")
    op.drop_table("collection_tags")
    op.drop_table("collection_metrics")
    with op.batch_alter_table("artifacts", schema=None) as batch_op:
        batch_op.drop_index("ix_artifacts_status")
        batch_op.drop_index("ix_artifacts_size")
        batch_op.drop_index("ix_artifacts_shape")
        batch_op.drop_index("ix_artifacts_name")
        batch_op.drop_index("ix_artifacts_file_name")
        batch_op.drop_index("ix_artifacts_description")
        batch_op.drop_index("ix_artifacts_created_at")

    op.drop_table("artifacts")
    op.drop_table("artifact_shapes")
    with op.batch_alter_table("orbit_members", schema=None) as batch_op:
        batch_op.drop_index("ix_orbit_members_user_id")

    op.drop_table("orbit_members")
    with op.batch_alter_table("orbit_buckets", schema=None) as batch_op:
        batch_op.drop_index("ix_orbit_buckets_orbit_id")

    op.drop_table("orbit_buckets")
    with op.batch_alter_table("collections", schema=None) as batch_op:
        batch_op.drop_index("ix_collections_type")
        batch_op.drop_index("ix_collections_total_artifacts")
        batch_op.drop_index("ix_collections_name")
        batch_op.drop_index("ix_collections_description")
        batch_op.drop_index("ix_collections_created_at")

    op.drop_table("collections")
    with op.batch_alter_table("api_keys", schema=None) as batch_op:
        batch_op.drop_index("ix_api_keys_user_id")
        batch_op.drop_index("ix_api_keys_orbit_id")

    op.drop_table("api_keys")
    with op.batch_alter_table("orbits", schema=None) as batch_op:
        batch_op.drop_index("ix_orbits_organization")
        batch_op.drop_index("ix_orbits_bucket_secret_id")

    op.drop_table("orbits")
    with op.batch_alter_table("memberships", schema=None) as batch_op:
        batch_op.drop_index("ix_memberships_user_id")

    op.drop_table("memberships")
    with op.batch_alter_table("idempotency_keys", schema=None) as batch_op:
        batch_op.drop_index("ix_idempotency_keys_created_at")

    op.drop_table("idempotency_keys")
    with op.batch_alter_table("bucket_secrets", schema=None) as batch_op:
        batch_op.drop_index("ix_bucket_secrets_place")

    op.drop_table("bucket_secrets")
    op.drop_table("users")
    op.drop_table("organizations")
    with op.batch_alter_table("artifact_shape_keys", schema=None) as batch_op:
        batch_op.drop_index("ix_artifact_shape_keys_shape")

    op.drop_table("artifact_shape_keys")
    op.drop_table("artifact_metrics")

"""The words of the wire that come from a fixed list."""

from enum import StrEnum


class ArtifactType(StrEnum):
    """What an artifact is."""

    MODEL = "model"
    DATASET = "dataset"
    EXPERIMENT = "experiment"


class ArtifactStatus(StrEnum):
    """Where an artifact stands in its life."""

    PENDING_UPLOAD = "pending_upload"
    UPLOADED = "uploaded"
    PENDING_DELETION = "pending_deletion"
    UPLOAD_FAILED = "upload_failed"
    DELETION_FAILED = "deletion_failed"


class SortOrder(StrEnum):
    """The direction of a list."""

    ASC = "asc"
    DESC = "desc"


class ArtifactSortBy(StrEnum):
    """The columns that artifacts sort by; any metric key sorts too."""

    CREATED_AT = "created_at"
    NAME = "name"
    SIZE = "size"
    DESCRIPTION = "description"
    STATUS = "status"
    TYPE = "type"


class CollectionSortBy(StrEnum):
    """The columns that collections sort by."""

    CREATED_AT = "created_at"
    NAME = "name"
    TYPE = "type"
    DESCRIPTION = "description"
    TOTAL_ARTIFACTS = "total_artifacts"


class CollectionType(StrEnum):
    """Which artifact types a collection holds."""

    MODEL = "model"
    DATASET = "dataset"
    EXPERIMENT = "experiment"
    MODEL_DATASET = "model_dataset"
    DATASET_EXPERIMENT = "dataset_experiment"
    MODEL_EXPERIMENT = "model_experiment"
    MIXED = "mixed"

    def allows(self, artifact_type: ArtifactType) -> bool:
        """Say whether an artifact of ``artifact_type`` may go into such a collection."""
        return self is CollectionType.MIXED or artifact_type.value in self.value.split("_")


class CollectionTypeFilter(StrEnum):
    """What a list of collections can be narrowed to."""

    MODEL = "model"
    DATASET = "dataset"
    EXPERIMENT = "experiment"
    MIXED = "mixed"


class BucketType(StrEnum):
    """The kind of store behind a bucket secret."""

    S3 = "s3"
    AZURE = "azure"

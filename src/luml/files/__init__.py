"""What an artifact file is: pure readers that never look at its data (format)."""

from luml.files.limits import DEFAULT_MAX_FILE_SIZE
from luml.files.manifest import artifact_type_of, normalise_manifest
from luml.files.names import check_file_name, check_suffix
from luml.files.reader import ArtifactFile, FileIdentity, read_artifact

__all__ = [
    "DEFAULT_MAX_FILE_SIZE",
    "ArtifactFile",
    "FileIdentity",
    "artifact_type_of",
    "check_file_name",
    "check_suffix",
    "normalise_manifest",
    "read_artifact",
]

"""Every limit of the artifact file reader, once (format, section 9).

Together they keep any file within two seconds and 64 MiB of memory, whatever it holds.
"""

from typing import Final

MIB: Final = 1024 * 1024

DEFAULT_MAX_FILE_SIZE: Final = 5_000_000_000
"""Bytes of a whole file, unless the caller says otherwise."""

BLOCK_SIZE: Final = 512
"""Bytes of a tar block."""

WINDOW_SIZE: Final = 16 * 1024
"""Bytes read at once while looking for headers; small enough to seek past data for nothing."""

MAX_MEMBERS: Final = 200_000
"""Members of one file, directories and links among them."""

MAX_SPARE_EXTENSIONS: Final = 1_000
"""Extended headers beyond the two, of name and of link name, that a member may come with."""

MAX_HEADERS: Final = 2 * MAX_MEMBERS + MAX_SPARE_EXTENSIONS
"""Headers of one file, extended ones among them."""

MAX_NAME_BYTES: Final = 4096
"""Bytes of one member name."""

MAX_NAMES_BYTES: Final = 16 * MIB
"""Bytes of all member names together; they stay in memory with the index."""

MAX_EXTENSION_BYTES: Final = 256 * 1024
"""Bytes of one PAX block or long name."""

MAX_EXTENSIONS_BYTES: Final = 64 * MIB
"""Bytes of all PAX blocks and long names together."""

MAX_EXTENSION_RECORDS: Final = 1_000_000
"""PAX records of one file."""

MAX_METADATA_BYTES: Final = 4 * MIB
"""Bytes of the manifest, of each patch and of each metadata file."""

MAX_METADATA_TOTAL: Final = 16 * MIB
"""Bytes of the manifest, its patches and the metadata files together."""

MAX_SIDECARS: Final = 1_000
"""Metadata sidecars of one file; as many manifest patches."""

MAX_PATCH_OPERATIONS: Final = 10_000
"""Operations of all manifest patches together."""

MAX_JSON_DEPTH: Final = 64
"""Arrays and objects inside one another."""

MAX_JSON_VALUES: Final = 100_000
"""Values of one JSON text; a small text of many empty lists would fill the memory."""

MAX_METRICS: Final = 1_000
"""Metrics of one artifact."""

MAX_METRIC_KEY: Final = 128
"""Characters of a metric key."""

MAX_FILE_NAME_BYTES: Final = 255
"""Bytes of the name of the file itself."""

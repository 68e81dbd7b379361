luml = AsyncLumlClient(
    api_key="luml_your_key",
)

async def main():
    await luml.setup_config(
        organization="0199c455-21ec-7c74-8efe-41470e29bae5",
        orbit="0199c455-21ed-7aba-9fe5-5231611220de",
        collection="0199c455-21ee-74c6-b747-19a82f1a1e75"
    )
    # Default: sorted by creation time, newest first
    artifacts = await luml.artifacts.list()

    # Sort by size
    artifacts = await luml.artifacts.list(
        sort_by="size",
        order="asc"
    )

    # Sort by a specific metric (e.g., F1 score)
    artifacts = await luml.artifacts.list(
        sort_by="F1",
        order="desc"
    )

    # Filter by artifact type
    artifacts = await luml.artifacts.list(type=ArtifactType.MODEL)

luml = LumlClient(
    api_key="luml_your_key",
    organization="0199c455-21ec-7c74-8efe-41470e29bae5",
    orbit="0199c455-21ed-7aba-9fe5-5231611220de",
    collection="0199c455-21ee-74c6-b747-19a82f1a1e75"
)

# List all artifacts with default sorting
for artifact in luml.artifacts.list_all(limit=50):
    print(artifact.id)

# List all artifacts sorted by F1 metric
for artifact in luml.artifacts.list_all(
    sort_by="F1",
    order="desc",
    limit=50
):
    print(f"{artifact.name}: F1={artifact.metrics.get('F1')}")

# Filter by artifact type
for artifact in luml.artifacts.list_all(type=ArtifactType.MODEL):
    print(artifact.name)

luml = AsyncLumlClient(
    api_key="luml_your_key",
)

async def main():
    await luml.setup_config(
        organization="0199c455-21ec-7c74-8efe-41470e29bae5",
        orbit="0199c455-21ed-7aba-9fe5-5231611220de",
        collection="0199c455-21ee-74c6-b747-19a82f1a1e75"
    )

    result = await luml.artifacts.create(
        file_name="model.fnnx",
        extra_values={"accuracy": 0.95},
        manifest={"version": "1.0"},
        file_hash="abc123",
        file_index={"layer1": (0, 1024)},
        size=1048576,
        name="Test Model"
    )

luml = LumlClient(
    api_key="luml_your_key",
    organization="0199c455-21ec-7c74-8efe-41470e29bae5",
    orbit="0199c455-21ed-7aba-9fe5-5231611220de",
    collection="0199c455-21ee-74c6-b747-19a82f1a1e75"
)
url_info = luml.artifacts.download_url(
    "0199c455-21ee-74c6-b747-19a82f1a1e67"
)
download_url = url_info["url"]

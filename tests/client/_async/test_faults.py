"""What a client says when something is wrong, and what it tries again."""

from __future__ import annotations

from typing import Any

import pytest

from luml.api import (
    APIConnectionError,
    APIError,
    APIStatusError,
    AsyncLumlClient,
    AuthenticationError,
    ConfigurationError,
    ConflictError,
    InternalServerError,
    NotFoundError,
    PermissionDeniedError,
    RateLimitError,
    TransferOptions,
)
from tests.client.scripted import CUT, Answer, ScriptedServer, scripted
from tests.client.support import async_opened
from tests.conftest import RegistryAddress

pytestmark = pytest.mark.anyio

ORGANIZATION, ORBIT, COLLECTION, ARTIFACT = (
    f"0199c455-21ee-74c6-b747-{number:012x}" for number in range(4)
)
TIME = "2025-01-15T10:30:00.123456Z"
COLLECTION_ANSWER = Answer(
    body={
        "id": COLLECTION,
        "orbit_id": ORBIT,
        "description": "",
        "name": "default",
        "type": "mixed",
        "created_at": TIME,
        "field_of_a_newer_server": True,
    }
)
NO_PROBLEM = Answer(404, {"detail": "Not Found"})
PROBLEM = {"title": "x", "status": 409, "detail": "text", "code": "some_code", "request_id": "r1"}


def artifact(number: int) -> dict[str, Any]:
    """Return one artifact as the wire has it."""
    return {
        "id": f"0199c455-21ee-74c6-b748-{number:012x}",
        "collection_id": COLLECTION,
        "name": f"n{number}",
        "file_name": "model.fnnx",
        "bucket_location": "x",
        "size": 1,
        "unique_identifier": "u",
        "status": "uploaded",
        "type": "model",
        "created_at": TIME,
    }


async def opened_on(server: ScriptedServer) -> AsyncLumlClient:
    """Return a client of a scripted server, whose first answer is the default collection."""
    address = RegistryAddress(server.base_url, "luml_key", ORGANIZATION, ORBIT, COLLECTION)
    return await async_opened(
        address, organization=ORGANIZATION, orbit=ORBIT, collection=COLLECTION
    )


async def test_no_server() -> None:
    address = RegistryAddress("http://127.0.0.1:9", "luml_key", "", "", "")
    with pytest.raises(APIConnectionError, match="refused") as caught:
        await async_opened(address)
    assert "luml up" in str(caught.value)
    assert "127.0.0.1:9" in caught.value.url


async def test_unknown_host() -> None:
    address = RegistryAddress("http://no-such-host.invalid", "luml_key", "", "", "")
    with pytest.raises(APIConnectionError, match="host name is unknown"):
        await async_opened(address)


async def test_plain_server_asked_by_tls(registry: RegistryAddress) -> None:
    address = RegistryAddress(registry.base_url.replace("http:", "https:"), "luml_key", "", "", "")
    with pytest.raises(APIConnectionError, match="TLS"):
        await async_opened(address)


async def test_unknown_key(registry: RegistryAddress) -> None:
    key = "luml_" + "x" * 43
    with pytest.raises(AuthenticationError, match="LUML_API_KEY") as caught:
        await async_opened(registry, api_key=key)
    assert caught.value.request_id
    assert key not in str(caught.value) + repr(caught.value.__dict__)


@pytest.mark.parametrize(
    "answer",
    [
        Answer(200, "<html>Welcome</html>"),
        Answer(404, "<html>Nothing here</html>"),
        Answer(403, "<html>Forbidden</html>"),
        Answer(200, {"hello": "world"}),
        Answer(200, ["hello"]),
        Answer(302, None, {"location": "https://login.example.org/?token=secret"}),
    ],
)
async def test_a_server_that_is_no_registry(answer: Answer) -> None:
    with scripted(answer) as server, pytest.raises(APIStatusError) as caught:
        await opened_on(server)
    assert "did not reach a luml registry" in str(caught.value)
    assert "secret" not in str(caught.value)


async def test_a_foreign_404_is_no_missing_artifact() -> None:
    with scripted(COLLECTION_ANSWER, Answer(404, "<html></html>"), NO_PROBLEM) as server:
        luml = await opened_on(server)
        for _ in range(2):
            with pytest.raises(NotFoundError):
                await luml.artifacts.get(ARTIFACT)
        await luml.aclose()


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503])
async def test_passing_faults_are_tried_again(status: int) -> None:
    fault = Answer(status, PROBLEM, {"retry-after": "0"})
    with scripted(fault, CUT, fault, COLLECTION_ANSWER) as server:
        luml = await opened_on(server)
        assert luml.collection == COLLECTION
        assert len(server.heard) == 4
        await luml.aclose()


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 422, 501])
async def test_lasting_faults_are_not(status: int) -> None:
    with scripted(COLLECTION_ANSWER, Answer(status, PROBLEM)) as server:
        luml = await opened_on(server)
        with pytest.raises(APIStatusError) as caught:
            await luml.artifacts.update(ARTIFACT, name="x")
        assert caught.value.status_code == status
        assert (caught.value.code, caught.value.request_id) == ("some_code", "r1")
        assert caught.value.method == "PATCH"
        assert len(server.heard) == 2
        await luml.aclose()


async def test_giving_up(registry: RegistryAddress) -> None:
    with scripted(Answer(503, PROBLEM, {"retry-after": "0"})) as server:
        with pytest.raises(InternalServerError, match="request r1"):
            await opened_on(server)
        assert len(server.heard) == 4
    with scripted(Answer(429, PROBLEM, {"retry-after": "3600"})) as server:
        with pytest.raises(RateLimitError):
            await opened_on(server)
        assert len(server.heard) == 1


async def test_a_server_that_says_nothing() -> None:
    with scripted(Answer(silence=5)) as server:
        address = RegistryAddress(server.base_url, "luml_key", ORGANIZATION, ORBIT, COLLECTION)
        with pytest.raises(APIConnectionError, match="took too long"):
            await async_opened(address, timeout=0.1, max_retries=0)


CREATED = COLLECTION_ANSWER


async def test_a_cut_create_is_sent_again_with_its_key() -> None:
    info = Answer(body={"name": "luml", "version": "1", "extensions": ["idempotency"]})
    with scripted(COLLECTION_ANSWER, CUT, info, CREATED) as server:
        luml = await opened_on(server)
        await luml.collections.create("", "new", "mixed")
        posts = [heard for heard in server.heard if heard.method == "POST"]
        assert len(posts) == 2
        assert posts[0].headers["idempotency-key"] == posts[1].headers["idempotency-key"]
        assert posts[0].body == posts[1].body
        await luml.aclose()


async def test_a_cut_create_is_not_sent_again_where_it_could_make_two() -> None:
    with scripted(COLLECTION_ANSWER, CUT, NO_PROBLEM) as server:
        luml = await opened_on(server)
        with pytest.raises(APIConnectionError, match="cut"):
            await luml.collections.create("", "new", "mixed")
        assert [heard.method for heard in server.heard] == ["GET", "POST", "GET"]
        await luml.aclose()


async def test_a_repeated_delete_that_finds_nothing_has_done_its_work() -> None:
    gone = Answer(404, {"detail": "Collection not found"})
    with scripted(COLLECTION_ANSWER, CUT, gone) as server:
        luml = await opened_on(server)
        await luml.collections.delete()
        await luml.aclose()
    with scripted(COLLECTION_ANSWER, gone) as server:
        luml = await opened_on(server)
        with pytest.raises(NotFoundError):
            await luml.collections.delete()
        await luml.aclose()


@pytest.mark.parametrize("repeats", [False, True])
async def test_lists_that_never_end(repeats: bool) -> None:
    pages = [
        Answer(body={"items": [artifact(0)], "cursor": "same" if repeats else f"c{number}"})
        for number in range(100)
    ]
    with scripted(COLLECTION_ANSWER, *pages) as server:
        luml = await opened_on(server)
        with pytest.raises(APIError, match="does not end"):
            [item.id async for item in luml.artifacts.list_all()]
        assert len(server.heard) <= 13
        await luml.aclose()


async def test_the_key_goes_nowhere_else(registry: RegistryAddress) -> None:
    luml = await async_opened(registry)
    assert registry.api_key not in repr(luml) + repr(vars(luml)) + repr(luml.session.settings)
    await luml.aclose()
    with pytest.raises(ConfigurationError, match="closed"):
        await luml.organizations.list()


async def test_keys_that_cannot_be_keys(registry: RegistryAddress) -> None:
    for key in ("", "luml_a\nb", "luml a", "lüml", "luml_\x00", "luml_\r\nx: y"):
        with pytest.raises(ConfigurationError, match="API key") as caught:
            await async_opened(registry, api_key=key)
        assert not key or key not in str(caught.value)


def bucket(server: ScriptedServer, *answers: Answer) -> None:
    """Put a bucket trial into a script: the URLs, then what the bucket answers."""
    names = ("presigned_url", "download_url", "delete_url")
    urls = {name: f"{server.base_url}/bucket/test_file?signature={name}" for name in names}
    server.script.extend([Answer(body=urls), *answers])


def refusal(code: str, status: int = 403) -> Answer:
    """Return the answer of a store that refuses."""
    return Answer(status, f"<Error><Code>{code}</Code><Message>no</Message></Error>")


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        ((refusal("AccessDenied"),), "writing to it failed, the keys may not"),
        ((refusal("InvalidAccessKeyId"),), "access key is unknown"),
        ((refusal("SignatureDoesNotMatch"),), "secret key is wrong"),
        ((refusal("RequestTimeTooSkewed"),), "clocks"),
        ((refusal("NoSuchBucket", 404),), "no such bucket"),
        ((refusal("AuthorizationHeaderMalformed", 400),), "region"),
        ((refusal("PermanentRedirect", 301),), "region"),
        ((Answer(200), Answer(200, "luml bucket test")), "reading a range of it failed"),
        ((Answer(200), Answer(206, "other bytes")), "other bytes"),
        ((Answer(200), Answer(206, "luml bucket"), refusal("AccessDenied")), "deleting from it"),
    ],
)
async def test_a_bucket_is_tried_before_it_is_saved(
    answers: tuple[Answer, ...], words: str
) -> None:
    with scripted(COLLECTION_ANSWER) as server:
        luml = await opened_on(server)
        bucket(server, *answers)
        with pytest.raises(ConfigurationError, match=words) as caught:
            await luml.bucket_secrets.create_s3_bucket(
                "s3.example.org", "models", "eu-north-1", "access", "very-secret"
            )
        assert "very-secret" not in str(caught.value)
        assert "signature" not in str(caught.value)
        assert all(line.path != "/v1/organizations" for line in server.heard)
        await luml.aclose()


async def test_a_good_bucket_is_saved() -> None:
    secret = {
        "id": ARTIFACT,
        "type": "s3",
        "endpoint": "s3.example.org",
        "bucket_name": "models",
        "region": "eu-north-1",
        "organization_id": ORGANIZATION,
        "created_at": TIME,
    }
    good = (Answer(200), Answer(206, "luml bucket"), Answer(204), Answer(body=secret))
    with scripted(COLLECTION_ANSWER) as server:
        luml = await opened_on(server)
        bucket(server, *good)
        made = await luml.bucket_secrets.create_s3_bucket(
            "s3.example.org", "models", "eu-north-1", "access", "very-secret"
        )
        assert made.id == ARTIFACT
        tried = [heard for heard in server.heard if heard.path.startswith("/bucket/")]
        assert [heard.method for heard in tried] == ["PUT", "GET", "DELETE"]
        assert len(tried[0].body) == 16
        assert tried[1].headers["range"] == "bytes=0-10"
        assert all("authorization" not in heard.headers for heard in tried)
        bucket(server, *good)
        await luml.bucket_secrets.update_azure_bucket(ARTIFACT, bucket_name="other")
        put = next(heard for heard in reversed(server.heard) if heard.method == "PUT")
        assert put.headers["x-ms-blob-type"] == "BlockBlob"
        await luml.aclose()


async def test_conflicts_say_what_to_do(aclient: AsyncLumlClient) -> None:
    secrets = await aclient.bucket_secrets.list()
    with pytest.raises(ConflictError, match="Look at the state"):
        await aclient.bucket_secrets.delete(secrets[0].id)


async def test_a_key_that_may_not(aclient: AsyncLumlClient, registry: RegistryAddress) -> None:
    reader = await aclient.api_keys.create("reader", "read")
    luml = await async_opened(registry, api_key=reader.key)
    with pytest.raises(PermissionDeniedError, match="ask an admin"):
        await luml.collections.create("", "new", "mixed")
    await luml.aclose()


async def test_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    address = RegistryAddress("http://registry.invalid", "luml_key", "", "", "")
    with scripted(Answer(body=[])) as server:
        await (
            await async_opened(address, transfer=TransferOptions(proxy=server.base_url))
        ).aclose()
        monkeypatch.setenv("HTTP_PROXY", server.base_url)
        await (await async_opened(address)).aclose()
        wanted = "http://registry.invalid/v1/users/me/organizations"
        assert [heard.path for heard in server.heard] == [wanted, wanted]

"""Trying a bucket before it is trusted: what is sent, and what an answer means. No I/O."""

from __future__ import annotations

import re
from dataclasses import dataclass

from luml.api._runtime.exchange import HttpFailure, HttpRequest, HttpResponse, Reason
from luml.errors import ConfigurationError
from luml.models import BucketSecretUrls, BucketType

SAMPLE = b"luml bucket test"
"""The 16 bytes that are written (wire, section 2)."""

READ = slice(0, 11)

CAUSES = {
    "AccessDenied": "the keys may not do this: allow reading, writing and deleting objects",
    "AllAccessDisabled": "access to the bucket is switched off",
    "AuthorizationHeaderMalformed": "the region is not the bucket's",
    "AuthorizationQueryParametersError": "the region is not the bucket's",
    "AuthenticationFailed": "the account key is wrong, or the clock is",
    "ContainerNotFound": "there is no such container",
    "ExpiredToken": "the session token has run out",
    "IllegalLocationConstraintException": "the region is not the bucket's",
    "InvalidAccessKeyId": "the access key is unknown",
    "InvalidToken": "the session token is wrong",
    "NoSuchBucket": "there is no such bucket",
    "PermanentRedirect": "the endpoint or the region is not the bucket's",
    "RequestExpired": "the clocks of store and registry differ",
    "RequestTimeTooSkewed": "the clocks of store and registry differ",
    "SignatureDoesNotMatch": "the secret key is wrong",
    "TemporaryRedirect": "the endpoint or the region is not the bucket's",
}

NO_ANSWER = {
    Reason.UNKNOWN_HOST: "the host name of the endpoint is unknown (DNS)",
    Reason.TLS: "the TLS handshake failed; check secure and cert_check",
    Reason.REFUSED: "the endpoint refused the connection",
    Reason.TIMEOUT: "the endpoint did not answer in time",
}


@dataclass(frozen=True, slots=True)
class Step:
    """One request of the trial.

    Attributes:
        doing: What it does, as an error says it.
        expected: The statuses that are right.
        content: What the answer must hold, None for anything.
    """

    doing: str
    request: HttpRequest
    expected: tuple[int, ...]
    content: bytes | None = None


def steps(urls: BucketSecretUrls, kind: BucketType) -> tuple[Step, Step, Step]:
    """Return the trial: write, read a range, delete."""
    headers = {"x-ms-blob-type": "BlockBlob"} if kind is BucketType.AZURE else {}
    ranged = {"range": f"bytes={READ.start}-{READ.stop - 1}"}
    put = HttpRequest("PUT", urls.presigned_url, headers=headers, content=SAMPLE)
    get = HttpRequest("GET", urls.download_url, headers=ranged)
    delete = HttpRequest("DELETE", urls.delete_url)
    return (
        Step("writing to it", put, (200, 201)),
        Step("reading a range of it", get, (206,), SAMPLE[READ]),
        Step("deleting from it", delete, (200, 202, 204)),
    )


def judge(bucket: str, step: Step, outcome: HttpResponse | HttpFailure) -> None:
    """Accept the outcome of one step.

    Raises:
        ConfigurationError: It is not right; the message says what failed and why.
    """
    if isinstance(outcome, HttpFailure):
        raise _failed(bucket, step, NO_ANSWER.get(outcome.reason, outcome.reason.value))
    if outcome.status not in step.expected:
        raise _failed(bucket, step, _cause(outcome))
    if step.content is not None and outcome.body != step.content:
        raise _failed(bucket, step, "it gave back other bytes than were written")


def _cause(response: HttpResponse) -> str:
    text = response.body.decode("utf-8", "replace")
    found = re.search(r"<Code>\s*([A-Za-z]+)\s*</Code>", text)
    code = found[1] if found else response.headers.get("x-ms-error-code", "")
    known = CAUSES.get(code)
    if known:
        return f"{known} ({response.status} {code})"
    if 300 <= response.status < 400:
        return f"the endpoint or the region is not the bucket's ({response.status})"
    if response.status == 200:
        return "it ignores ranges and gave the whole object"
    return f"it answered {response.status} {code}".rstrip()


def _failed(bucket: str, step: Step, cause: str) -> ConfigurationError:
    return ConfigurationError(
        f"The bucket {bucket!r} cannot be used: {step.doing} failed, {cause}. Nothing was saved."
    )

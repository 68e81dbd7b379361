"""Which certificates to trust and to show, for the API and for buckets alike."""

from __future__ import annotations

import os
import ssl

from luml.errors import ConfigurationError
from luml.transfer.options import TransferOptions


def tls_context(options: TransferOptions) -> ssl.SSLContext:
    """Return the TLS settings of a client.

    Raises:
        ConfigurationError: A certificate file is missing or is none.
    """
    bundle = options.ca_bundle or os.environ.get("SSL_CERT_FILE") or None
    folder = None if options.ca_bundle else os.environ.get("SSL_CERT_DIR") or None
    try:
        context = ssl.create_default_context(cafile=bundle, capath=folder)
    except OSError as error:
        raise ConfigurationError(
            f"The certificates in {os.fspath(bundle or folder or '')!r} cannot be used: {error}."
        ) from error
    if not options.verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    certificate = options.client_certificate
    if certificate is not None:
        files = (certificate, None) if isinstance(certificate, str) else certificate
        try:
            context.load_cert_chain(*files)
        except OSError as error:
            raise ConfigurationError(
                f"The client certificate {files[0]!r} cannot be used: {error}."
            ) from error
    return context

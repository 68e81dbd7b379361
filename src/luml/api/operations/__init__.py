"""Every request that the SDK makes, described without I/O: one pure function an endpoint.

A function takes a path and values and returns a :class:`~luml.api.operations.request.Request`,
which says what to send and how to read the answer. Who sends it is no concern of theirs.
"""

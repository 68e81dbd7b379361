"""The embedded store's own HTTP path: bodies move between sockets and files on threads, never
through the event loop.

JSON requests and bodies share one port. ``handover`` watches each connection of the ASGI server
and passes it, socket and all, to a thread as soon as a request for the store begins; the thread
gives it back when another kind of request follows.
"""

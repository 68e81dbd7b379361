"""The transfer engine: blocking sockets on threads, one engine for the sync and the async client.

Nothing here runs on an event loop. ``Engine`` owns the connections, the slots for parts in flight
and the memory budget of a client; a ``Coordinator`` belongs to one transfer and can cancel it from
any thread.
"""

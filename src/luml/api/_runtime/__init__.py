"""What differs between tasks and threads: :mod:`aio` and :mod:`threads` have the same names.

They are the only importers of the HTTP library, and import it when the first client is made.
"""

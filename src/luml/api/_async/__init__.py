"""The shells that wait: written once here for tasks; ``_sync`` is generated from them."""

"""The public import paths of the SDK spec, one module a noun."""

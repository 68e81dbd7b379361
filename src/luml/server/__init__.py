"""The registry: an HTTP server over a database and a bucket."""

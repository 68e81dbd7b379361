"""luml: an artifact registry for machine learning teams.

The SDK lives in :mod:`luml.api`, the server in :mod:`luml.server`, the command line in
:mod:`luml.cli`.
"""

__version__ = "0.1.0"

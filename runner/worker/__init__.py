"""kmatrix_worker: what runs inside an environment under test.

Python 3.6 or newer, the standard library, NumPy and that environment's own Keras; nothing else.
The host copies this package, never imports it. It has no opinions: it reports what happened.
"""

# Of the messages between host and worker; the host has the same number in worker_protocol.py.
# Raise both when either end would misread the other.
PROTOCOL = 1

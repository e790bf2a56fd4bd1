"""How large the real tests are: CI takes the smallest matrix that shows the thing.

``KMATRIX_REAL=full`` takes the large one.
"""

import os

FULL = os.environ.get("KMATRIX_REAL", "") == "full"


def scaled(small, full):
    """``full`` where it was asked for, else ``small``."""
    return full if FULL else small

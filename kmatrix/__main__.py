"""The launcher: puts its own bundle, or the checkout, first on ``sys.path`` and starts the CLI.

An installed kmatrix adds one name to site-packages; ``runner`` and ``reports`` lie below
``kmatrix/_app``, so that a stranger's ``runner/`` in the current folder is not picked up.
"""

import sys
from pathlib import Path


def main() -> int:
    """Run the command line; return its exit code."""
    here = Path(__file__).resolve().parent
    bundle = here / "_app"
    sys.path.insert(0, str(bundle if bundle.is_dir() else here.parent))
    from runner.cli.main import main as run  # noqa: PLC0415 - only importable from here on

    return run(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())

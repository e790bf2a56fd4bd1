"""Types that have no name of their own in every Python and NumPy that the worker runs in."""

from typing import TYPE_CHECKING, Any, Callable, Dict, List, Tuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[Any]
else:
    Array = np.ndarray

Arrays = List[Array]
Json = Dict[str, Any]
Objects = Dict[str, Any]  # custom objects by the name that a file asks for
Mark = Callable[[str], None]  # names the stage that is about to begin
Version = Tuple[int, ...]  # (2, 10, 0)

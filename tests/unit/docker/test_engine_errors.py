import errno

import pytest
import requests
from docker.errors import DockerException

from runner.docker.engine_errors import EngineError, engine_errors
from runner.model.builds import Fault

ADDRESS = "unix:///var/run/docker.sock"


@pytest.mark.parametrize(
    "error",
    [
        OSError(errno.ENOSPC, "No space left on device"),
        PermissionError(errno.EACCES, "Permission denied", "build.log"),
        FileNotFoundError(errno.ENOENT, "No such file", "context.tar"),
    ],
)
def test_an_error_of_this_machines_files_is_not_called_a_missing_engine(error):
    """``say`` writes a log while the Engine builds (B10)."""
    with pytest.raises(type(error)) as caught, engine_errors("building", ADDRESS):
        raise error
    assert caught.value is error


@pytest.mark.parametrize(
    "error",
    [
        ConnectionResetError(errno.ECONNRESET, "reset"),
        BrokenPipeError(errno.EPIPE, "pipe"),
        TimeoutError("timed out"),
        OSError(errno.EHOSTUNREACH, "No route to host"),
        requests.ConnectionError("refused"),
        DockerException("while fetching server API version"),
    ],
)
def test_an_engine_that_is_gone_is_called_so(error):
    with pytest.raises(EngineError) as caught, engine_errors("building", ADDRESS):
        raise error
    assert caught.value.fault is Fault.ENGINE

import json

import pytest

from runner.environments.image_settings import CA, Redactor, Settings, host_settings


def settings(tmp_path, **environ):
    return host_settings(environ, tmp_path)


def test_what_uv_and_pip_are_told_here_holds_in_a_build(tmp_path):
    found = settings(
        tmp_path,
        UV_DEFAULT_INDEX="https://pypi.example/simple",
        https_proxy="http://proxy.example:3128",
        UV_INDEX_TEAM_PASSWORD="secret",  # noqa: S106 - made up
        UV_CACHE_DIR="/home/me/cache",
        PATH="/bin",
        AWS_SECRET_ACCESS_KEY="secret",  # noqa: S106 - made up
    )
    assert dict(found.variables) == {
        "UV_DEFAULT_INDEX": "https://pypi.example/simple",
        "PIP_INDEX_URL": "https://pypi.example/simple",
        "https_proxy": "http://proxy.example:3128",
        "UV_INDEX_TEAM_PASSWORD": "secret",
    }


def test_paths_of_this_machine_mean_nothing_there(tmp_path):
    assert settings(tmp_path, PIP_EXTRA_INDEX_URL="file:///opt/simple").variables == ()


def test_certificates_and_passwords_go_along_as_files(tmp_path):
    bundle = tmp_path / "company.pem"
    bundle.write_bytes(b"certificate")
    (tmp_path / ".netrc").write_text("machine pypi.example login me password secret")
    (tmp_path / ".config" / "uv").mkdir(parents=True)
    (tmp_path / ".config" / "uv" / "uv.toml").write_text("index-url = 'https://pypi.example'")
    found = settings(tmp_path, PIP_CERT=str(bundle), SSL_CERT_FILE="/nowhere.pem")
    assert dict(found.files)[CA] == b"certificate"
    assert {name for name, _ in found.files} == {CA, ".netrc", "uv/uv.toml"}
    assert dict(found.paths)["SSL_CERT_FILE"] == CA
    served = dict(found.served(("tiny.whl",)))
    assert json.loads(served["settings.json"])["wheels"] == ["tiny.whl"]


@pytest.mark.parametrize(
    "text",
    [
        "Could not fetch https://me:s3cret@pypi.example:8443/simple/tiny/",
        "error sending request for url (https://me:****@pypi.example:8443/simple/tiny/)",
        "no answer from pypi.example",
        "the password s3cret is wrong",
        "password of netrc: hush",
    ],
)
def test_nothing_of_it_is_printed(text):
    redact = Redactor(
        Settings(
            variables=(("UV_DEFAULT_INDEX", "https://me:s3cret@pypi.example:8443/simple"),),
            files=((".netrc", b"machine other.example login nobody password hush"),),
        )
    )
    said = redact(text)
    assert "<hidden>" in said
    for secret in ("s3cret", "pypi.example", "hush"):
        assert secret not in said


def test_without_settings_nothing_is_hidden():
    assert Redactor(Settings())("as it is: https://example.org") == "as it is: https://example.org"

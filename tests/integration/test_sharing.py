"""`make push` and `make pull` with an S3-compatible server that runs beside the test."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator

import boto3
import pytest
from moto.core import enable_iam_authentication
from moto.server import ThreadedMotoServer
from support.project import PROJECT, Completed
from support.toy_pipeline import Toy

POLICY = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
}


@pytest.fixture
def address() -> Iterator[str]:
    """Of a server on the loopback interface."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def credentials(address: str) -> Iterator[dict[str, str]]:
    """An access key; the server has a bucket `lab` and refuses whoever has no key."""
    new = {"aws_access_key_id": "new", "aws_secret_access_key": "new"}
    options = {"region_name": "us-east-1", "endpoint_url": address, **new}
    boto3.client("s3", **options).create_bucket(Bucket="lab")
    users = boto3.client("iam", **options)
    users.create_user(UserName="me")
    users.put_user_policy(UserName="me", PolicyName="all", PolicyDocument=json.dumps(POLICY))
    key = users.create_access_key(UserName="me")["AccessKey"]
    with enable_iam_authentication():
        yield {"access_key_id": key["AccessKeyId"], "secret_access_key": key["SecretAccessKey"]}


@pytest.fixture
def mine(toy: Toy, monkeypatch: pytest.MonkeyPatch) -> Toy:
    """A toy project, without any settings of this machine's user."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    home = toy.path.parent / "home"
    home.mkdir()
    own = {"HOME": str(home), "AWS_EC2_METADATA_DISABLED": "true", "AWS_REGION": "us-east-1"}
    return Toy(toy.path, {**toy.variables, **own})


def make(toy: Toy, target: str, fails: bool = False) -> Completed:
    """Run the project's own target, in the environment that is here already."""
    ready = toy.path / ".dvc/tmp/ready"
    ready.parent.mkdir(exist_ok=True)
    for name in ("requirements.lock", "pyproject.toml"):
        (toy.path / name).touch()
    ready.touch()
    words = ("make", "-f", PROJECT / "Makefile", f"VENV={sys.prefix}", f"READY={ready}", target)
    return toy.run(*words, fails=fails)


def test_a_colleague_has_everything_and_runs_nothing(
    mine: Toy, address: str, credentials: dict[str, str]
) -> None:
    mine.run("dvc", "repro")
    mine.run("dvc", "remote", "add", "--default", "lab", "s3://lab/dvc")
    mine.run("dvc", "remote", "modify", "lab", "endpointurl", address)
    for name, value in credentials.items():
        mine.run("dvc", "remote", "modify", "--local", "lab", name, value)
    make(mine, "push")
    mine.git("add", "--all")
    mine.git("commit", "--quiet", "--message=results")
    before = mine.ran()

    yours = Toy(mine.path.parent / "colleague", mine.variables)
    subprocess.run(["git", "clone", "--quiet", mine.path, yours.path], check=True)
    make(yours, "pull", fails=True)
    assert not (yours.path / "prepared").exists()
    shutil.copy(mine.path / ".dvc/config.local", yours.path / ".dvc")
    make(yours, "pull")
    assert "up to date" in yours.run("dvc", "status").stdout
    assert "up to date" in yours.run("dvc", "repro").stdout
    assert mine.ran() == before
    assert_nowhere_in_git(yours, credentials["secret_access_key"])


def assert_nowhere_in_git(toy: Toy, secret: str) -> None:
    """Neither in any commit, nor in what would be committed next."""
    toy.git("add", "--all")
    toy.git("commit", "--quiet", "--allow-empty", "--message=all")
    assert secret in (toy.path / ".dvc/config.local").read_text()
    for commit in toy.git("rev-list", "--all").split():
        toy.run("git", "grep", "--quiet", "-F", "-e", secret, commit, fails=True)


def test_without_a_remote_dvc_says_how_to_add_one(toy: Toy) -> None:
    toy.run("dvc", "repro")
    error = make(toy, "push", fails=True).stderr
    assert "no remote specified" in error and "dvc remote add" in error

"""A hub and a DVC remote behind a real SSH server, on the loopback interface."""

import getpass
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
from cluster.slurm import end, free_ports
from support.toy_pipeline import Toy, wait_until

CONFIG = """
Port {port}
ListenAddress 127.0.0.1
HostKey {folder}/host
AuthorizedKeysFile {folder}/me.pub
PidFile {folder}/sshd.pid
PasswordAuthentication no
PermitRootLogin prohibit-password
StrictModes no
UsePAM no
Subsystem sftp internal-sftp
"""


@dataclass(frozen=True)
class Server:
    """An SSH server; `variables` let git reach it."""

    folder: Path
    port: int

    @property
    def address(self) -> str:
        return f"ssh://{getpass.getuser()}@127.0.0.1:{self.port}"

    @property
    def variables(self) -> dict[str, str]:
        options = {"UserKnownHostsFile": self.folder / "known", "BatchMode": "yes"}
        given = [f"-o{name}={value}" for name, value in options.items()]
        words = ["ssh", "-F", "none", "-i", str(self.folder / "me"), *given]
        return {"GIT_SSH_COMMAND": " ".join(words)}


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    folder = tmp_path / "ssh"
    folder.mkdir()
    for name in ("host", "me"):
        command = ("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", folder / name)
        subprocess.run(command, check=True)
    (port,) = free_ports(1)
    (folder / "config").write_text(CONFIG.format(port=port, folder=folder))
    host = (folder / "host.pub").read_text()
    (folder / "known").write_text(f"[127.0.0.1]:{port} {host}")
    Path("/run/sshd").mkdir(exist_ok=True)
    with ExitStack() as stack:
        out = stack.enter_context((folder / "log").open("ab"))
        words = ("/usr/sbin/sshd", "-D", "-e", "-f", folder / "config")
        process = subprocess.Popen(words, stdout=out, stderr=out)
        stack.callback(end, process)
        wait_until(lambda: b"Server listening" in (folder / "log").read_bytes())
        yield Server(folder, port)


@pytest.fixture
def mine(toy: Toy, server: Server) -> Toy:
    return Toy(toy.path, {**toy.variables, **server.variables})


def test_a_hub_behind_ssh(mine: Toy, server: Server) -> None:
    hub = mine.path.parent / "hub"
    mine.git("init", "--quiet", "--bare", hub)
    mine.sweep("--hub", f"{server.address}{hub}", "model.latent=2,5")
    assert len(mine.shown()) == 2
    assert len(mine.git("ls-remote", hub, "refs/exps/*").splitlines()) == 2


def test_results_are_shared_through_ssh(mine: Toy, server: Server) -> None:
    mine.run("dvc", "repro")
    mine.run("dvc", "remote", "add", "-d", "lab", f"{server.address}{mine.path.parent}/remote")
    mine.run("dvc", "remote", "modify", "--local", "lab", "keyfile", server.folder / "me")
    mine.run("dvc", "push", "--run-cache")
    mine.git("add", "--all")
    mine.git("commit", "--quiet", "--message=results")
    yours = Toy(mine.path.parent / "colleague", mine.variables)
    subprocess.run(["git", "clone", "--quiet", mine.path, yours.path], check=True)
    yours.run("dvc", "remote", "modify", "--local", "lab", "keyfile", server.folder / "me")
    yours.run("dvc", "pull", "--run-cache")
    assert "up to date" in yours.run("dvc", "status").stdout
    assert "keyfile" not in (yours.path / ".dvc/config").read_text()

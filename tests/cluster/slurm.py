"""A real Slurm on this machine alone: a controller and two nodes, each in a PID namespace.

It needs root, and munge, slurmctld, slurmd and slurm-client, which `make test-cluster` installs.
All files, sockets and daemons are its own, all ports on the loopback interface.
"""

import os
import signal
import socket
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from support.toy_pipeline import wait_until

NODES = ("n1", "n2")
Ending = Callable[[subprocess.Popen[bytes]], None]
CONFIG = """
ClusterName=test
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={ports[0]}
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket
CredType=cred/munge
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SchedulerParameters=batch_sched_delay=1,sched_interval=5
MpiDefault=none
ReturnToService=2
SlurmdTimeout=15
KillWait=5
JobRequeue=1
SlurmdParameters=config_overrides
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool-%n
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd-%n.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd-%n.log
NodeName=n1 NodeHostname={host} NodeAddr=127.0.0.1 Port={ports[1]} CPUs=1 RealMemory=4000
NodeName=n2 NodeHostname={host} NodeAddr=127.0.0.1 Port={ports[2]} CPUs=1 RealMemory=4000
PartitionName=main Nodes=n1,n2 Default=YES State=UP
"""


class Slurm:
    """The cluster; `variables` let commands find it.

    Attributes:
        folder: of its files.
        variables: of the environment.
    """

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        """Start all daemons; the stack ends them."""
        self.folder = folder
        self.variables = {"SLURM_CONF": str(folder / "slurm.conf")}
        self._stack = stack
        self._nodes: dict[str, subprocess.Popen[bytes]] = {}
        self._configure()
        self._munge()
        self._start("slurmctld", "-D", "-c")
        wait_until(lambda: not self.run("scontrol", "ping", check=False).returncode)
        for node in NODES:
            self.start(node)

    def run(self, *words: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run one of Slurm's commands."""
        variables = {**os.environ, **self.variables}
        return subprocess.run(words, env=variables, capture_output=True, text=True, check=check)

    def start(self, node: str) -> None:
        """Start a node, as the first processes of a PID namespace, and wait until it is ready."""
        apart = ("unshare", "--pid", "--fork", "--kill-child", "--mount-proc")
        self._nodes[node] = self._start(*apart, "slurmd", "-D", "-N", node, ended=kill)
        # Right after its end, a node is not responding although it is said to be idle.
        self.run("scontrol", "update", f"nodename={node}", "state=resume", check=False)
        ready = ("idle", "mix", "alloc")
        wait_until(lambda: self.state(node) in ready)

    def kill(self, node: str) -> None:
        """Kill a node with every process on it, as a power cut does."""
        outer = self._nodes[node].pid
        children = Path(f"/proc/{outer}/task/{outer}/children").read_text().split()
        for child in children:
            os.kill(int(child), signal.SIGKILL)
        self._nodes[node].wait()

    def state(self, node: str) -> str:
        """What the controller thinks of a node; an asterisk means that it does not respond."""
        return self.run("sinfo", "-h", "-n", node, "-o", "%t").stdout.strip()

    def jobs(self) -> dict[str, str]:
        """Job of an array -> node of all jobs that run."""
        lines = self.run("squeue", "-h", "-r", "-t", "RUNNING", "-o", "%i %N").stdout.splitlines()
        return dict(line.split() for line in lines)

    def queued(self) -> int:
        """How many jobs have not ended."""
        return len(self.run("squeue", "-h", "-r").stdout.splitlines())

    def submitted(self) -> int:
        """How many jobs there ever were."""
        lines = self.run("scontrol", "show", "config").stdout.splitlines()
        (line,) = (each for each in lines if each.startswith("NEXT_JOB_ID"))
        return int(line.split("=")[1]) - 1

    def _configure(self) -> None:
        host = socket.gethostname().split(".")[0]
        text = CONFIG.format(host=host, folder=self.folder, ports=free_ports(3))
        (self.folder / "slurm.conf").write_text(text)
        (self.folder / "cgroup.conf").write_text("CgroupPlugin=cgroup/v1\n")
        for name in ("state", *(f"spool-{node}" for node in NODES)):
            (self.folder / name).mkdir()

    def _munge(self) -> None:
        key = self.folder / "munge.key"
        key.touch(mode=0o600)
        key.write_bytes(os.urandom(128))
        files = {"socket": "munge.socket", "key-file": key.name, "pid-file": "munge.pid"}
        files |= {"log-file": "munge.log", "seed-file": "munge.seed"}
        options = [f"--{name}={self.folder / file}" for name, file in files.items()]
        self._start("munged", "--foreground", "--force", *options)
        wait_until((self.folder / "munge.socket").exists)

    def _start(self, *words: str, ended: Ending | None = None) -> subprocess.Popen[bytes]:
        out = self._stack.enter_context((self.folder / "daemons.log").open("ab"))
        variables = {**os.environ, **self.variables}
        process = subprocess.Popen(words, env=variables, stdout=out, stderr=out)
        self._stack.callback(ended or end, process)
        return process


@contextmanager
def slurm(folder: Path) -> Iterator[Slurm]:
    """Run a cluster beside the block."""
    with ExitStack() as stack:
        yield Slurm(folder, stack)


def end(process: subprocess.Popen[bytes]) -> None:
    """End a daemon by its own pid."""
    process.terminate()
    try:
        process.wait(timeout=20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def kill(process: subprocess.Popen[bytes]) -> None:
    """Kill `unshare`, which waits for its namespace whatever else it is told, and all in it."""
    process.kill()
    process.wait()


def free_ports(count: int) -> list[int]:
    """Ports of the loopback interface that nobody listens on."""
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]

"""How complete a capture was, in one line that people and gates can read."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from sestina.capture.observer import Executable
from sestina.records.observation import Observation

_HANDED = "work handed to "
_BY_SOCKET = (
    (re.compile(r"^unix:.*/docker(?:\.raw)?\.sock$"), "docker"),
    (re.compile(r"^unix:.*/podman[^/]*\.sock$"), "podman"),
    (re.compile(r"^unix:.*/(?:containerd|crio|cri-dockerd|k3s)[^/]*\.sock$"), "containerd"),
    (re.compile(r"^unix:.*/(?:slurmctld|munge)[^/]*$"), "slurm"),
)
_BY_PORT = {2375: "docker", 2376: "docker", 6443: "kubernetes", 6817: "slurm"}
"""Ports that speak for themselves (IANA, and the defaults of their makers)."""
_BY_PORT_AND_MODULE = {
    7077: ("spark", "pyspark"), 15002: ("spark", "pyspark"),
    6379: ("ray", "ray"), 10001: ("ray", "ray"), 8265: ("ray", "ray"),
    8786: ("dask", "distributed"),
}  # fmt: skip
_ON_THIS_TREE = {
    "ray": {"gcs_server", "raylet"},
    "dask": {"dask-scheduler", "dask"},
    "spark": {"java"},
}
"""Programs that say that the cluster itself was started by the run, and so was seen."""
_BY_PROGRAM = {
    "ssh": "ssh", "srun": "slurm", "sbatch": "slurm", "salloc": "slurm", "qsub": "a batch queue",
    "bsub": "a batch queue", "kubectl": "kubernetes", "docker": "docker", "podman": "podman",
    "nerdctl": "containerd", "sky": "a cloud",
}  # fmt: skip
_GATEWAYS = {"JUPYTER_GATEWAY_URL": "a Jupyter gateway", "DATABRICKS_HOST": "databricks"}
_LOCAL_NAMES = ("unix:", "netlink:", "vsock:")


def outside_peers(peers: Iterable[str]) -> tuple[str, ...]:
    """Returns the peers on the network: not sockets of this machine, nor its name resolver.

    >>> outside_peers(["127.0.0.1:80", "unix:/run/nscd/socket", "93.184.216.34:443"])
    ('93.184.216.34:443',)
    """
    return tuple(sorted({peer for peer in peers if _is_outside(peer)}))


def handed_over(
    peers: Iterable[str],
    executables: Iterable[Executable],
    modules: Iterable[str],
    environ: Mapping[str, str],
) -> tuple[str, ...]:
    """Returns gaps for work that left the traced processes: `work handed to docker`."""
    loaded = set(modules)
    programs = {os.path.basename(os.fsdecode(program.path)) for program in executables}
    to = {_BY_PROGRAM[name] for name in programs & _BY_PROGRAM.keys()}
    for peer in peers:
        to |= {name for form, name in _BY_SOCKET if form.match(peer)}
        port = _port(peer)
        if port in _BY_PORT:
            to.add(_BY_PORT[port])
        if port in _BY_PORT_AND_MODULE:
            name, module = _BY_PORT_AND_MODULE[port]
            if module in loaded and not programs & _ON_THIS_TREE[name]:
                to.add(name)
    api = environ.get("KUBERNETES_SERVICE_HOST")
    if api and any(peer.startswith(f"{api}:") for peer in peers):
        to.add("kubernetes")
    if "jupyter_client" in loaded and environ.get("JUPYTER_GATEWAY_URL"):
        to.add(_GATEWAYS["JUPYTER_GATEWAY_URL"])
    if "databricks.connect" in loaded:
        to.add(_GATEWAYS["DATABRICKS_HOST"])
    return tuple(_HANDED + name for name in sorted(to))


def grade(seen: Observation) -> str:
    """Returns the grade of a run, as its record keeps it.

    `complete (kernel)`, `partial (kernel) - REASONS`, `partial (python only) - REASONS`,
    `partial (work handed to WHOM)`, or `declared`.
    """
    if seen.observer == "declared":
        return "declared"
    handed = [gap.removeprefix(_HANDED) for gap in seen.gaps if gap.startswith(_HANDED)]
    others = [gap for gap in seen.gaps if not gap.startswith(_HANDED)]
    reasons = f" - {_shortened(others)}" if others else ""
    if handed:
        return f"partial ({_HANDED}{', '.join(handed)}){reasons}"
    if seen.observer not in ("seccomp", "strace"):
        return f"partial (python only){reasons}"
    return f"partial (kernel){reasons}" if others else "complete (kernel)"


def grade_line(seen: Observation) -> str:
    """Returns the line that `run` prints: the grade, what was seen, and what was not.

    `complete (kernel) - 41 inputs, 9 code, 3 outputs; 2 network peers not captured`
    """
    kinds = Counter(file.kind for file in seen.files)
    inputs = kinds["data"] + kinds["config"] + kinds["dotenv"]
    outputs = kinds["output"] + kinds["intermediate"]
    counts = f"{_count(inputs, 'input')}, {kinds['code']} code, {_count(outputs, 'output')}"
    text = grade(seen)
    text = f"{text}; {counts}" if " - " in text else f"{text} - {counts}"
    if seen.peers:
        text += f"; {_count(len(seen.peers), 'network peer')} not captured"
    return text


def _shortened(reasons: Sequence[str]) -> str:
    shown = "; ".join(reasons[:3])
    return shown if len(reasons) <= 3 else f"{shown}; and {len(reasons) - 3} more"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _port(peer: str) -> int:
    tail = peer.rpartition(":")[2]
    return int(tail) if tail.isdigit() and not peer.startswith(_LOCAL_NAMES) else 0


def _is_outside(peer: str) -> bool:
    if peer.startswith(_LOCAL_NAMES):
        return False
    import ipaddress

    host, _, port = peer.rpartition(":")
    try:
        address = ipaddress.ip_address(host.strip("[]").partition("%")[0])
    except ValueError:
        return True
    return not (address.is_loopback or address.is_unspecified or port == "53")

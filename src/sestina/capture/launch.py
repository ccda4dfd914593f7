"""Starting the command under the filter, as its shell would have started it."""

from __future__ import annotations

import _socket  # the same calls as `socket`, without the 5 ms that its enums take
import errno
import fcntl
import os
import signal
import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sestina.capture.notify import Installer
from sestina.capture.observer import Command, Stat
from sestina.capture.sightings import Sightings, brief
from sestina.capture.signals import default_signals
from sestina.errors import InvalidInput, NotFound, SestinaError, Unavailable

_DEFAULT_PATH = "/usr/local/bin:/usr/bin:/bin"
_FAILED = struct.Struct("=ci")
_REFUSED, _NO_FOLDER, _NO_EXEC = b"f", b"d", b"x"


def find_program(command: Command) -> bytes:
    """Returns the path of the program that a command names, looked up as `execvp` does.

    Raises:
        InvalidInput: `invalid-input/command`: there is no command, or a word holds a zero byte.
        NotFound: `not-found/command`.
        Unavailable: `unavailable/command`: found, but it may not be executed.
    """
    words = [os.fsencode(word) for word in command.argv]
    if not words or not words[0] or any(b"\0" in word for word in words):
        raise InvalidInput(
            "invalid-input/command",
            "there is no command to run",
            hint="sestina run -- python train.py",
        )
    name, cwd = words[0], os.fsencode(command.cwd)
    folders = [b""]
    if b"/" not in name:
        path = command.environ.get("PATH", _DEFAULT_PATH)
        folders = [folder or b"." for folder in os.fsencode(path).split(os.pathsep.encode())]
    barred = None
    for folder in folders:
        candidate = os.path.join(folder, name)
        seen = os.path.join(cwd, candidate)
        if not os.path.isfile(seen):
            continue
        if os.access(seen, os.X_OK):
            return candidate
        barred = candidate
    if barred is not None:
        raise _cannot_start(barred, errno.EACCES)
    raise _no_program(name, folders, cwd)


def _no_program(name: bytes, folders: Sequence[bytes], cwd: bytes) -> NotFound:
    here, word = os.path.join(cwd, name), os.fsdecode(name)
    hint = None
    if os.path.isdir(here):
        why = "it is a folder"
    elif b"/" in name:
        why = f"there is no such file, seen from {os.fsdecode(cwd)}"
    else:
        why = f"none of the {len(set(folders))} folders of PATH has it"
        if os.path.isfile(here):
            why, hint = f"{why}; it is a file in this folder", _how_to_run(word)
    return NotFound("not-found/command", f"no program '{word}'", why=why, hint=hint)


def _how_to_run(word: str) -> str:
    """Returns a command that runs a file which is no program, or may not be run as one."""
    import shlex

    by = {".py": "python ", ".sh": "sh ", ".R": "Rscript "}.get(os.path.splitext(word)[1])
    return f"sestina run -- {by or './'}{shlex.quote(word)}"


def inherited_files(sightings: Sightings) -> list[tuple[bytes, str, Stat, bytes]]:
    """Returns the files that the command gets open from us: `< table.csv`, `>> log.txt`."""
    found = []
    for name in os.listdir("/proc/self/fd"):
        number = int(name)
        try:
            status = os.fstat(number)
            stat = brief(status)
            if not os.get_inheritable(number) or stat[5] & 0o170000 != 0o100000:
                continue
            flags = fcntl.fcntl(number, fcntl.F_GETFL)
            path = os.readlink(f"/proc/self/fd/{name}".encode())
        except OSError:
            continue
        op = {os.O_RDONLY: "read", os.O_RDWR: "readwrite"}.get(flags & os.O_ACCMODE)
        op = op or ("append" if flags & os.O_APPEND else "write")
        if op != "read" and not status.st_nlink:
            continue  # a deleted file that takes our output is nobody's input
        kept = b""
        if op != "read" and stat[2]:
            kept = sightings.keep(path, stat, path, update=op == "readwrite")
        found.append((path, op, stat, kept))
    return found


@dataclass(slots=True)
class Child:
    """A forked process that stands in front of its exec until `go`."""

    pid: int
    listener: int
    program: bytes
    _line: _socket.socket

    def go(self) -> None:
        """Lets it become the program."""
        self._line.send(b"g")

    def trouble(self, command: Command) -> SestinaError | None:
        """Returns why the program did not start; None when it did. Ask when the child has ended."""
        said = self._line.recv(_FAILED.size)
        self._line.close()
        if len(said) < _FAILED.size:
            return None
        kind, number = _FAILED.unpack(said)
        if kind == _NO_FOLDER:
            return _no_folder(command, number)
        return _cannot_start(self.program, number)


def start(
    command: Command,
    program: bytes,
    installer: Installer,
    heeded: list[signal.Signals],
    instead: Callable[[], None] | None,
) -> Child:
    """Returns the child, filtered, not yet the program (or about to do something `instead`).

    Keyboard signals must be ignored here by now, so that they end the child and not us; `heeded`
    are those that it is to have back.

    Raises:
        NotFound: `not-found/folder`: its working folder cannot be entered.
        Unavailable: `unavailable/observer`: the kernel refuses the filter.
    """
    words = [os.fsencode(word) for word in command.argv]
    environ = {os.fsencode(name): os.fsencode(value) for name, value in command.environ.items()}
    ours, theirs = _socket.socketpair()
    pid = os.fork()
    if pid == 0:
        try:
            if _stands_ready(command.cwd, installer, theirs, heeded):
                if instead is not None:
                    instead()
                os.execve(program, words, environ)  # noqa: S606
        except OSError as error:
            theirs.send(_FAILED.pack(_NO_EXEC, error.errno or errno.EIO))
        finally:
            os._exit(125)
    theirs.close()
    said, extra, _, _ = ours.recvmsg(_FAILED.size, _socket.CMSG_SPACE(4))
    if extra:
        (listener,) = struct.unpack("=i", extra[0][2][:4])
        os.set_inheritable(listener, False)
        return Child(pid, listener, program, ours)
    os.waitpid(pid, 0)
    ours.close()
    kind, number = _FAILED.unpack(said) if len(said) == _FAILED.size else (_REFUSED, errno.EIO)
    if kind == _NO_FOLDER:
        raise _no_folder(command, number)
    raise Unavailable(
        "unavailable/observer", "the kernel refuses a seccomp listener", why=refusal(number)
    )


def refusal(number: int) -> str:
    """Returns in words why no listener can be had."""
    if number == errno.EBUSY:
        return "another program above this one already listens (a container tool, or an outer run)"
    if number in (errno.EINVAL, errno.ENOSYS):
        return "this kernel, or the sandbox it runs in, has no seccomp user notification"
    return os.strerror(number)


def _stands_ready(
    cwd: bytes | str, installer: Installer, line: _socket.socket, heeded: list[signal.Signals]
) -> bool:
    """Returns whether this process is filtered and was told to go."""
    kind = _NO_FOLDER
    try:
        default_signals(heeded)
        os.chdir(cwd)
        kind = _REFUSED
        listener = installer.install()
        # From here to `go` no file may be opened: nobody answers yet.
        passed = struct.pack("=i", listener)
        line.sendmsg([b"l"], [(_socket.SOL_SOCKET, _socket.SCM_RIGHTS, passed)])
        os.close(listener)
        return line.recv(1) == b"g"
    except OSError as error:
        line.send(_FAILED.pack(kind, error.errno or errno.EIO))
        return False


def _cannot_start(program: bytes, number: int) -> Unavailable:
    word = os.fsdecode(program)
    scripted = number == errno.EACCES and word.endswith((".py", ".sh", ".R"))
    return Unavailable(
        "unavailable/command",
        f"'{word}' cannot be executed",
        why=os.strerror(number),
        hint=_how_to_run(word) if scripted else f"ls -l {word}",
    )


def _no_folder(command: Command, number: int) -> NotFound:
    return NotFound(
        "not-found/folder",
        f"cannot run in '{os.fsdecode(command.cwd)}'",
        why=os.strerror(number),
    )

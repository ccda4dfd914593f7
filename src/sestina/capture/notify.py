"""The kernel's seccomp user notification, spoken through ctypes.

A filtered task stops in front of a call; whoever holds the listener reads a notification, looks,
and answers "continue". Interface: seccomp_unotify(2), include/uapi/linux/seccomp.h.
"""

from __future__ import annotations

import ctypes
import errno
import mmap
import struct

from sestina.capture.syscalls import Machine, filter_program

_SET_MODE_FILTER, _GET_NOTIF_SIZES = 1, 3
_SPEC_ALLOW, _NEW_LISTENER, _WAIT_KILLABLE = 4, 8, 32
_NO_NEW_PRIVS, _SET_SUBREAPER, _GET_SUBREAPER = 38, 36, 37
_SYNC_WAKE_UP = 1
_CONTINUE = 1

RECV = ctypes.c_ulong(0xC0502100)
SEND = ctypes.c_ulong(0xC0182101)
_SET_FLAGS = ctypes.c_ulong(0x40082104)

NOTIFICATION = struct.Struct("=QI4xiI8x6Q")
"""id, task, number, architecture, six arguments of `struct seccomp_notif`."""
_ANSWER = struct.Struct("=QqiI")
IDENTITY = struct.Struct("=Q")

_libc = ctypes.CDLL(None, use_errno=True)
ioctl = _libc.ioctl
send = ctypes.PyDLL(None).ioctl
"""For what returns at once: keeps the interpreter's lock."""
errno_of_last = ctypes.get_errno


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_void_p))


class Installer:
    """The filter, made ready before the fork so that the child has only to switch it on."""

    def __init__(self, machine: Machine) -> None:
        code = filter_program(machine)
        self._code = ctypes.create_string_buffer(code, len(code))
        self._program = _Program(len(code) // 8, ctypes.addressof(self._code))
        self._number = ctypes.c_long(machine.seccomp)
        sizes = (ctypes.c_uint16 * 3)()
        known = _libc.syscall(self._number, _GET_NOTIF_SIZES, 0, ctypes.byref(sizes))
        self.notification_size = sizes[0] if known == 0 else 0

    def install(self) -> int:
        """Returns the listener of the filter that this task now runs under.

        Raises:
            OSError: the kernel refuses; EBUSY means that another listener is above us.
        """
        flags = _NEW_LISTENER | _SPEC_ALLOW | _WAIT_KILLABLE
        listener = self._switch_on(flags)
        if listener < 0 and ctypes.get_errno() == errno.EACCES:
            # Only without privilege: a root's set-uid programs stay what they are.
            _libc.prctl(_NO_NEW_PRIVS, 1, 0, 0, 0)
            listener = self._switch_on(flags)
        if listener < 0 and ctypes.get_errno() == errno.EINVAL:
            listener = self._switch_on(_NEW_LISTENER | _SPEC_ALLOW)
        if listener < 0:
            raise OSError(ctypes.get_errno(), "seccomp listener")
        return listener

    def _switch_on(self, flags: int) -> int:
        return int(
            _libc.syscall(self._number, _SET_MODE_FILTER, flags, ctypes.byref(self._program))
        )


class Answer:
    """A reusable "continue"."""

    def __init__(self, listener: int) -> None:
        self.memory = bytearray(_ANSWER.size)
        _ANSWER.pack_into(self.memory, 0, 0, 0, 0, _CONTINUE)
        self._listener = ctypes.c_int(listener)
        self.pointer = ctypes.byref((ctypes.c_char * _ANSWER.size).from_buffer(self.memory))

    def send(self, identity: int) -> bool:
        """Returns whether the task was still waiting for it."""
        IDENTITY.pack_into(self.memory, 0, identity)
        return bool(send(self._listener, SEND, self.pointer) == 0)


def pointer_to(page: mmap.mmap, size: int) -> object:
    """Returns what to give to `ioctl` so that the kernel writes at the start of a page."""
    return ctypes.byref((ctypes.c_char * size).from_buffer(page))


def wake_in_step(listener: int) -> None:
    """Asks the kernel to hand the processor straight to who must act next (Linux 6.6)."""
    ioctl(ctypes.c_int(listener), _SET_FLAGS, ctypes.c_ulong(_SYNC_WAKE_UP))


def adopt_orphans(wanted: bool) -> bool:
    """Returns whether orphaned descendants came to us until now, and sets it."""
    before = ctypes.c_int(0)
    _libc.prctl(_GET_SUBREAPER, ctypes.byref(before), 0, 0, 0)
    _libc.prctl(_SET_SUBREAPER, ctypes.c_ulong(wanted), 0, 0, 0)
    return bool(before.value)

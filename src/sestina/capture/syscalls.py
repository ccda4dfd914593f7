"""The calls worth seeing, by number for each machine, and the kernel filter that picks them out.

Numbers: arch/x86/entry/syscalls/syscall_64.tbl and include/uapi/asm-generic/unistd.h of Linux.
Filter: Documentation/userspace-api/seccomp_filter.rst.
"""

from __future__ import annotations

import os
import struct
from dataclasses import dataclass

CLONE_NEWNS = 0x20000
CLONE_FS = 0x200
AT_REMOVEDIR = 0x200
O_PATH = getattr(os, "O_PATH", 0o10000000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """What one processor family calls things."""

    name: str
    audit: int
    """The AUDIT_ARCH_* value of its native calls."""
    seccomp: int
    """The number of the call that installs a filter."""
    numbers: dict[str, int]
    """The calls to see."""
    foreign: dict[int, tuple[int, ...]]
    """Of the other families it can run: the numbers of open and exec, seen only to say so."""
    alien: tuple[int, ...] = ()
    """Native-looking numbers of a foreign ABI, likewise."""
    tried: bool


X86_64 = Machine(
    name="x86_64",
    audit=0xC000003E,
    seccomp=317,
    numbers={
        "open": 2,
        "connect": 42,
        "clone": 56,
        "truncate": 76,
        "chdir": 80,
        "fchdir": 81,
        "rename": 82,
        "creat": 85,
        "link": 86,
        "unlink": 87,
        "symlink": 88,
        "execve": 59,
        "pivot_root": 155,
        "chroot": 161,
        "openat": 257,
        "unlinkat": 263,
        "renameat": 264,
        "linkat": 265,
        "symlinkat": 266,
        "unshare": 272,
        "open_by_handle_at": 304,
        "setns": 308,
        "renameat2": 316,
        "execveat": 322,
        "io_uring_setup": 425,
        "openat2": 437,
    },
    foreign={0x40000003: (5, 11, 295, 358, 437)},  # i386
    alien=(0x40000002, 0x40000101, 0x40000208),  # x32: open, openat, execve
    tried=True,
)

ARM64 = Machine(
    name="aarch64",
    audit=0xC00000B7,
    seccomp=277,
    numbers={
        "unlinkat": 35,
        "symlinkat": 36,
        "linkat": 37,
        "renameat": 38,
        "pivot_root": 41,
        "truncate": 45,
        "chdir": 49,
        "fchdir": 50,
        "chroot": 51,
        "openat": 56,
        "unshare": 97,
        "connect": 203,
        "clone": 220,
        "execve": 221,
        "open_by_handle_at": 265,
        "setns": 268,
        "renameat2": 276,
        "execveat": 281,
        "io_uring_setup": 425,
        "openat2": 437,
    },
    foreign={0x40000028: (5, 11, 322, 387, 437)},  # 32-bit arm
    tried=False,
)

MACHINES = {"x86_64": X86_64, "aarch64": ARM64}
"""By the name that `uname -m` gives. arm64 is written from the tables and untried."""

SEEN_WHEN: dict[str, tuple[int, int, bool]] = {
    "open": (1, O_PATH, False),
    "openat": (2, O_PATH, False),
    "unlinkat": (2, AT_REMOVEDIR, False),
    "clone": (0, CLONE_NEWNS, True),
    "unshare": (0, CLONE_NEWNS | CLONE_FS, True),
}
"""(argument, bits, whether they must be set): told apart in the kernel, where it costs nothing."""

_LOAD, _EQUAL, _ANY_BIT, _RETURN = 0x20, 0x15, 0x45, 0x06
_ALLOW, _NOTIFY = 0x7FFF0000, 0x7FC00000
_NUMBER, _ARCH, _ARGUMENTS = 0, 4, 16

Instruction = tuple[int, int, int, int]


def here() -> Machine | None:
    """Returns the table of this machine, None when there is none."""
    return MACHINES.get(os.uname().machine)


def filter_program(machine: Machine) -> bytes:
    """Returns the filter, an array of `struct sock_filter`, for a little-endian machine.

    The number is tested before any argument, so that the kernel can keep in a bitmap which calls
    are always allowed (since Linux 5.11) and never runs the filter for them.
    """
    native = [*_numbers(machine), (_RETURN, 0, 0, _ALLOW)]
    foreign: list[Instruction] = []
    for audit, numbers in machine.foreign.items():
        block: list[Instruction] = [(_LOAD, 0, 0, _NUMBER)]
        for number in numbers:
            block += [(_EQUAL, 0, 1, number), (_RETURN, 0, 0, _NOTIFY)]
        block.append((_RETURN, 0, 0, _ALLOW))
        foreign += [(_EQUAL, 0, len(block), audit), *block]
    foreign.append((_RETURN, 0, 0, _ALLOW))
    program = [
        (_LOAD, 0, 0, _ARCH),
        (_EQUAL, len(foreign), 0, machine.audit),
        *foreign,
        (_LOAD, 0, 0, _NUMBER),
        *native,
    ]
    return b"".join(struct.pack("<HBBI", *instruction) for instruction in program)


def _numbers(machine: Machine) -> list[Instruction]:
    program: list[Instruction] = []
    first = {"openat": 0, "open": 1}
    for name in sorted(machine.numbers, key=lambda name: (first.get(name, 2), name)):
        number = machine.numbers[name]
        when = SEEN_WHEN.get(name)
        if when is None:
            program += [(_EQUAL, 0, 1, number), (_RETURN, 0, 0, _NOTIFY)]
            continue
        argument, bits, wanted = when
        set_, unset = (_NOTIFY, _ALLOW) if wanted else (_ALLOW, _NOTIFY)
        program += [
            (_EQUAL, 0, 4, number),
            (_LOAD, 0, 0, _ARGUMENTS + 8 * argument),
            (_ANY_BIT, 0, 1, bits),
            (_RETURN, 0, 0, set_),
            (_RETURN, 0, 0, unset),
        ]
    for number in machine.alien:
        program += [(_EQUAL, 0, 1, number), (_RETURN, 0, 0, _NOTIFY)]
    return program

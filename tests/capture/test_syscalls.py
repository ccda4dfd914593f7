from __future__ import annotations

import os
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sestina.capture.calls import op_of, peer
from sestina.capture.sightings import tidy
from sestina.capture.syscalls import ARM64, MACHINES, X86_64, Machine, filter_program

ALLOW, NOTIFY = 0x7FFF0000, 0x7FC00000
AT_REMOVEDIR, CLONE_NEWNS = 0x200, 0x20000
machines = pytest.mark.parametrize("machine", MACHINES.values(), ids=lambda machine: machine.name)


def verdict(machine: Machine, audit: int, number: int, *arguments: int) -> int:
    """Runs the filter as the kernel's classic BPF machine would."""
    data = struct.pack("<iIQ6Q", number, audit, 0, *(*arguments, *[0] * 6)[:6])
    program = list(struct.iter_unpack("<HBBI", filter_program(machine)))
    place = accumulator = 0
    while True:
        code, yes, no, value = program[place]
        place += 1
        if code == 0x20:
            (accumulator,) = struct.unpack_from("<I", data, value)
        elif code == 0x15:
            place += yes if accumulator == value else no
        elif code == 0x45:
            place += yes if accumulator & value else no
        else:
            return value


@machines
def test_every_call_of_the_table_stops_and_no_other(machine: Machine) -> None:
    conditional = {"clone": CLONE_NEWNS, "unshare": CLONE_NEWNS}
    for name, number in machine.numbers.items():
        assert verdict(machine, machine.audit, number, conditional.get(name, 0)) == NOTIFY, name
    for number in set(range(600)) - set(machine.numbers.values()):
        assert verdict(machine, machine.audit, number) == ALLOW, number


@machines
def test_a_call_that_tells_nothing_passes_in_the_kernel(machine: Machine) -> None:
    numbers, audit = machine.numbers, machine.audit
    assert verdict(machine, audit, numbers["openat"], 0, 0, os.O_PATH) == ALLOW
    assert verdict(machine, audit, numbers["openat"], 0, 0, os.O_DIRECTORY) == NOTIFY
    assert verdict(machine, audit, numbers["unlinkat"], 0, 0, AT_REMOVEDIR) == ALLOW
    assert verdict(machine, audit, numbers["clone"], 0x11) == ALLOW


@machines
def test_foreign_programs_stop_only_at_opens_and_execs(machine: Machine) -> None:
    for audit, numbers in machine.foreign.items():
        stopped = {n for n in range(600) if verdict(machine, audit, n) == NOTIFY}
        assert stopped == set(numbers)
    assert verdict(machine, 0x12345678, 2) == ALLOW


@machines
def test_the_filter_is_short_enough_for_the_kernel(machine: Machine) -> None:
    assert len(filter_program(machine)) // 8 < 4096
    for _, yes, no, _ in struct.iter_unpack("<HBBI", filter_program(machine)):
        assert max(yes, no) < 256


def test_the_untried_table_says_so() -> None:
    assert X86_64.tried
    assert not ARM64.tried


@pytest.mark.parametrize(
    ("flags", "op"),
    [
        (os.O_RDONLY, "read"),
        (os.O_RDONLY | os.O_DIRECTORY, "list"),
        (os.O_RDONLY | os.O_TRUNC, "write"),
        (os.O_RDONLY | os.O_CREAT, "write"),
        (os.O_WRONLY | os.O_CREAT, "write"),
        (os.O_WRONLY | os.O_APPEND, "append"),
        (os.O_WRONLY | os.O_APPEND | os.O_TRUNC, "write"),
        (os.O_RDWR, "readwrite"),
        (os.O_RDWR | os.O_APPEND, "readwrite"),
        (os.O_RDWR | os.O_TRUNC, "write"),
        (os.O_RDWR | os.O_TMPFILE, None),
    ],
)
def test_the_flags_of_an_open_say_what_it_is(flags: int, op: str | None) -> None:
    assert op_of(flags, None) == op


@given(st.lists(st.sampled_from([b"a", b".", b"..", b"", b".hidden", b"b.c", b"...", b"\xff"])))
def test_a_tidy_path_is_absolute_clean_and_stays_so(parts: list[bytes]) -> None:
    path = tidy(b"/" + b"/".join(parts))
    assert path.startswith(b"/")
    assert not {b".", b".."} & set(path.split(b"/"))
    assert b"//" not in path
    assert path == b"/" or not path.endswith(b"/")
    assert tidy(path) == path
    assert path == b"/" + os.path.normpath(b"/" + b"/".join(parts)).lstrip(b"/")


@pytest.mark.parametrize(
    ("address", "words"),
    [
        (struct.pack("=H", 1) + b"/run/x\0junk", "unix:/run/x"),
        (struct.pack("=H", 1) + b"\0name", "unix:@name"),
        (struct.pack("=H", 10) + b"\1\xbb" + bytes(4) + bytes(15) + b"\1", "[::1]:443"),
        (
            struct.pack("=H", 10) + b"\1\xbb" + bytes(14) + b"\xff\xff\x01\x02\x03\x04",
            "1.2.3.4:443",
        ),
        (struct.pack("=H", 16) + bytes(10), ""),
        (b"", ""),
    ],
)
def test_a_socket_address_is_put_into_words(address: bytes, words: str) -> None:
    assert peer(address) == words

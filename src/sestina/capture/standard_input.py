"""Whether the run emptied a pipe that it was given as standard input: no system call says so."""

from __future__ import annotations

import fcntl
import os
import stat
import struct
import termios

EMPTIED = "standard input is a pipe: what came through it was not captured"


def waiting() -> int:
    """Returns how many bytes wait in standard input, 0 where it is no pipe or socket.

    Asking takes none of them away. What somebody writes later is not waiting yet.
    """
    try:
        mode = os.fstat(0).st_mode
        if not (stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode)):
            return 0
        found: int = struct.unpack("i", fcntl.ioctl(0, termios.FIONREAD, b"\0" * 4))[0]
        return found
    except OSError:
        return 0

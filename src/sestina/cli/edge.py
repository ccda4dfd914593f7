"""The edge of the program: every error becomes at most three lines and one exit code, here only."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable

import click

from sestina.errors import Bug, InvalidInput, SestinaError, Unavailable

INTERRUPTED = 130
PIPE_CLOSED = 141  # 128 + SIGPIPE: what a program that the signal ends would have returned


def guarded(call: Callable[[], int], argv: list[str]) -> int:
    """Returns what `call` returns, or the exit code of the error that it raised, which is told."""
    for stream in (sys.stdout, sys.stderr):
        # A name that this terminal's encoding cannot show is escaped rather than a crash.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    try:
        code = call()
        sys.stdout.flush()
    except SestinaError as error:
        return _tell(error, argv)
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message())
        return 0
    except click.UsageError as error:
        return _tell(_usage(error), argv)
    except (KeyboardInterrupt, click.Abort):
        return INTERRUPTED
    except BrokenPipeError:
        return _quiet_pipe()
    except SystemExit as leaving:  # click ends this way on a closed pipe
        return _quiet_pipe() if leaving.code == 1 else int(leaving.code or 0)
    except OSError as error:
        return _tell(unavailable(error), argv)
    except Exception as error:
        return _tell(_bug(error, argv), argv)
    return code


def unavailable(error: OSError) -> SestinaError:
    """Returns the system's error as one of ours."""
    import errno

    where = f"'{os.fsdecode(error.filename)}': " if isinstance(error.filename, str | bytes) else ""
    what = f"{where}{error.strerror or error}"
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return Unavailable(
            "unavailable/disk-full",
            what,
            why="there is no room to write, and what was kept before is untouched",
            hint="df -h .",
        )
    return Unavailable("unavailable/system", what, why="the operating system refused")


def no_such_verb(word: str, verbs: Iterable[str]) -> SestinaError:
    """Returns the error for a first word that is no verb."""
    import difflib

    near = difflib.get_close_matches(word, verbs, n=1)
    return InvalidInput(
        "invalid-input/verb",
        f"'{word}' is not a verb of sestina",
        why=f"the nearest is '{near[0]}'" if near else None,
        hint=f"sestina {near[0]} --help" if near else "sestina --help",
    )


def _usage(error: click.UsageError) -> SestinaError:
    path = error.ctx.command_path if error.ctx is not None else "sestina"
    what = error.format_message().rstrip(".")
    return InvalidInput("invalid-input/usage", what, hint=f"{path} --help")


def _bug(error: Exception, argv: list[str]) -> SestinaError:
    import shlex
    import tempfile
    import traceback

    text = "".join(traceback.format_exception(error))
    summary = f"{type(error).__name__}: {error}".splitlines()[0]
    if os.environ.get("SESTINA_TRACEBACK"):
        sys.stderr.write(text)
        return Bug("bug/unexpected", summary)
    try:
        handle, path = tempfile.mkstemp(prefix="sestina-traceback-", suffix=".txt")
        with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace") as file:
            file.write(text)
    except OSError:
        return Bug(
            "bug/unexpected", summary, hint=f"SESTINA_TRACEBACK=1 sestina {shlex.join(argv)}"
        )
    why = "sestina is wrong; the traceback shows where"
    return Bug("bug/unexpected", summary, why=why, hint=f"cat {path}")


def _tell(error: SestinaError, argv: list[str]) -> int:
    ours = argv[: argv.index("--")] if "--" in argv else argv
    try:
        if "--json" in ours:
            from sestina.render.json import error_text

            sys.stderr.write(error_text(error))
        else:
            from sestina.render.text.ink import ink_for

            sys.stderr.write(_three_lines(error, ink_for(sys.stderr)) + "\n")
        sys.stderr.flush()
    except OSError:
        pass
    return error.exit_code


def _three_lines(error: SestinaError, ink: object) -> str:
    from sestina.render.text.ink import Ink, clean

    assert isinstance(ink, Ink)
    first, *rest = [clean(line) for line in str(error).split("\n")]
    head, colon, what = first.partition(":")
    return "\n".join([ink.changed(head) + colon + what, *rest])


def _quiet_pipe() -> int:
    # The reader went away (`| head`): nothing is left to say, not even at interpreter exit.
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    except OSError:
        pass
    return PIPE_CLOSED

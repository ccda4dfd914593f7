"""Which words of a command are code, and how they are recorded."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sestina.capture.commandline import (
    code_words,
    launcher_options,
    recorded_words,
    scripts,
)
from sestina.capture.observer import Executable
from sestina.records.paths import Roots

ROOTS = Roots(project=b"/home/ann/fraud", prefix=b"/home/ann/fraud/.venv", home=b"/home/ann")


@pytest.mark.parametrize(
    ("command", "code"),
    [
        ("python train.py --lr 1", "python train.py"),
        ("python3.11 -u -X dev train.py --lr 1", "python3.11 -u -X dev train.py"),
        ("python -m pkg.train --x", "python -m pkg.train"),
        ("python -c CODE a b", "python -c CODE"),
        ("python -uc CODE a", "python -uc CODE"),
        ("python -I train.py x", "python -I train.py"),
        ("python - x", "python -"),
        ("python", "python"),
        ("./train.sh a b", "./train.sh"),
        ("bash -eu run.sh a", "bash -eu run.sh"),
        ("bash -o pipefail run.sh a", "bash -o pipefail run.sh"),
        ("sh -c CODE a b", "sh -c CODE a b"),
        ("Rscript fit.R 1", "Rscript fit.R"),
        ("julia --project=. fit.jl 1", "julia --project=. fit.jl"),
        ("make train LR=3", "make"),
        ("lightgbm config=train.conf", "lightgbm"),
        ("env A=1 python train.py x", "env A=1 python train.py"),
        ("env -u B ./train x", "env -u B ./train"),
        ("nice -n 5 python train.py x", "nice -n 5 python train.py"),
        ("time -p python train.py x", "time -p python train.py"),
        ("timeout 10m python train.py x", "timeout 10m python train.py"),
        ("uv run --with x python train.py z", "uv run --with x python train.py"),
        ("uv run train.py z", "uv run train.py"),
        ("poetry run python train.py z", "poetry run python train.py"),
        ("conda run -n e python train.py z", "conda run -n e python train.py"),
        ("torchrun --nproc 2 train.py --lr", "torchrun --nproc 2 train.py"),
        ("torchrun -m pkg.train --x", "torchrun -m pkg.train"),
        ("python -m torch.distributed.run --nproc 2 train.py --x",
         "python -m torch.distributed.run --nproc 2 train.py"),
        ("accelerate launch --num_processes 2 train.py --x",
         "accelerate launch --num_processes 2 train.py"),
        ("mpirun -np 2 python train.py x", "mpirun -np 2 python train.py"),
        ("jupyter execute fit.ipynb --timeout=3", "jupyter execute fit.ipynb"),
        ("papermill in.ipynb out.ipynb -p a 1", "papermill in.ipynb"),
        ("env", "env"),
    ],
)  # fmt: skip
def test_the_words_up_to_the_script_are_code(command: str, code: str) -> None:
    words = command.split()
    assert words[: code_words(words)] == code.split()


WORDS = st.lists(
    st.sampled_from(
        ["python", "env", "uv", "run", "sh", "-c", "-m", "--", "x.py", "A=1", "-np", ""]
    ),
    max_size=8,
)


@given(WORDS)
def test_never_are_more_words_code_than_there_are(words: list[str]) -> None:
    assert (1 if words else 0) <= code_words(words) <= len(words)


@pytest.mark.parametrize(
    ("word", "recorded"),
    [
        ("/home/ann/fraud/data/a.csv", "project:data/a.csv"),
        ("--in=/home/ann/fraud/a.csv", "--in=project:a.csv"),
        ("/home/ann/fraud", "project:"),
        ("/home/ann/fraud/.venv/bin/python", "prefix:bin/python"),
        ("/home/ann/other/a.csv", "home:other/a.csv"),
        ("a:/home/ann/fraud/x:/home/ann/fraud/y", "a:project:x:project:y"),
        ("open('/home/ann/fraud/a.csv')", "open('project:a.csv')"),
        ("/home/ann/fraudulent", "home:fraudulent"),
        ("/mnt/home/ann/fraud/a.csv", "/mnt/home/ann/fraud/a.csv"),
        ("relative/a.csv", "relative/a.csv"),
        ("../home/ann", "../home/ann"),
    ],
)
def test_absolute_paths_in_words_are_made_logical(word: str, recorded: str) -> None:
    assert recorded_words([word], ROOTS) == (recorded,)


def test_words_that_are_not_unicode_can_be_recorded() -> None:
    (word,) = recorded_words(["a\udcff"], ROOTS)
    assert word.encode() == b"a\\udcff"


def program(*words: str) -> Executable:
    return Executable(1, 0, b"/usr/bin/" + words[0].encode(), tuple(w.encode() for w in words))


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (("python", "train", "rows"), {b"/p/train"}),
        (("bash", "train", "rows"), {b"/p/train"}),
        (("python", "-m", "train", "rows"), set()),
        (("sh", "-c", "cat rows", "rows"), set()),
        (("cat", "rows"), set()),
        (("awk", "-f", "train", "rows"), {b"/p/train"}),
        (("make", "-f", "train"), {b"/p/train"}),
        (("perl", "../p/train"), {b"/p/train"}),
    ],
)
def test_a_script_is_known_by_the_command_line_of_its_interpreter(
    words: tuple[str, ...], named: set[bytes]
) -> None:
    assert scripts([program(*words)], [b"/p/train", b"/p/rows"]) == named


@pytest.mark.parametrize(
    ("command", "options"),
    [
        ("torchrun --nproc-per-node 2 train.py --lr 1", "--nproc-per-node 2"),
        ("torchrun --nproc-per-node=2 -m pkg.train --lr 1", "--nproc-per-node=2"),
        ("accelerate launch --num_processes 2 train.py x", "--num_processes 2"),
        ("mpirun -n 4 python -m pkg.train a", "-n 4"),
        ("python -m torch.distributed.run --nnodes 1 train.py", "--nnodes 1"),
        ("uv run torchrun --nproc 2 train.py", "--nproc 2"),
        ("python train.py --x torchrun", ""),
        ("torchrun", ""),
        ("", ""),
    ],
)
def test_how_many_workers_a_launcher_starts_is_no_code(command, options):
    words = command.split()
    assert [words[place] for place in launcher_options(words)] == options.split()

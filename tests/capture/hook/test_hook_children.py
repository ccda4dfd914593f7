"""The processes that a program starts are followed, and run as they would without the hook."""

from __future__ import annotations

import pytest

POOL = """
    import multiprocessing, os, random, sys

    def work(item):
        import colorsys, sestina
        sestina.metric("item", item)
        return item * 2

    if __name__ == "__main__":
        context = multiprocessing.get_context(sys.argv[1])
        workers = [context.Process(target=work, args=(item,)) for item in range(2)]
        [worker.start() for worker in workers]
        [worker.join() for worker in workers]
        print([worker.exitcode for worker in workers])
"""


@pytest.mark.parametrize("how", ["fork", "spawn", "forkserver"])
def test_workers_tell_what_they_imported_and_that_they_ended(run, any_python, how) -> None:
    ran = run(POOL, how, python=any_python)
    assert (ran.code, ran.out, ran.err) == (0, "[0, 0]\n", "")
    assert sorted(one.value for one in ran.told.metrics) == ["0", "1"]
    assert "colorsys" in {module.name for module in ran.told.modules}
    assert ran.told.unfinished == ()


@pytest.mark.parametrize("how", ["fork", "spawn", "forkserver"])
def test_workers_that_their_pool_kills_have_told_all_before(run, any_python, how) -> None:
    source = """
        import multiprocessing, random, sys

        def work(item):
            import colorsys
            random.random()
            return item

        if __name__ == "__main__":
            with multiprocessing.get_context(sys.argv[1]).Pool(3) as pool:
                print(pool.map(work, range(2)))
    """
    ran = run(source, how, python=any_python)
    assert (ran.code, ran.out, ran.err) == (0, "[0, 1]\n", "")
    assert "colorsys" in {module.name for module in ran.told.modules}
    assert "unseeded draws" in {one.state for one in ran.told.draws}


CHILD = """
    import os, subprocess, sys
    shown = "import os, sys; print(sorted(n for n in os.environ if n[:3] in ('PYT', 'ONL')), " \\
            "os.environ.get('PYTHONPATH'), [p for p in sys.path if 'hook' in p])"
    command = [sys.executable, "-c", shown]
    {start}
"""
STARTS = {
    "inherited": "print(subprocess.run(command, capture_output=True, text=True).stdout)",
    "shell": "print(os.popen(sys.executable + ' -c \\'import os; print(7)\\'').read())",
    "own": "subprocess.run(command, env={'ONLY': '1'})",
    "copy": "subprocess.run(command, env=dict(os.environ))",
    "changed": "os.environ['PYTHONPATH'] = 'theirs'; subprocess.run(command)",
    "bytes": "subprocess.run(command, env={b'PYTHONPATH': b'theirs', b'ONLY': b'1'})",
    "deleted": "os.environ['PYTHONPATH'] = 'x'; del os.environ['PYTHONPATH']\n    "
    "subprocess.run(command)",
    "exec": "os.execv(sys.executable, command)",
    "execvpe": "os.execvpe(sys.executable, command, {'ONLY': '1'})",
    "spawnve": "os.spawnve(os.P_WAIT, sys.executable, command, {'ONLY': '1'})",
}


@pytest.mark.parametrize("start", STARTS)
def test_a_child_is_followed_and_sees_the_environment_it_was_given(run, any_python, start) -> None:
    source = CHILD.format(start=STARTS[start])
    hooked = run(source, python=any_python)
    assert len(hooked.told.interpreters) == 2
    assert hooked.told.unfinished == ()
    bare = run(source, python=any_python, hooked=False)
    assert (hooked.code, hooked.out, hooked.err) == (bare.code, bare.out, bare.err)


@pytest.mark.parametrize("start", ["own", "bytes", "changed"])
def test_the_strictest_python_finds_nothing_to_warn_of(run, any_python, start) -> None:
    source = "import argparse, random; argparse.ArgumentParser().parse_args([]); random.seed(1)\n"
    source += CHILD.format(start=STARTS[start]).replace("\n    ", "\n")
    strict = ("-bb", "-W", "error", "-X", "dev")
    ran = run(source, python=any_python, flags=strict)
    assert (ran.code, ran.err) == (0, "")
    assert len(ran.told.interpreters) == 2


def test_the_dictionary_given_as_env_is_not_changed(run) -> None:
    source = """
        import subprocess
        env = {"A": "1"}
        subprocess.run(["true"], env=env); print(env)
    """
    assert run(source).out == "{'A': '1'}\n"


def test_joblib_workers_are_followed(run) -> None:
    source = """
        import os
        from joblib import Parallel, delayed

        def work(item):
            import colorsys
            return os.getpid()

        pids = Parallel(n_jobs=2)(delayed(work)(item) for item in range(4))
        print(os.getpid() in pids)
    """
    ran = run(source)
    assert (ran.code, ran.out) == (0, "False\n")
    assert any("loky" in word for one in ran.told.interpreters for word in one.argv)


def test_a_forked_child_writes_to_a_file_of_its_own(told) -> None:
    seen = told(
        """
        import os, sestina
        child = os.fork()
        sestina.metric("child" if child == 0 else "parent", 1)
        os._exit(0) if child == 0 else os.waitpid(child, 0)
        """
    )
    assert sorted(one.name for one in seen.metrics) == ["child", "parent"]
    assert len(seen.unfinished) == 1  # the child ended by `os._exit`

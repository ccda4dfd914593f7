from __future__ import annotations

import shutil

import pytest

from sestina.capture.observer import Observer
from sestina.capture.seccomp import Seccomp
from sestina.capture.strace import Strace
from sestina.testing.observers import ObserverSuite

seccomp_works = pytest.mark.skipif(
    Seccomp().probe() is not None, reason=f"seccomp: {Seccomp().probe()}"
)


@seccomp_works
class TestSeccomp(ObserverSuite):
    def observer(self) -> Observer:
        return Seccomp()


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")
class TestStrace(ObserverSuite):
    def observer(self) -> Observer:
        return Strace()

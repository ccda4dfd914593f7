"""A model is known by its first bytes, as the libraries write them; nothing is unpickled."""

from __future__ import annotations

import pickle
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from sestina.verbs.model_formats import HEAD, from_head


def known(path: Path) -> str | None:
    return from_head(path.suffix.encode(), path.read_bytes()[:HEAD])


WRITE = """
import sys, numpy as np, joblib, pickle
from sklearn.linear_model import LogisticRegression
X, y = np.arange(40.0).reshape(20, 2), np.arange(20) % 2
m = LogisticRegression().fit(X, y)
joblib.dump(m, "plain.joblib"); joblib.dump(m, "packed.joblib", compress=3)
joblib.dump(m, "packed.pkl", compress=("xz", 3)); pickle.dump(m, open("plain.pkl", "wb"))
from safetensors.numpy import save_file
save_file({"w": X}, "w.safetensors")
import lightgbm, xgboost
g = lightgbm.train({"verbose": -1, "min_data_in_leaf": 1}, lightgbm.Dataset(X, y), 2)
g.save_model("l.txt")
b = xgboost.train({"verbosity": 0}, xgboost.DMatrix(X, y), 2)
for name in ("x.json", "x.ubj"): b.save_model(name)
"""


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models")
    subprocess.run([sys.executable, "-c", WRITE], cwd=folder, check=True, timeout=100)
    return folder


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("plain.joblib", "joblib"),
        ("packed.joblib", "joblib"),
        ("packed.pkl", "joblib"),
        ("plain.pkl", "pickle"),
        ("w.safetensors", "safetensors"),
        ("l.txt", "lightgbm"),
        ("x.json", "xgboost"),
        ("x.ubj", "xgboost"),
    ],
)
def test_what_a_library_writes_is_recognised(written, name, expected):
    assert known(written / name) == expected


@pytest.mark.parametrize(
    ("name", "head", "expected"),
    [
        ("m.gguf", b"GGUF\x03\0\0\0", "gguf"),
        ("m.cbm", b"CBM1\0\0", "catboost"),
        ("m.onnx", b"\x08\x08\x12\x07pytorch", "onnx"),
        ("m.h5", b"\x89HDF\r\n\x1a\n" + b"\0" * 100 + b"keras_version", "keras"),
        ("table.h5", b"\x89HDF\r\n\x1a\n" + b"\0" * 100, None),
        ("config.json", b'{"learning_rate": 1}', None),
        ("notes.txt", b"tree surgery", None),
        ("data.csv", b"\x80\x04", None),
        ("empty.pkl", b"", None),
    ],
)
def test_the_first_bytes_decide(name, head, expected):
    assert from_head(Path(name).suffix.encode(), head) == expected


def test_zip_formats_are_told_by_extension_and_members(tmp_path):
    for name, member in {"m.pt": "archive/data.pkl", "m.keras": "config.json"}.items():
        with zipfile.ZipFile(tmp_path / name, "w") as archive:
            archive.writestr(member, pickle.dumps({}))
    assert known(tmp_path / "m.pt") == "torch"
    assert known(tmp_path / "m.keras") == "keras"

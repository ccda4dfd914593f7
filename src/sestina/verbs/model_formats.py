"""Which outputs are a model: known formats, recognised by magic bytes and extension.

Nothing is ever unpickled or imported: a format is told from the first bytes of a file.

Sources: pickle protocol 2+ starts with PROTO (0x80); safetensors README (8-byte length, then a
JSON object); GGUF spec (`GGUF`); CatBoost `CBM1`; HDF5 signature; ZIP local header (`PK\\3\\4`);
LightGBM's text models start with `tree`; UBJSON objects with `{`.
"""

from __future__ import annotations

from collections.abc import Callable

HEAD = 64 * 1024
_ZIP = b"PK\x03\x04"
_HDF5 = b"\x89HDF\r\n\x1a\n"
_TORCH_LEGACY = b"\x80\x02\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19."
_COMPRESSED = (
    b"x\x01", b"x^", b"x\x9c", b"x\xda", b"\x1f\x8b", b"BZ",
    b"\xfd7zXZ", b"]\0\0", b"\x04\x22\x4d\x18",
)  # fmt: skip
"""What joblib's compressors begin with: zlib, gzip, bz2, xz, lzma, lz4."""
UNKNOWN = "unknown"


def may_be_model(extension: bytes) -> bool:
    """Returns whether a file with this extension is worth a look at its first bytes."""
    return extension in _BY_EXTENSION or extension in _TEXTS


def from_head(extension: bytes, head: bytes) -> str | None:
    """Returns the format that an extension (with its dot) and the first bytes tell.

    >>> from_head(b".cbm", b"CBM1...."), from_head(b".csv", b"a,b")
    ('catboost', None)
    """
    if not head:
        return None
    for name, matches in _BY_EXTENSION.get(extension, ()):
        if matches(head):
            return name
    if extension in _TEXTS:
        if head.startswith(b"tree\n") and b"\nversion=v" in head[:64]:
            return "lightgbm"
        if head.lstrip().startswith(b"{") and b'"learner"' in head:
            return "xgboost"
    return None


def _starts(magic: bytes) -> Callable[[bytes], bool]:
    return lambda head: head.startswith(magic)


def _is_pickle(head: bytes) -> bool:
    return len(head) > 1 and head[0] == 0x80 and 2 <= head[1] <= 5


def _is_joblib(head: bytes) -> bool:
    return _is_pickle(head) or head.startswith(_COMPRESSED)


def _is_torch(head: bytes) -> bool:
    return head.startswith(_TORCH_LEGACY) or (head.startswith(_ZIP) and b"data.pkl" in head[:512])


def _is_safetensors(head: bytes) -> bool:
    return len(head) > 8 and head[8:9] == b"{" and int.from_bytes(head[:8], "little") < 1 << 32


def _is_ubjson_xgboost(head: bytes) -> bool:
    return head.startswith(b"{") and b"learner" in head[:64]


def _is_keras_hdf5(head: bytes) -> bool:
    return head.startswith(_HDF5) and (b"keras" in head or b"model_weights" in head)


_PICKLE = ("pickle", _is_pickle)
_TORCH = ("torch", _is_torch)
_BY_EXTENSION: dict[bytes, tuple[tuple[str, Callable[[bytes], bool]], ...]] = {
    b".joblib": (("joblib", _is_joblib),),
    b".pkl": (_TORCH, ("joblib", lambda head: _is_joblib(head) and not _is_pickle(head)), _PICKLE),
    b".pickle": (_PICKLE,),
    b".skops": (("skops", _starts(_ZIP)),),
    b".safetensors": (("safetensors", _is_safetensors),),
    b".pt": (_TORCH, _PICKLE),
    b".pth": (_TORCH, _PICKLE),
    b".ckpt": (_TORCH, _PICKLE),
    b".bin": (_TORCH, ("gguf", _starts(b"GGUF")), ("catboost", _starts(b"CBM1"))),
    b".onnx": (("onnx", _starts(b"\x08")),),
    b".ubj": (("xgboost", _is_ubjson_xgboost),),
    b".cbm": (("catboost", _starts(b"CBM1")),),
    b".keras": (("keras", _starts(_ZIP)),),
    b".h5": (("keras", _is_keras_hdf5),),
    b".hdf5": (("keras", _is_keras_hdf5),),
    b".gguf": (("gguf", _starts(b"GGUF")),),
}
_TEXTS = {b".txt", b".json", b".model", b".lgb", b".xgb"}

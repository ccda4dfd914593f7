"""Starts the hook in the user's Python, then hands over to the `sitecustomize` it stands before.

Its folder is the first of PYTHONPATH, so *every* Python below a run comes by here, Python 2 among
them: this file is valid in all of them, and only 3.8 and later go on to `_sestina_hook`. It leaves
nothing behind under the name `sitecustomize`: either the one it shadowed is imported in its place,
or the import ends as it would have without it (`ImportError` of that very name, which `site`
expects).
"""

import os
import sys

_shadow = sys.modules.pop("sitecustomize", None)  # held, or Python 2 would clear these globals
_folder = os.path.dirname(os.path.abspath(__file__))
_told = os.environ.get("SESTINA_HOOK")
_keeps_no_bytecode = sys.dont_write_bytecode
try:
    if sys.version_info >= (3, 8):
        sys.dont_write_bytecode = False  # see `_sestina_hook.late`
        import _sestina_hook  # found while the folder is still on sys.path

        sys.dont_write_bytecode = _keeps_no_bytecode
        _sestina_hook.begin(_folder, _told)
except Exception:
    _told = None  # the user's program goes on, unobserved
sys.dont_write_bytecode = _keeps_no_bytecode
sys.path[:] = [entry for entry in sys.path if entry != _folder]
sys.path_importer_cache.pop(_folder, None)
import sitecustomize  # noqa: E402, F401  (the one that was shadowed, if there is one)

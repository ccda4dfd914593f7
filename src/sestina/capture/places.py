"""What well-known paths are for, whoever the user and whatever the project."""

from __future__ import annotations

import re


class InFolders:
    """A pattern over the folders of a path, whatever the file is called: asked once a folder."""

    def __init__(self, pattern: re.Pattern[bytes]) -> None:
        self._pattern = pattern
        self._known: dict[bytes, bool] = {}

    def search(self, path: bytes) -> bool:
        """Returns whether the pattern is found in the folders of `path`."""
        folder = path[: path.rfind(b"/") + 1]
        found = self._known.get(folder)
        if found is None:
            found = self._known[folder] = self._pattern.search(folder) is not None
        return found


PSEUDO = re.compile(rb"/(?:proc|sys|dev(?!/shm/)|run/(?:udev|systemd|nscd))(?:/|\Z)|/memfd:|/?\Z")
SHARED_MEMORY = re.compile(rb"/dev/shm/")

SYSTEM = re.compile(
    rb"""/etc/(?:passwd|group|nsswitch\.conf|hosts?|host\.conf|resolv\.conf|gai\.conf|localtime
        |timezone|ld\.so\.[^/]+|ld\.so\.conf\.d/.*|locale\.[^/]+|default/.*|os-release|lsb-release
        |debian_version|machine-id|mime\.types|services|protocols|networks|shells|profile|login\.defs
        |bash\.bashrc|inputrc|environment|gitconfig|papersize|magic[^/]*|mailcap|request-key\.conf
        |(?:ssl|pki|ca-certificates|fonts|terminfo|pam\.d|security|profile\.d|X11|OpenCL|vulkan
        |nvidia|crypto-policies|gss|libnl-?3?|selinux|apparmor|dpkg|apt|ImageMagick-\d+)(?:/.*)?)\Z
    |/usr/(?:local/)?share/(?:locale|i18n|zoneinfo|fonts|terminfo|mime|icu|X11|ca-certificates|misc
        |file|bash-completion|fontconfig|glib-2\.0|nvidia|git-core|readline|locale-langpack)/
    |/usr/lib(?:64)?/(?:[^/]+/)?(?:locale|gconv|ssl)/ | /usr/lib/os-release\Z
    |/lib/terminfo/ | /var/lib/(?:dpkg|nscd|sss|ca-certificates)/
    |/var/cache/(?:fontconfig|nscd|ldconfig)/
    |/(?:usr/)?lib(?:64)?/locale/locale-archive\Z | /var/run/ | /run/(?:nscd|resolvconf|systemd)/
    |/selinux/""",
    re.VERBOSE | re.DOTALL,
)
TOOL_SETTINGS = re.compile(
    rb"/(?:\.gitconfig|\.config/git/[^/]+|\.gitignore_global|\.condarc|\.inputrc|\.bashrc|\.profile"
    rb"|\.bash_profile|\.bash_login|\.zshenv|\.zshrc|\.zprofile|\.hushlogin|\.lesshst|\.terminfo/.*"
    rb"|\.config/(?:pip|matplotlib|fontconfig|uv|conda|htop|nvim|ipython|jupyter|mlflow|wandb"
    rb"|huggingface|dvc|streamlit)/.*"
    rb"|\.(?:jupyter|ipython)/(?!.*\.ipynb\Z).*|\.local/share/jupyter/.*|\.fonts/.*|\.fonts\.conf"
    rb"|\.local/share/fonts/.*|\.pythonhist|\.python_history|\.bash_history|\.duckdbrc|\.sqliterc)\Z",
    re.DOTALL,
)
GIT = re.compile(rb"/\.git(?:/|\Z)|/\.(?:hg|svn|jj)/|/\.git(?:ignore|attributes|modules)\Z")

INSTALLED = InFolders(re.compile(rb"/(?:site|dist)-packages/"))
STANDARD_LIBRARY = re.compile(
    rb"/lib(?:64)?/(?:python\d[\d.]*t?|pypy[\d.]*|python\d+\.zip)(?:/|\Z)|/etc/python[\d.]+/"
)
INTERPRETER = re.compile(rb"/(?:python|pypy)[\d.]*t?(?:-config)?(?:w|d)?\Z")
SHARED_LIBRARY = re.compile(rb"\.so(?:\.[0-9][0-9A-Za-z.]*)?\Z|\.dylib\Z")
LIBRARY = re.compile(
    rb"""/(?:usr/)?(?:local/)?(?:lib|lib32|lib64|libx32|bin|sbin|libexec|include|games)/
    |/usr/local/cuda[^/]*/ | /nix/store/ | /gnu/store/ | /snap/ | /opt/(?:rocm|cuda|nvidia|intel)/
    |/usr/share/(?:perl\d?|R|ruby[^/]*|julia|nodejs|node_modules|javascript|tcltk|gcc[^/]*|cmake[^/]*
        |automake[^/]*|aclocal[^/]*|make|awk|octave|java|openmpi|pyshared|texmf[^/]*|texlive)/
    |/etc/(?:alternatives|R|perl|java[^/]*|openmpi|make)/ | /usr/(?:bin|sbin)\Z
    |.*?/\.(?:pyenv|rbenv|nodenv|nvm|asdf|volta|sdkman|rustup|juliaup)/
    |.*?/\.local/share/(?:uv|mise|pypoetry|rtx)/
    |.*?/R/[^/]+-library/ |.*?/\.julia/(?:packages|artifacts|compiled|registries|juliaup)/""",
    re.VERBOSE | re.DOTALL,
)

DERIVED = re.compile(
    rb"""/__pycache__/ | \.nb[ic]\Z | \.pyc(?:\.\d+)?\Z
    |/\.cache/(?:matplotlib|fontconfig|numba|pip|uv|pypoetry|pre-commit|ruff|mypy|black|mesa_shader[^/]*
        |torch_extensions|torch/kernels|torch/inductor|nvidia|jax[^/]*|pytensor|theano|jedi|go-build
        |ccache|sccache|yarn|node-gyp|triton|sestina)/
    |/\.triton/ | /\.nv/ComputeCache/ | /\.matplotlib/ | /torchinductor_[^/]+/ | /\.theano/
    |/\.(?:pytest|mypy|ruff|hypothesis)(?:_cache)?/ | /\.ipynb_checkpoints/ | /\.tox/ | /\.nox/
    |/\.eggs?/ | /\.numba_cache/ | /\.jax_cache/ | /torch_extensions/py\d | /\.snakemake/
    |/\.Rcache/ | /\.ccache/
    |/joblib/.*/(?:output\.pkl|metadata\.json|func_code\.py)\Z""",
    re.VERBOSE | re.DOTALL,
)
"""Made from something else that is seen too: losing it costs time, never a different model."""

FETCHED = InFolders(
    re.compile(
        rb"""/\.cache/(?:huggingface|torch/hub|torch/sentence_transformers|kagglehub|clip|whisper|gdown
        |tensorflow_datasets|tfhub_modules|open_clip|suno|modelscope|paddle)/
    |/(?:nltk_data|gensim-data|scikit_learn_data|seaborn-data|tensorflow_datasets|\.keras/datasets
        |\.keras/models|\.insightface|\.EasyOCR|\.paddleocr)/
    |/(?:models|datasets|spaces)--[^/]+/(?:snapshots|blobs|refs)/""",
        re.VERBOSE | re.DOTALL,
    )
)
"""Downloaded once and read ever after: data, not a cache."""
BOOKKEEPING = re.compile(
    rb"/(?:\.locks|refs|\.no_exist|xet/logs)/|\.(?:lock|incomplete)\Z|/CACHEDIR\.TAG\Z|/version\.txt\Z"
)

TRACKER = re.compile(
    rb"/mlruns/(?:.*/)?(?:meta\.yaml|(?:tags|params|metrics)/.*)\Z|/mlflow\.db(?:-\w+)?\Z"
    rb"|/wandb/(?:settings|latest-run/.*|debug[^/]*\.log)\Z|/\.(?:aim|neptune|guild|clearml|comet)/"
    rb"|/\.dvc/(?:tmp|config)",
    re.DOTALL,
)
"""Where other trackers keep their own books: read back by them, never by a model."""

TEMPORARY = re.compile(
    rb"/(?:tmp[a-z0-9_]{6,8}|pymp-[^/]+|joblib_memmapping_[^/]+|torch_[a-z0-9_]{6,}|tmp\.[A-Za-z0-9]+"
    rb"|pip-[^/]+|Rtmp[A-Za-z0-9]+|ray/|hsperfdata_[^/]+|ipykernel_\d+|sh-thd\.[^/]+|cc[A-Za-z0-9]{6}\.)"
)
LOCK = re.compile(rb"\.(?:lock|lck|pid)\Z|/\.lock\Z", re.IGNORECASE)

DATA_FOLDER = InFolders(
    re.compile(rb"(?:\A|/)(?:data|datas|dataset|datasets|corpus|corpora)/", re.IGNORECASE)
)
CONFIG = re.compile(
    rb"\.(?:ya?ml|json|jsonc|json5|toml|ini|cfg|conf|config|properties|hocon|jsonnet|libsonnet|gin)\Z",
    re.IGNORECASE,
)
PACKAGING = re.compile(
    rb"/(?:pyproject\.toml|setup\.cfg|requirements[^/]*\.(?:txt|in)|constraints[^/]*\.txt|Pipfile"
    rb"|[^/]*\.lock|Pipfile\.lock|\.python-version|environment\.ya?ml|renv\.lock|Project\.toml"
    rb"|Manifest\.toml|package(?:-lock)?\.json|DESCRIPTION)\Z"
)
SOURCE = re.compile(
    rb"\.(?:pyw?|pyx|pxd|ipynb|r|rmd|qmd|jl|sh|bash|zsh|ksh|fish|pl|pm|rb|lua|js|mjs|cjs|ts|sql|m|scala"
    rb"|java|class|jar|kt|cc?|cpp|cxx|h|hh|hpp|cuh?|rs|go|f|f90|stan|bugs|jags|awk|sed|mk|mak|cmake"
    rb"|smk|nf|wdl|cwl|php|groovy|clj|hs|ml|erl|ex|exs|swift|wasm|ps1)\Z",
    re.IGNORECASE,
)
SOURCE_NAMED = re.compile(
    rb"/(?:GNU)?[Mm]akefile[^/]*\Z|/(?:CMakeLists\.txt|Dockerfile|Snakefile|Justfile|justfile|Rakefile"
    rb"|Jenkinsfile|Procfile|SConstruct|WORKSPACE|BUILD|\.Rprofile|\.Renviron)\Z"
)
WEIGHTS = re.compile(rb"\.(?:safetensors|bin|pt|pth|ckpt|gguf|onnx|h5|msgpack)\Z")

ASKERS = frozenset(
    b"arch free getconf hostname lscpu lspci nproc nvidia-smi rocm-smi sysctl uname"
    b" fc-cache fc-list fc-match fc-query fc-scan".split()
)
"""Programs that only tell what the machine is like. What they say is no part of the software that
the process ran in, and whether a library asks depends on its version, on variables, and on what it
keeps of the last answer: matplotlib asks for the fonts when its cache does not know them."""

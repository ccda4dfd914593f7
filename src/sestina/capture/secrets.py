"""Files whose bytes are never opened: known by name, before anything looks inside.

The detectors that look at text are in `sestina.kernel.withhold`.
"""

from __future__ import annotations

import re

_NAMES = re.compile(
    rb"""/(?:
      \.netrc | _netrc | \.git-credentials | \.pypirc | \.pgpass | \.my\.cnf | \.htpasswd
    | \.dockercfg | \.npmrc | \.yarnrc\.yml | \.terraformrc | \.vault-token | \.boto | \.s3cfg
    | \.kaggle/kaggle\.json | kaggle\.json | \.databrickscfg | \.snowsql/config | \.cdsapirc
    | \.aws/(?:credentials|cli/cache/.+|sso/cache/.+) | \.azure/(?!config$).+ | \.kube/config
    | \.config/gcloud/(?:.*credential.*|legacy_credentials/.+|access_tokens\.db)
    | application_default_credentials\.json | (?:.*[_-])?service[_-]?account.*\.json
    | client_secrets?(?:[_-].*)?\.json | credentials(?:\.json)?
    | \.docker/config\.json | \.config/gh/hosts\.yml | \.config/hub | \.gem/credentials
    | \.cargo/credentials(?:\.toml)? | \.config/rclone/rclone\.conf | \.wandb/.*netrc
    | huggingface/(?:token|stored_tokens) | \.huggingface/token
    | \.ssh/.+ | \.gnupg/.+ | \.password-store/.+ | keyrings/.+ | \.local/share/kwalletd/.+
    | id_(?:rsa|dsa|ecdsa|ed25519)(?:_sk)? | [^/]*\.(?:ppk|p12|pfx|jks|keystore|kdbx|agekey)
    | [^/]*\.(?:pem|key) | secrets\.(?:ya?ml|json|toml|ini|env)
    | etc/g?shadow-? | etc/sudoers(?:\.d/.+)? | etc/krb5\.keytab
    )\Z""",
    re.VERBOSE | re.DOTALL | re.IGNORECASE,
)
_PUBLIC = re.compile(
    rb"/(?:ssl/certs|certifi|ca-certificates|pki/(?:tls|ca-trust))/|/(?:cacert|ca-bundle)\.pem\Z"
    rb"|/\.ssh/(?:known_hosts|[^/]*\.pub)\Z|/site-packages/.*\.pem\Z"
)
_DOTENV = re.compile(rb"/(?:\.env(?:\.[^/]+)?|[^/]+\.env|\.envrc|\.flaskenv)\Z", re.IGNORECASE)
_TEMPLATE = re.compile(rb"[.\-_](?:example|sample|template|dist|tpl)\Z", re.IGNORECASE)


def denied(path: bytes) -> str | None:
    """Returns why a file's bytes must not be opened, None where nothing speaks against it.

    >>> denied(b"/home/a/.ssh/id_rsa"), denied(b"/home/a/train.py")
    ('known to hold secrets', None)
    """
    if _NAMES.search(path) and not _PUBLIC.search(path):
        return "known to hold secrets"
    return None


def is_dotenv(path: bytes) -> bool:
    """Returns whether a file is a `.env`: read for its keys, never kept as a blob."""
    return _DOTENV.search(path) is not None and _TEMPLATE.search(path) is None

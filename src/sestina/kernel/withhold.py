"""Secrets in text: the forms that tokens have, names that announce one, and taking them out.

The forms are those that their issuers document (a fixed prefix, an alphabet, a length), so that
ordinary words are not taken for secrets.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

WITHHELD = "<withheld>"
"""What stands where a secret was taken out."""

_TOKENS = (
    r"(?:AKIA|ASIA|AROA|AIDA)[A-Z0-9]{16}(?![A-Z0-9])",  # AWS
    r"gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{40,}",
    r"gl(?:pat|dt|rt|cbt|ptt|soat)-[A-Za-z0-9_-]{20,}",
    r"xox[abeprs]-[A-Za-z0-9-]{10,}",  # Slack
    r"hf_[A-Za-z0-9]{30,}",
    r"sk-(?:proj-|ant-|svcacct-|or-v1-)?[A-Za-z0-9_-]{32,}",  # OpenAI, Anthropic, OpenRouter
    r"AIza[A-Za-z0-9_-]{35}|ya29\.[A-Za-z0-9_-]{20,}",  # Google
    r"[sr]k_(?:live|test)_[A-Za-z0-9]{20,}",  # Stripe
    r"npm_[A-Za-z0-9]{36}|pypi-AgE[A-Za-z0-9_-]{50,}|dckr_pat_[A-Za-z0-9_-]{20,}",
    r"dapi[a-f0-9]{32}|dop_v1_[a-f0-9]{64}|SG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}",
    r"r8_[A-Za-z0-9]{37}|nvapi-[A-Za-z0-9_-]{60,}|lsv2_[a-z]{2}_[a-f0-9]{32}_[a-f0-9]{10}",
    r"eyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}",  # JSON Web Token
)
_TOKEN = re.compile(r"(?<![A-Za-z0-9_-])(?:" + "|".join(_TOKENS) + ")")
_KEY_BLOCK = re.compile(
    r"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----.*?"
    r"(?:-----END (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----|\Z)",
    re.DOTALL,
)
_STANDS_FOR_ONE = r"(?!(?:pass(?:word|wd)?|pwd|secret|token|xxx+|\*+|\.\.\.)(?:@|$))"
_IN_CONTEXT = (
    # scheme://user:SECRET@host
    (
        ("://",),
        rf"(?<=://)[^\s/@:'\"{{}}$<>]*:{_STANDS_FOR_ONE}(?P<secret>[^\s/@'\"{{}}$<>]+)(?=@)",
    ),
    (
        ("signature=", "token=", "key=", "password=", "secret=", "sig="),
        r"(?i)[?&;](?:x-amz-signature|x-amz-security-token|x-goog-signature|sig|signature|token"
        r"|access_token|api_?key|password|secret)=(?P<secret>[^&\s'\"#;{}$<>]{4,})",
    ),
    (
        ("password=", "passwd=", "pwd=", "key=", "signature="),
        r"(?i)\b(?:password|passwd|pwd|accountkey|sharedaccesskey|sharedaccesssignature)"
        r"=(?P<secret>[^;\s'\"&(){}\[\]$<>]+)(?=;)",
    ),
    (
        ("secret_access_key",),
        r"(?i)\b(?:aws_secret_access_key|secret_access_key)\b['\"]?\s*[=:]\s*['\"]?"
        r"(?P<secret>[A-Za-z0-9/+]{40})(?![A-Za-z0-9/+])",
    ),
    (
        ("authorization",),
        r"(?i)\bauthorization['\"]?\s*[:=,]\s*['\"]?(?:bearer|basic|token)\s+"
        r"(?P<secret>[A-Za-z0-9+/_.=-]{12,})",
    ),
)
"""Forms that need their surroundings; each is looked for only where one of its words occurs."""
_FORMS = tuple((words, re.compile(form)) for words, form in _IN_CONTEXT)
_NAME = re.compile(
    r"""(?ix) (?:^|[_.\-])(?:
      passw(?:or)?d | passwd | passphrase | pwd | pw | secrets? | credentials? | token | auth
    | api_?-?key | apikey | access_?-?key(?:_?id)? | account_?-?key | private_?-?key
    | (?:db|user|admin|root|mail|smtp|ftp|pg|mysql|redis|proxy|http|login)_?pass
    | secret_?-?key | signing_?-?key | encryption_?-?key | bearer | dsn
    | connection_?-?string | conn_?-?str | sas
    )(?:$|[_.\-](?:id|file|value|b64|base64)$)"""
)
_WORDS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def secret_name(name: str) -> bool:
    """Returns whether the name of a variable, key or option announces a secret.

    >>> secret_name("AWS_SECRET_ACCESS_KEY"), secret_name("TOKENIZERS_PARALLELISM")
    (True, False)
    """
    bare = name.lstrip("-")
    if bare in ("PWD", "OLDPWD"):
        return False
    return _NAME.search(_WORDS.sub("_", bare)) is not None


def has_secret(text: str) -> bool:
    """Returns whether a token, a private key or a password in a URL stands in `text`."""
    return has_token(text) or any(form.search(text) for form in _forms_in(text))


def has_token(text: str) -> bool:
    """Returns whether a token of a known issuer or a private key stands in `text`.

    That is less than `has_secret` finds, and hardly ever anything else: no URL of a crawled page.
    """
    found = _TOKEN.search(text) or ("PRIVATE KEY" in text and _KEY_BLOCK.search(text))
    return bool(found)


def without_secrets(text: str) -> str:
    """Returns `text` with every secret in it replaced.

    >>> without_secrets("postgresql://ann:hunter2@db/sales")
    'postgresql://ann:<withheld>@db/sales'
    """
    text = _KEY_BLOCK.sub(WITHHELD, text) if "PRIVATE KEY" in text else text
    for form in _forms_in(text):
        text = form.sub(_only_the_secret, text)
    return _TOKEN.sub(WITHHELD, text)


def value_of(name: str, value: str) -> str:
    """Returns the text of a named value, withheld where its name announces a secret."""
    return WITHHELD if value and secret_name(name) else without_secrets(value)


def words_without_secrets(words: Iterable[str]) -> list[str]:
    """Returns the words of a command, each the same but for the secrets in it.

    Takes `--password X`, `--token=X`, `API_KEY=X` and whatever `without_secrets` finds.

    >>> words_without_secrets(["train", "--api-key", "x", "DB_PASSWORD=y", "--max-tokens=9"])
    ['train', '--api-key', '<withheld>', 'DB_PASSWORD=<withheld>', '--max-tokens=9']
    """
    safe: list[str] = []
    expected = False
    for word in words:
        name, equals, value = word.partition("=")
        if expected and not word.startswith("-"):
            safe.append(WITHHELD)
        elif equals and value and _is_name(name) and secret_name(name):
            safe.append(f"{name}={WITHHELD}")
        else:
            safe.append(without_secrets(word))
        expected = not equals and word.startswith("-") and _is_name(name) and secret_name(name)
    return safe


def _forms_in(text: str) -> list[re.Pattern[str]]:
    lowered = text.lower()
    return [form for words, form in _FORMS if any(word in lowered for word in words)]


def _is_name(text: str) -> bool:
    return re.fullmatch(r"-{0,2}[A-Za-z_+][A-Za-z0-9_.\-]*", text) is not None


def _only_the_secret(match: re.Match[str]) -> str:
    start, end = match.span("secret")
    whole, offset = match[0], match.start()
    return whole[: start - offset] + WITHHELD + whole[end - offset :]

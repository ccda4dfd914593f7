"""What is never opened, and what is taken out of text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sestina.capture.secrets import denied, is_dotenv
from sestina.capture.withheld import tell_no_secrets
from sestina.kernel.withhold import (
    WITHHELD,
    has_secret,
    secret_name,
    value_of,
    without_secrets,
    words_without_secrets,
)
from sestina.records import testimony
from sestina.records.testimony import EffectiveParam, EstimatorSeen, Told

GITHUB = "ghp_" + "a1B2" * 9
AWS = "AKIA" + "ABCD1234" * 2
WEB = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJl"
KEY = "-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----"


@pytest.mark.parametrize(
    "path",
    [
        b"/home/a/.ssh/id_rsa", b"/home/a/.ssh/config", b"/home/a/.aws/credentials",
        b"/home/a/.netrc", b"/p/server.pem", b"/p/tls.key", b"/home/a/.git-credentials",
        b"/home/a/.pypirc", b"/home/a/.docker/config.json", b"/home/a/.kube/config",
        b"/home/a/.local/share/keyrings/login.keyring", b"/home/a/.config/gh/hosts.yml",
        b"/home/a/.cache/huggingface/token", b"/p/service-account-prod.json", b"/p/secrets.yaml",
        b"/home/a/.kaggle/kaggle.json", b"/etc/shadow", b"/home/a/.pgpass", b"/p/a\n/id_rsa",
    ],
)  # fmt: skip
def test_a_file_known_to_hold_secrets_is_denied(path: bytes) -> None:
    assert denied(path)


@pytest.mark.parametrize(
    "path",
    [
        b"/p/train.py", b"/p/config.json", b"/p/keys.csv", b"/p/monkey", b"/p/tokenizer.json",
        b"/v/lib/python3.11/site-packages/certifi/cacert.pem", b"/etc/ssl/certs/ca.pem",
        b"/home/a/.ssh/known_hosts", b"/p/secrets.py", b"/p/docker/config.json",
    ],
)  # fmt: skip
def test_an_ordinary_file_is_not_denied(path: bytes) -> None:
    assert denied(path) is None


@pytest.mark.parametrize(
    ("name", "said"),
    [(b".env", True), (b".env.local", True), (b"prod.env", True), (b".envrc", True),
     (b".env.example", False), (b"environment", False), (b"env.py", False)],
)  # fmt: skip
def test_a_dotenv_is_known_by_its_name(name: bytes, said: bool) -> None:
    assert is_dotenv(b"/p/" + name) is said


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        (f"TOKEN = '{GITHUB}'", GITHUB),
        (f"key={AWS}", AWS),
        (f"Authorization: Bearer {WEB}", WEB),
        ("postgresql://ann:hunter2@db:5432/sales", "hunter2"),
        ("https://x.s3.amazonaws.com/k?X-Amz-Signature=0123abcd&n=1", "0123abcd"),
        ("Server=db;User=sa;Password=hunter2;Encrypt=yes", "hunter2"),
        ("aws_secret_access_key = " + "abcd/+12" * 5, "abcd/+12" * 5),
        (KEY, "MIIE"),
        ("hf_" + "aBcD" * 9, "hf_" + "aBcD" * 9),
    ],
)
def test_a_secret_in_text_is_found_and_taken_out(text: str, secret: str) -> None:
    assert has_secret(text)
    assert secret not in without_secrets(text)
    assert WITHHELD in without_secrets(text)
    assert not has_secret(without_secrets(text).replace(WITHHELD, ""))


@pytest.mark.parametrize(
    "text",
    [
        "url = f'postgresql://{user}:{password}@{host}/db'", "max_tokens = 4096",
        "sk-learn is scikit-learn", "basic preprocessing_of_the_table", "hf_hub_download(repo)",
        "password = getpass()", "https://example.org/a:b/c", "see https://docs.org/?token", "AKIA",
        "x = {'token': token}", "email ann@example.org: write", "id 4f2a91c0 sha256 " + "ab" * 32,
        "https://user:password@host/path",
    ],
)  # fmt: skip
def test_ordinary_text_is_left_alone(text: str) -> None:
    assert not has_secret(text)
    assert without_secrets(text) == text


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("AWS_SECRET_ACCESS_KEY", True), ("GITHUB_TOKEN", True), ("password", True),
        ("--api-key", True), ("dbPassword", True), ("HF_TOKEN", True), ("DATABASE_DSN", True),
        ("OPENAI_API_KEY", True), ("client.secret", True), ("SESSION_SECRET_KEY", True),
        ("TOKENIZERS_PARALLELISM", False), ("max_tokens", False), ("PWD", False), ("key", False),
        ("primary_key", False), ("author", False), ("PATH", False), ("tokenizer", False),
        ("KEYBOARD", False), ("learning_rate", False),
    ],
)  # fmt: skip
def test_a_name_that_announces_a_secret_is_known(name: str, said: bool) -> None:
    assert secret_name(name) is said


def test_words_of_a_command_keep_everything_but_the_secret() -> None:
    words = [
        "train.py", "--password", "hunter2", "--token=abc", "--lr=0.1", "DB_PASSWORD=x", "--db",
        "mysql://a:b@c/d", "-H", f"Authorization: Bearer {WEB}", "--api-key", "--x",
    ]  # fmt: skip
    assert words_without_secrets(words) == [
        "train.py", "--password", WITHHELD, f"--token={WITHHELD}", "--lr=0.1",
        f"DB_PASSWORD={WITHHELD}", "--db", f"mysql://a:{WITHHELD}@c/d", "-H",
        f"Authorization: Bearer {WITHHELD}", "--api-key", "--x",
    ]  # fmt: skip


@given(st.lists(st.text(alphabet=st.characters(codec="utf-8"), max_size=20)))
def test_a_command_without_secrets_has_as_many_words_as_before(words: list[str]) -> None:
    assert len(words_without_secrets(words)) == len(words)


@given(st.text(max_size=60))
def test_taking_secrets_out_twice_is_the_same_as_once(text: str) -> None:
    once = without_secrets(f"{text} {GITHUB} {text}")
    assert GITHUB not in once
    assert without_secrets(once) == once


def test_testimony_tells_no_secret() -> None:
    told = tell_no_secrets(
        testimony.Testimony(
            effective=(
                EffectiveParam(by="argparse", name="api_key", value="abc", given=True, option=None),
                EffectiveParam(by="argparse", name="lr", value="0.1", given=False, option=None),
            ),
            estimators=(
                EstimatorSeen(cls="C", params=(("token", "t"), ("n", "1")), file="a", line=1),
            ),
            params=(Told(name="url", value="mysql://a:b@c/d"),),
            notes=(f"with {GITHUB}",),
        )
    )
    assert [one.value for one in told.effective] == [WITHHELD, "0.1"]
    assert told.estimators[0].params == (("token", WITHHELD), ("n", "1"))
    assert told.params[0].value == f"mysql://a:{WITHHELD}@c/d"
    assert told.notes == (f"with {WITHHELD}",)


def test_a_withheld_value_is_withheld_whatever_it_is() -> None:
    assert value_of("password", "x") == WITHHELD
    assert value_of("password", "") == ""
    assert value_of("epochs", "3") == "3"

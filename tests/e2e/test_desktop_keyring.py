"""Passwords of `loggia-desktop`: in the keyring of the system, and where there is none, asked for each time."""

import json

import pytest

from loggia.desktop import Desktop
from loggia.keyring import Keyring
from loggia.server import binary, wait_ready

PASSWORD = "sesame, open"
IN_ROOM = "#piazza · 127.0.0.1 – Loggia"


@pytest.fixture
def account(start, network, tmp_path):
    """A server, in a network of its own, on which anna has an account."""
    wait_ready(start(prefix=network.prefix, config="[server]\nmdns = false\n"))
    added = network.run(binary(), "account", "add", "anna", input=f"{PASSWORD}\n", cwd=tmp_path / "empty")
    assert added.returncode == 0, added


@pytest.fixture
def window(display, network, tmp_path, closing):
    """Opens anna's window, with this keyring or with none. Server, name and account are there from an earlier time; the password is not."""
    kept = tmp_path / "anna/state/loggia/chat"
    kept.mkdir(parents=True)
    (kept / "servers.json").write_text(json.dumps({"last": ["127.0.0.1:53000", "anna"]}), "utf-8")
    (kept / "desktop.json").write_text(json.dumps({"account": "anna"}), "utf-8")

    def open_window(keyring=None):
        window = closing(Desktop(display, tmp_path / "anna", prefix=network.prefix, bus=keyring and keyring.address))
        window.wait_title("Join a chat")
        window.key("Return")
        return window

    return open_window


def give_password(window):
    """Types the password, which one is asked for."""
    # The keyboard is where it is asked for.
    window.wait_title("Password – Loggia")
    window.type(PASSWORD)
    window.key("Return")
    window.wait_title(IN_ROOM)


def files_with(secret, folder):
    """The files below a folder in which something stands that nobody is to find there."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert files, f"nothing is kept in {folder}"
    return [path for path in files if secret.encode() in path.read_bytes()]


def test_a_password_in_the_keyring_is_not_asked_for_again(account, window, network, tmp_path, closing):
    keyring = closing(Keyring(tmp_path / "login", network.prefix))
    first = window(keyring)
    give_password(first)
    # Leaving at once, too, leaves it there.
    assert first.interrupt()[0] == 0
    assert keyring.passwords() == 1
    again = window(keyring)
    again.wait_title(IN_ROOM)
    assert again.interrupt()[0] == 0
    for home in ("anna", "login"):
        assert files_with(PASSWORD, tmp_path / home) == []


def test_without_a_keyring_one_is_asked_and_nothing_is_written(account, window, tmp_path):
    for _ in ("for the first time", "and again"):
        opened = window()
        give_password(opened)
        assert opened.interrupt()[0] == 0
    assert files_with(PASSWORD, tmp_path / "anna") == []

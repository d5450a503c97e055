"""Fixtures: a server per test, and clients that are closed at its end."""

import contextlib
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from loggia.display import Display  # noqa: E402
from loggia.irc_client import IrcClient  # noqa: E402
from loggia.namespace import Namespace  # noqa: E402
from loggia.plain_client import PlainClient  # noqa: E402
from loggia.program import Program  # noqa: E402
from loggia.server import Running, Server, binary  # noqa: E402
from loggia.terminal import Terminal  # noqa: E402


@pytest.fixture
def closing():
    """Takes things to close at the end of the test, last one first. Where closing one fails the test, the others are closed all the same."""
    with contextlib.ExitStack() as things:

        def keep(thing):
            things.callback(close, thing)
            return thing

        yield keep


def close(thing):
    with contextlib.suppress(OSError):
        thing.close()


@pytest.fixture
def make_server(tmp_path, closing, request):
    """Starts a server with these tables of its configuration; what it said is shown when the test fails."""
    servers = []

    def make(start=True, **settings):
        server = Server(tmp_path / f"server-{len(servers)}", **settings)
        servers.append(server)
        closing(server)
        return server.start() if start else server

    yield make
    for server in servers:
        if server.running is not None:
            print(f"{server.folder.name}:\n{server.running.said()}")
            panics = [line for line in server.running.err if "panicked at" in line]
            assert not panics, panics


@pytest.fixture
def network(closing):
    """A network of its own, in which the default ports are free."""
    return closing(Namespace())


@pytest.fixture
def start(tmp_path, closing):
    """Starts the program with these arguments in an empty directory, as a newcomer does; or with this configuration in it."""

    class Started(Running):
        close = Running.kill

    def run(*arguments, prefix=(), folder=None, environment=None, config=None):
        place = folder or tmp_path / "empty"
        place.mkdir(exist_ok=True)
        if config is not None:
            (place / "loggia.toml").write_text(config, encoding="utf-8")
        without_settings = {"HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path / "no-config"), **(environment or {})}
        return closing(Started([*prefix, binary(), *map(str, arguments)], place, without_settings))

    return run


@pytest.fixture
def server(make_server):
    """A server with the settings of the suite: every dialect on one port, each plain variant on another."""
    return make_server()


@pytest.fixture
def irc(server, closing):
    """Opens an IRC connection to `server`."""
    return lambda nick=None, caps=(), port=None, **more: closing(IrcClient(port or server.port, nick, caps, **more))


@pytest.fixture
def plain(server, closing):
    """Opens a raw connection to the listener of a variant of `server`."""

    def connect(variant="quit", name=None, line_end=None):
        return closing(PlainClient(server.ports[variant], name, line_end))

    return connect


@pytest.fixture
def nc(server, closing):
    """Starts Debian's `nc` against `server`."""
    return lambda listener="all", *options: closing(Program(["nc", *options, "127.0.0.1", str(server.ports[listener])]))


@pytest.fixture
def terminal(tmp_path, closing):
    """Starts a program in a terminal of its own."""
    return lambda *command: closing(Terminal([str(word) for word in command], tmp_path))


@pytest.fixture(scope="session")
def display():
    """The X display of the run."""
    display = Display()
    yield display
    display.close()

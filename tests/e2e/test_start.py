"""Starting: with nothing at all, beside another server, with mistakes in the configuration; and what an operator asks it."""

import json
import os
import re
import shutil
import signal
import socket
import time

import pytest

from loggia.irc_client import IrcClient
from loggia.namespace import LAN_ADDRESS
from loggia.plain_client import PlainClient
from loggia.program import Program
from loggia.server import binary, free_port, wait_ready
from loggia.waiting import until


def finished(running, seconds=10):
    """Exit status and everything that was said."""
    status = running.wait(seconds)
    return status, running.said()


def test_no_configuration_at_all(start, network, tmp_path, closing):
    started = time.monotonic()
    server = start(prefix=network.prefix)
    wait_ready(server)
    assert time.monotonic() - started < 5
    said = "\n".join(server.out)
    assert server.out[-1] == "ready"
    assert re.search(r"(?i)loggia.*\d+\.\d+\.\d+", server.out[0]), f"name and version first: {server.out}"
    assert f"{LAN_ADDRESS}:53000" in said, "an address that another machine can use"
    assert "6667" in said, "IRC's own port too"
    assert "loggia-data" in said, "where the data is"
    assert re.search(r"(?i)ctrl.?c", said), "how to stop"
    assert (tmp_path / "empty" / "loggia-data").is_dir()
    assert os.listdir(tmp_path / "empty") == ["loggia-data"], "nothing else is written"

    anna = closing(Program([*network.prefix, "nc", "127.0.0.1", "53000"]))
    anna.wait_for("Salve!")
    anna.type("Anna")
    anna.wait_for("Benvenuto Anna!")
    for host, port in (("127.0.0.1", "6667"), ("::1", "53000"), (LAN_ADDRESS, "53000")):
        bruno = closing(Program([*network.prefix, "nc", host, port]))
        bruno.process.stdin.write(b"NICK bruno\r\nUSER b 0 * :b\r\nJOIN #piazza\r\n")
        bruno.wait_for(" 366 ")
        bruno.process.stdin.write(b"PRIVMSG #piazza :by " + host.encode() + b"\r\n")
        anna.wait_for(f"bruno: by {host}\n")
        bruno.process.stdin.write(b"QUIT\r\n")
        bruno.wait_for("ERROR")
        bruno.close_input()
        bruno.wait_end(3)
        anna.wait_for("bruno ha abbandonato la Chat.\n")
    page = network.run("curl", "--silent", "--include", f"http://{LAN_ADDRESS}:53000/").stdout
    assert page.startswith("HTTP/1.1 200") and "53000" in page
    assert network.run("nc", "-z", LAN_ADDRESS, "6667").returncode != 0, "6667 is for this machine only"

    server.process.send_signal(signal.SIGINT)
    assert server.wait(5) == 0


def test_without_ipv6_its_door_is_left_out_with_a_notice(start, network):
    off = network.run("sh", "-c", "echo 1 > /proc/sys/net/ipv6/conf/all/disable_ipv6")
    assert off.returncode == 0, off.stderr
    server = start(prefix=network.prefix)
    wait_ready(server)
    said = "\n".join(server.out)
    assert f"{LAN_ADDRESS}:53000" in said
    assert "[::1]" not in said, "nobody can come through that door"
    assert re.search(r"(?i)\[::\]:53000.*IPv6|IPv6.*\[::\]:53000", said), said
    alone = start("serve", "--listen", "[::]:53555", "--data", "other", prefix=network.prefix)
    status, said = finished(alone)
    assert status == 1 and "IPv6" in said


def test_the_next_free_port_when_53000_is_taken(start, network, closing):
    closing(Program([*network.prefix, "nc", "-l", "-k", "0.0.0.0", "53000"]))
    until(lambda: network.run("nc", "-z", "127.0.0.1", "53000").returncode == 0, "the other listener")
    server = start(prefix=network.prefix)
    wait_ready(server)
    said = server.said()
    assert "53000" in said and "53001" in said, said
    assert network.run("nc", "-z", "127.0.0.1", "53001").returncode == 0


def test_a_taken_port_of_the_configuration_is_exit_1(make_server, start):
    first = make_server(listeners=("all",))
    second = make_server(start=False, listeners=("all",))
    second.ports["all"] = first.port
    second.write_config()
    status, said = finished(start("serve", "--config", second.config))
    assert status == 1
    assert str(first.port) in said and "ready" not in said.split()
    assert str(first.running.pid) in said or "in use" in said.lower(), f"who to ask: {said}"


def test_a_second_server_on_the_same_data_is_exit_1_naming_the_process(make_server, start):
    first = make_server(listeners=("all",))
    status, said = finished(start("serve", "--data", first.data, "--listen", "127.0.0.1:0"))
    assert status == 1
    assert str(first.running.pid) in said, said
    assert first.running.running()


def test_listen_and_port_0(start, closing):
    server = start("serve", "--listen", "127.0.0.1:0", "--data", "elsewhere")
    wait_ready(server)
    ports = [int(port) for port in re.findall(r"127\.0\.0\.1:(\d+)", "\n".join(server.out))]
    assert ports and 0 not in ports, server.out
    bruno = closing(IrcClient(ports[0], "bruno"))
    bruno.join("#piazza")
    anna = closing(PlainClient(ports[0], "Anna", b"\n"))
    anna.wait_text("Benvenuto Anna!")


@pytest.mark.parametrize(
    ("text", "wrong", "nearest", "line"),
    [
        ('[server]\nnmae = "x"\n', "nmae", "name", 2),
        ("[limits]\n\nnick_lenght = 3\n", "nick_lenght", "nick_length", 3),
        ("[sever]\n", "sever", "server", 1),
        ('[[listen]]\naddress = "127.0.0.1:1"\ndialect = ["irc"]\n', "dialect", "dialects", 3),
    ],
)
def test_an_unknown_key_is_exit_2_naming_the_nearest(start, tmp_path, text, wrong, nearest, line):
    config = tmp_path / "loggia.toml"
    config.write_text(text)
    for command in (["serve"], ["config", "check"]):
        status, said = finished(start(*command, "--config", config))
        assert status == 2, said
        assert re.search(rf"loggia\.toml:{line}\b.*\b{wrong}\b.*\W{nearest}\W", said), f"file, line, key and what would be right: {said}"


@pytest.mark.parametrize(
    "text",
    [
        '[server]\ndurability = "paper"\n',
        "[server]\nshards = -1\n",
        '[[listen]]\naddress = "nowhere"\n',
        '[[listen]]\naddress = "127.0.0.1:1"\nplain = "shout"\n',
        '[server]\nhall = "inline"\nshards = 2\n',
        "[server\n",
    ],
)
def test_a_wrong_value_is_exit_2(start, tmp_path, text):
    config = tmp_path / "loggia.toml"
    config.write_text(text)
    status, said = finished(start("serve", "--config", config))
    assert status == 2, said
    assert "loggia.toml" in said and "panicked" not in said, said


def test_usage_errors_are_exit_2_and_help_is_not(start):
    assert finished(start("frobnicate"))[0] == 2
    assert finished(start("serve", "--port", "1"))[0] == 2
    status, said = finished(start("--help"))
    assert status == 0 and "serve" in said
    status, said = finished(start("--version"))
    assert status == 0 and re.search(r"\d+\.\d+\.\d+", said)


def test_a_missing_configuration_file_is_an_error(start):
    status, said = finished(start("serve", "--config", "not-here.toml"))
    assert status in (1, 2) and "not-here.toml" in said


def test_printed_defaults_are_a_configuration(start, tmp_path):
    printer = start("config", "print-defaults")
    assert printer.wait() == 0
    config = tmp_path / "defaults.toml"
    config.write_text("\n".join(printer.out))
    status, said = finished(start("config", "check", "--config", config))
    assert status == 0, said


def test_options_before_and_after_the_subcommand(start, make_server):
    server = make_server(start=False)
    assert finished(start("--config", server.config, "config", "check"))[0] == 0
    assert finished(start("config", "check", "--config", server.config))[0] == 0


def test_the_configuration_of_the_working_directory_is_used(start, make_server, tmp_path):
    server = make_server(start=False, listeners=("all",))
    folder = tmp_path / "with-config"
    folder.mkdir()
    shutil.copy(server.config, folder / "loggia.toml")
    running = start(folder=folder)
    wait_ready(running)
    assert str(server.port) in "\n".join(running.out)


def test_sighup_reloads_without_dropping_anyone(server, irc, plain):
    bruno = irc("bruno")
    bruno.join("#piazza")
    anna = plain("quit", "Anna", b"\n")
    bruno.expect("JOIN", "Anna")
    server.tables["server"] = {"motd": ["Words that were not there before."]}
    server.write_config()
    server.signal(signal.SIGHUP)

    def reloaded():
        bruno.send("MOTD")
        return any("not there before" in line.text for line in bruno.collect_until("376|422"))

    until(reloaded, "the new words of the day", every=0.1)
    anna.send("still here")
    bruno.expect("PRIVMSG", "still here")
    # A mistake in the file is reported and changes nothing.
    server.config.write_text("[server]\nnmae = 1\n")
    server.signal(signal.SIGHUP)
    until(lambda: any("nmae" in line for line in server.running.err), "the mistake in the log")
    assert server.running.running()
    bruno.send("PING alive")
    bruno.expect("PONG", "alive")


def test_rehash_is_for_operators(make_server, closing):
    server = make_server(listeners=("all",), operators=[{"name": "boss", "class": "admin", "password": "only for tests"}])
    bruno = closing(IrcClient(server.port, "bruno"))
    bruno.send("REHASH")
    bruno.expect("481")
    bruno.send("OPER boss wrong")
    bruno.expect("464|491")
    bruno.send("OPER boss :only for tests")
    bruno.expect("381")
    server.tables["server"] = {"motd": ["Read again."]}
    server.write_config()
    bruno.send("REHASH")
    bruno.expect("382")

    def reloaded():
        bruno.send("MOTD")
        return any("Read again." in line.text for line in bruno.collect_until("376|422"))

    until(reloaded, "the new words of the day", every=0.1)
    # What is wrong is told to who asked.
    server.config.write_text("[server]\nnmae = 1\n")
    bruno.send("REHASH")
    bruno.expect("382")
    assert "nmae" in bruno.expect("NOTICE").text


def test_health_ready_and_metrics(server, irc):
    assert server.ask_admin("/health")[0] == 200
    assert server.ask_admin("/ready")[0] == 200
    bruno = irc("bruno")
    bruno.join("#piazza")
    bruno.say("#piazza", "counted")
    bruno.sync()
    status, text = server.ask_admin("/metrics")
    assert status == 200
    samples = [line for line in text.splitlines() if line and not line.startswith("#")]
    assert samples and all(re.fullmatch(r"[a-zA-Z_:][\w:]*(\{.*\})? [-+.\deEInfNa]+", line) for line in samples), text[:500]
    assert all(line.startswith("loggia_") for line in samples), samples[:5]
    assert "# EOF" in text or "# HELP" in text
    assert server.ask_admin("/nothing")[0] == 404


def test_json_logs(make_server, closing):
    server = make_server(tables={"log": {"format": "json"}})
    closing(IrcClient(server.port, "bruno"))
    server.stop()
    entries = [json.loads(line) for line in server.running.err]
    assert entries and all(isinstance(entry, dict) for entry in entries)
    assert "ready" in server.running.out, "standard output stays for people"


def test_systemd_is_told(start, tmp_path, closing):
    notified = closing(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM))
    notified.bind(str(tmp_path / "notify"))
    notified.settimeout(10)
    running = start("serve", "--listen", f"127.0.0.1:{free_port()}", environment={"NOTIFY_SOCKET": str(tmp_path / "notify")})
    said = b""
    while b"READY=1" not in said:
        said += notified.recv(4096) + b"\n"
    wait_ready(running)


def test_a_qr_code_on_a_terminal_only(terminal, start, tmp_path):
    port = free_port()
    running = start("serve", "--listen", f"127.0.0.1:{port}")
    wait_ready(running)
    assert not re.search("[█▀▄]{4}", running.said())
    window = terminal(binary(), "serve", "--listen", f"127.0.0.1:{free_port()}", "--data", tmp_path / "terminal-data")
    window.wait_for("ready")
    assert re.search("[█▀▄]{4}", window.screen()), window.screen()
    window.press("C-c")
    window.wait_end(5)


def test_a_log_that_is_gone_is_told_in_the_log(make_server):
    server = make_server(listeners=("all",))
    server.stop()
    for file in server.data.glob("loggia.db*"):
        file.unlink()
    server.start()
    until(lambda: any("is gone" in line for line in server.running.err), "the warning in the log")


def test_data_of_a_newer_program_is_refused(make_server, start):
    """The directory carries a format version, and an older program leaves what it does not know alone."""
    import sqlite3

    server = make_server(listeners=("all",))
    bruno = IrcClient(server.port, "bruno")
    bruno.join("#piazza")
    bruno.say("#piazza", "kept")
    bruno.sync()
    server.stop()
    databases = [path for path in server.data.rglob("*") if path.is_file() and path.read_bytes()[:15] == b"SQLite format 3"]
    markers = [path for path in server.data.rglob("*") if path.is_file() and "version" in path.name.lower() or path.name.lower() == "format"]
    raised = 0
    for path in databases:
        with sqlite3.connect(path) as database:
            version = database.execute("PRAGMA user_version").fetchone()[0]
            if version > 0:
                database.execute(f"PRAGMA user_version = {version + 1000}")
                raised += 1
    for path in markers:
        text = path.read_text()
        path.write_text(re.sub(r"\d+", lambda number: str(int(number[0]) + 1000), text))
        raised += 1
    assert raised, f"no format version found in {list(server.data.rglob('*'))}"
    before = {path: path.read_bytes() for path in databases}
    status, said = finished(start("serve", "--config", server.config))
    assert status == 1 and re.search("(?i)newer", said), said
    assert {path: path.read_bytes() for path in databases} == before, "nothing was changed"


def test_start_is_quick(make_server):
    started = time.monotonic()
    make_server()
    assert time.monotonic() - started < 2


def test_an_idle_server_uses_no_processor(server, irc, plain):
    irc("bruno").join("#piazza")
    plain("quit", "Anna").wait_rows(2)
    plain("all").wait_rows(1)
    irc()
    before = server.cpu_seconds()
    time.sleep(1.0)
    assert server.cpu_seconds() - before < 0.1


def test_data_directory_is_private(server):
    assert os.stat(server.data).st_mode & 0o077 == 0, "only its owner may read it"
    control = server.data / "control.sock"
    if control.exists():
        assert os.stat(control).st_mode & 0o777 == 0o600


def test_an_ipv6_listener(make_server, closing):
    server = make_server(listeners=("all",), listen={"all": {"address": f"[::1]:{free_port('::1')}"}})
    port = int(re.search(r"\[::1\]:(\d+)", server.config.read_text())[1])
    bruno = closing(IrcClient(port, "bruno", host="::1"))
    bruno.join("#piazza")
    bruno.send("WHOIS bruno")
    lines = bruno.collect_until("318")
    assert not any(parameter.startswith(":") for line in lines for parameter in line.parameters[:-1]), "an address that begins with a colon would be a last parameter"

#!/usr/bin/env python3
"""Measures a release binary: start-up, size, memory, fan-out. Kept messages per second: `loggia bench rates`.

Usage: tests/measure/measure.py [path to loggia]     (default: target/release/loggia)

The figures depend on the machine; compare them within one run only. Everything is on loopback.
"""

import os
import re
import resource
import selectors
import signal
import socket
import subprocess
import sys
import tempfile
import time

IDLE_CONNECTIONS = 10_000
FAN_OUT_MEMBERS = 1_000
FAN_OUT_MESSAGES = 3_000


class Server:
    """A server on a free port, with its data in a directory of its own."""

    def __init__(self, binary, durability):
        self.directory = tempfile.TemporaryDirectory(prefix="loggia-measure-")
        config = os.path.join(self.directory.name, "loggia.toml")
        with open(config, "w") as file:
            file.write(
                f'[server]\ndata = "{self.directory.name}/data"\ndurability = "{durability}"\n'
                '[[listen]]\naddress = "127.0.0.1:0"\n'
            )
        began = time.monotonic()
        self.process = subprocess.Popen(
            [binary, "serve", "--config", config], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        self.port = None
        for line in self.process.stdout:
            found = re.search(r"127\.0\.0\.1:(\d+)", line)
            if found and self.port is None:
                self.port = int(found.group(1))
            if line.strip() == "ready":
                break
        self.start_seconds = time.monotonic() - began

    def status(self, key):
        with open(f"/proc/{self.process.pid}/status") as file:
            return next(int(line.split()[1]) for line in file if line.startswith(key))

    def rss_kib(self):
        return self.status("VmRSS")

    def cpu_seconds(self):
        with open(f"/proc/{self.process.pid}/stat") as file:
            fields = file.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(10)
        self.directory.cleanup()


class Client:
    """An IRC client that waits for what it needs."""

    def __init__(self, port, nick, address="127.0.0.1"):
        self.socket = socket.socket()
        self.socket.bind((address, 0))
        self.socket.connect(("127.0.0.1", port))
        self.socket.sendall(f"NICK {nick}\r\nUSER m 0 * :measure\r\n".encode())
        self.rest = b""

    def wait_for(self, needle):
        while needle not in self.rest:
            piece = self.socket.recv(1 << 16)
            if not piece:
                raise EOFError("the server closed the connection")
            self.rest = (self.rest + piece)[-(1 << 17) :]
        self.rest = self.rest.split(needle, 1)[1]


def idle(binary):
    server = Server(binary, "memory")
    before = server.rss_kib()
    clients = []
    began = time.monotonic()
    # Loopback has 2^24 addresses: the ports of one are not enough for everybody.
    for number in range(IDLE_CONNECTIONS):
        clients.append(Client(server.port, f"idle{number}", f"127.0.1.{1 + number // 5000}"))
        if number % 200 == 199:
            for client in clients[-200:]:
                client.wait_for(b" 376 ")
    seconds = time.monotonic() - began
    after = server.rss_kib()
    print(f"memory idle                              {before} KiB")
    print(f"memory with {IDLE_CONNECTIONS} registered connections   {after} KiB"
          f"  ({(after - before) * 1024 / IDLE_CONNECTIONS:.0f} bytes each; registered in {seconds:.1f} s)")
    for client in clients:
        client.socket.close()
    server.stop()


def fan_out(binary, durability):
    server = Server(binary, durability)
    members = [Client(server.port, f"member{number}") for number in range(FAN_OUT_MEMBERS)]
    for member in members:
        member.wait_for(b" 376 ")
        member.socket.sendall(b"JOIN #fan\r\n")
    for member in members:
        member.socket.sendall(b"PING joined\r\n")
        member.wait_for(b"joined")
    selector = selectors.DefaultSelector()
    for member in members:
        member.socket.setblocking(False)
        selector.register(member.socket, selectors.EVENT_READ)
    sender = Client(server.port, "sender")
    sender.wait_for(b" 376 ")
    sender.socket.sendall(b"JOIN #fan\r\nPING joined\r\n")
    sender.wait_for(b"joined")
    line = b"PRIVMSG #fan :" + b"x" * 100 + b"\r\n"
    expected = FAN_OUT_MESSAGES * FAN_OUT_MEMBERS * (len(line) + len(b":sender!~m@localhost "))
    cpu_before, began, received = server.cpu_seconds(), time.monotonic(), 0
    sender.socket.sendall(line * FAN_OUT_MESSAGES)
    while received < expected:
        for key, _ in selector.select(5):
            received += len(key.fileobj.recv(1 << 20))
    seconds = time.monotonic() - began
    deliveries = FAN_OUT_MESSAGES * FAN_OUT_MEMBERS
    cpu = server.cpu_seconds() - cpu_before
    print(f"fan-out to {FAN_OUT_MEMBERS} members                  {deliveries / seconds:,.0f} deliveries/s,"
          f" {cpu / deliveries * 1e6:.2f} CPU s per million  (durability {durability})")
    server.stop()


def main():
    binary = sys.argv[1] if len(sys.argv) > 1 else "target/release/loggia"
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    print(f"binary                                   {os.path.getsize(binary) / 1e6:.1f} MB")
    starts = []
    for _ in range(5):
        server = Server(binary, "disk")
        starts.append(server.start_seconds)
        server.stop()
    print(f"start to ready                           {sorted(starts)[2] * 1000:.0f} ms (median of 5)")
    idle(binary)
    for durability in ("disk", "memory"):
        fan_out(binary, durability)


if __name__ == "__main__":
    main()

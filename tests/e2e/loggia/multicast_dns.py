"""Multicast DNS as any program speaks it: asks for a service type, reads what is answered. Runs by itself inside a network namespace:

    python multicast_dns.py _irc._tcp.local SECONDS       prints JSON: [{"instance": …, "port": …, "host": …, "text": {…}, "addresses": […], "ttl": …}]
"""

import json
import socket
import struct
import sys
import time

GROUP, PORT = "224.0.0.251", 5353
A, PTR, TXT, AAAA, SRV = 1, 12, 16, 28, 33


def question(name):
    labels = b"".join(bytes([len(label)]) + label.encode() for label in name.split(".")) + b"\0"
    return struct.pack("!6H", 0, 0, 1, 0, 0, 0) + labels + struct.pack("!2H", PTR, 1)


def read_name(packet, at):
    """A name, and where it ends; pointers only lead backwards."""
    labels, end = [], None
    while packet[at]:
        if packet[at] & 0xC0:
            target = struct.unpack("!H", packet[at : at + 2])[0] & 0x3FFF
            assert target < at
            end, at = end or at + 2, target
        else:
            labels.append(packet[at + 1 : at + 1 + packet[at]].decode())
            at += 1 + packet[at]
    return labels, end or at + 1


def records(packet):
    """Name, type, time to live and data of every record; names in the data are read."""
    _, _, asked, *counts = struct.unpack("!6H", packet[:12])
    at = 12
    for _ in range(asked):
        _, at = read_name(packet, at)
        at += 4
    for _ in range(sum(counts)):
        name, at = read_name(packet, at)
        kind, _, ttl, length = struct.unpack("!2HIH", packet[at : at + 10])
        at += 10
        data = packet[at : at + length]
        if kind == PTR:
            data = read_name(packet, at)[0]
        elif kind == SRV:
            data = (struct.unpack("!3H", data[:6])[2], read_name(packet, at + 6)[0])
        at += length
        yield name, kind, ttl, data


def pairs(data):
    text, at = {}, 0
    while at < len(data):
        key, _, value = data[at + 1 : at + 1 + data[at]].decode().partition("=")
        text[key] = value
        at += 1 + data[at]
    return {key: value for key, value in text.items() if key}


def look(service, seconds):
    heard = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    heard.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    heard.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    heard.bind(("", PORT))
    membership = struct.pack("4s4s", socket.inet_aton(GROUP), socket.inet_aton(sys.argv[3]))
    heard.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, membership)
    heard.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(sys.argv[3]))
    instances, ports, texts, addresses = {}, {}, {}, {}
    until, ask_at = time.monotonic() + seconds, 0.0
    while (now := time.monotonic()) < until:
        if now >= ask_at:
            heard.sendto(question(service), (GROUP, PORT))
            ask_at = now + 1
        heard.settimeout(max(0.01, min(until, ask_at) - now))
        try:
            packet = heard.recv(9000)
        except TimeoutError:
            continue
        for name, kind, ttl, data in records(packet):
            if kind == PTR and ".".join(name) == service:
                instances[data[0]] = ttl
            elif kind == SRV:
                ports[".".join(name)] = (data[0], ".".join(data[1]))
            elif kind == TXT:
                texts[".".join(name)] = pairs(data)
            elif kind in (A, AAAA):
                family = socket.AF_INET if kind == A else socket.AF_INET6
                addresses.setdefault(".".join(name), set()).add(socket.inet_ntop(family, data))
    found = []
    for instance, ttl in instances.items():
        full = f"{instance}.{service}"
        port, host = ports.get(full, (0, ""))
        known = sorted(addresses.get(host, ()))
        found.append({"instance": instance, "ttl": ttl, "port": port, "host": host, "text": texts.get(full, {}), "addresses": known})
    return found


if __name__ == "__main__":
    print(json.dumps(look(sys.argv[1], float(sys.argv[2]))))

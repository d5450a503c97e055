"""A server in the style of report 004: asks until a name is free, `quit` leaves, Ctrl-C tells everybody `SHUTDOWN`.

What the report leaves open is an argument: `names` writes the names before the messages, `bare` does not.
"""

import os
import signal
import socket
import sys
import threading

HOST, PORT, HAS_NAMES = sys.argv[1], int(sys.argv[2]), sys.argv[3:] != ["bare"]
PROMPT = "Inserisci il tuo username: "
users = {}
lock = threading.Lock()


def send_all(message):
    with lock:
        for user in list(users.values()):
            try:
                user.send(message.encode())
            except OSError:
                pass


def ask(user):
    user.send(PROMPT.encode())
    while True:
        name = user.recv(1024).decode().strip()
        with lock:
            if name and name not in users:
                users[name] = user
                return name
        user.send(f"Username non valido o già in uso. {PROMPT}".encode())


def serve(user):
    try:
        name = ask(user)
    except OSError:
        return
    print(f"{name} è dentro", flush=True)
    while True:
        try:
            message = user.recv(1024).decode()
        except OSError:
            message = "quit"
        if message in ("quit", ""):
            break
        print(f"{name}: {message}", flush=True)
        send_all(f"{name}: {message}" if HAS_NAMES else message)
    with lock:
        del users[name]
    user.close()
    print(f"{name} è fuori", flush=True)


def shut_down(*_):
    # The lock may be held by whom the signal has interrupted.
    for user in list(users.values()):
        user.send(b"SHUTDOWN")
    os._exit(0)


signal.signal(signal.SIGINT, shut_down)
server = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
server.bind((HOST, PORT))
server.listen()
print("in ascolto", flush=True)
while True:
    user, _ = server.accept()
    threading.Thread(target=serve, args=(user,)).start()

"""A server in the style of report 002: a greeting with hints, and no word more than the report states.

Nobody is told who comes and goes; a client that is lost is taken out by a function `remove`.
"""

import socket
import sys
from threading import Thread

clients = []


def remove(connection):
    if connection in clients:
        clients.remove(connection)


def broadcast(message):
    for connection in list(clients):
        try:
            connection.send(message)
        except OSError:
            connection.close()
            remove(connection)


def client_thread(connection):
    connection.send("Welcome to this chatroom! Write your name first, then your messages. Be kind.".encode())
    name = connection.recv(1024).decode()
    clients.append(connection)
    print(f"{name} è dentro", flush=True)
    while True:
        try:
            message = connection.recv(1024)
        except OSError:
            message = b""
        if not message or message == b"{quit}":
            connection.close()
            remove(connection)
            print(f"{name} è fuori", flush=True)
            return
        print(f"{name}: {message.decode(errors='replace')}", flush=True)
        broadcast(f"{name}: ".encode() + message)


server = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
server.bind((sys.argv[1], int(sys.argv[2])))
server.listen(100)
print("in ascolto", flush=True)
while True:
    connection, address = server.accept()
    print(address[0] + " connected", flush=True)
    Thread(target=client_thread, args=(connection,)).start()

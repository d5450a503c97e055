"""A server in the style of report 001: no welcome, `{close}` leaves without an answer, a reset is an exit."""

import socket
import sys
import threading

connessi = {}


def a_tutti(testo):
    for connesso in list(connessi):
        try:
            connesso.send(testo)
        except OSError:
            pass


def esce(connesso, nome):
    connesso.close()
    if connessi.pop(connesso, None):
        a_tutti(f"{nome} ha abbandonato la chat.".encode())
        print(f"{nome} è fuori", flush=True)


def ascolta(connesso):
    connesso.send("Benvenuto in chatroom! Inserisci il tuo nome!".encode())
    nome = connesso.recv(1024).decode()
    if nome == "{close}":
        connesso.close()
        return
    a_tutti(f"{nome} si è unito all chat!".encode())
    connessi[connesso] = nome
    print(f"{nome} è dentro", flush=True)
    while True:
        try:
            testo = connesso.recv(1024)
        except ConnectionResetError:
            return esce(connesso, nome)
        if testo == b"{close}":
            return esce(connesso, nome)
        # An empty read is not looked for: everybody is told nothing, for ever.
        print(f"{nome}: {testo.decode(errors='replace')}", flush=True)
        a_tutti(nome.encode() + b": " + testo)


porta = socket.socket()
porta.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
porta.bind((sys.argv[1], int(sys.argv[2])))
porta.listen()
print("in ascolto", flush=True)
while True:
    arrivato, da = porta.accept()
    print(f"{da} si è collegato", flush=True)
    threading.Thread(target=ascolta, args=(arrivato,)).start()

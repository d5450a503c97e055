"""A server in the style of report 003: asks with `NICK`, relays what it gets to the others, knows no word for leaving."""

import socket
import sys
import threading

people = {}


def to_others(message, speaker):
    for person in list(people):
        if person is not speaker:
            try:
                person.send(message)
            except OSError:
                pass


def handle(person, alias):
    while True:
        try:
            # An empty read is no error either: then this goes round for ever.
            message = person.recv(1024)
        except OSError:
            people.pop(person, None)
            person.close()
            to_others(f"{alias} has left the chat!".encode(), person)
            print(f"{alias} è fuori", flush=True)
            return
        if message:
            print(message.decode(errors="replace").rstrip("\n"), flush=True)
        to_others(message, person)


def enter(person):
    person.send(b"NICK")
    alias = person.recv(1024).decode()
    people[person] = alias
    to_others(f"{alias} has joined the chat!".encode(), person)
    person.send(b"You are now connected!")
    print(f"{alias} è dentro", flush=True)
    handle(person, alias)


listener = socket.socket()
listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
listener.bind((sys.argv[1], int(sys.argv[2])))
listener.listen()
print("in ascolto", flush=True)
while True:
    newcomer, _ = listener.accept()
    threading.Thread(target=enter, args=(newcomer,)).start()

"""A server in the style of report 000: greets first, echoes to everybody, `{quit}` leaves."""

import socket
import sys
import threading

ricezione = 1024
utenti = {}


def trasmetti(messaggio, prefisso=""):
    for utente in list(utenti):
        try:
            utente.send(prefisso.encode("utf8") + messaggio)
        except OSError:
            # Whoever is lost is no longer spoken to, and nobody is told.
            utenti.pop(utente, None)


def gestisci(utente):
    nome = utente.recv(ricezione).decode("utf8")
    utente.send(f"Benvenuto {nome}! Se vuoi lasciare la Chat, scrivi {{quit}} per uscire.".encode("utf8"))
    trasmetti(f"{nome} si è unito alla chat!".encode("utf8"))
    utenti[utente] = nome
    print(f"{nome} è dentro", flush=True)
    while utente in utenti:
        try:
            # An empty read is not looked for: it goes to everybody until the socket fails.
            messaggio = utente.recv(ricezione)
        except OSError:
            utenti.pop(utente, None)
            break
        if messaggio == b"{quit}":
            utente.send(b"{quit}")
            utente.close()
            del utenti[utente]
            trasmetti(f"{nome} ha abbandonato la Chat.".encode("utf8"))
            return
        print(f"{nome}: {messaggio.decode('utf8', 'replace')}", flush=True)
        trasmetti(messaggio, f"{nome}: ")
    print(f"{nome} è perso", flush=True)


servizio = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
servizio.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
servizio.bind((sys.argv[1], int(sys.argv[2])))
servizio.listen(5)
print("in ascolto", flush=True)
while True:
    nuovo, indirizzo = servizio.accept()
    print(f"{indirizzo[0]}:{indirizzo[1]} si è collegato", flush=True)
    nuovo.send("Salve! Digita il tuo Nome seguito dal tasto Invio!".encode("utf8"))
    threading.Thread(target=gestisci, args=(nuovo,)).start()

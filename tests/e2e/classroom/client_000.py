"""A client in the style of report 000: everything through one entry, `{quit}` to leave."""

import socket
import sys
import threading
import tkinter

import hook

ricezione = 1024


def riceve():
    while True:
        try:
            messaggio = collegamento.recv(ricezione).decode("utf8")
            lista.insert(tkinter.END, messaggio)
        except OSError:
            break


def invia(evento=None):
    messaggio = testo.get()
    testo.set("")
    collegamento.send(messaggio.encode("utf8"))
    if messaggio == "{quit}":
        collegamento.close()
        finestra.quit()


def chiude(evento=None):
    testo.set("{quit}")
    invia()


finestra = tkinter.Tk()
finestra.title("Chat_Elaborato")
riquadro = tkinter.Frame(finestra)
testo = tkinter.StringVar()
testo.set("Scrivi qui i tuoi messaggi.")
barra = tkinter.Scrollbar(riquadro)
lista = tkinter.Listbox(riquadro, height=15, width=50, yscrollcommand=barra.set)
barra.pack(side=tkinter.RIGHT, fill=tkinter.Y)
lista.pack(side=tkinter.LEFT, fill=tkinter.BOTH)
riquadro.pack()
campo = tkinter.Entry(finestra, textvariable=testo)
campo.bind("<Return>", invia)
campo.pack()
pulsante = tkinter.Button(finestra, text="Invio", command=invia)
pulsante.pack()
finestra.protocol("WM_DELETE_WINDOW", chiude)

host, porta = sys.argv[1], int(sys.argv[2] or 53000)
collegamento = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
collegamento.connect((host, porta))

threading.Thread(target=riceve).start()
hook.attach(finestra, lambda: campo, lambda: pulsante, hook.list_rows(lista))
finestra.mainloop()

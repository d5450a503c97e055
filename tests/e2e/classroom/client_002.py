"""A client in the style of report 002: the user name is asked at start and sent when the greeting has come."""

import socket
import sys
import threading
import tkinter

import hook

server, port, user_name = sys.argv[1], int(sys.argv[2]), sys.argv[3]


def receive():
    named = False
    while True:
        try:
            message = client.recv(1024).decode("utf-8")
        except OSError:
            break
        if not message:
            break
        if not named:
            client.send(user_name.encode("utf-8"))
            named = True
        print(message)
        msg_list.insert(tkinter.END, message)


def send(event=None):
    message = entry.get()
    entry.delete(0, tkinter.END)
    client.send(message.encode("utf-8"))


def leave():
    client.send("{quit}".encode("utf-8"))
    client.close()
    window.destroy()


window = tkinter.Tk()
window.title("Chat")
msg_list = tkinter.Listbox(window, height=20, width=60)
msg_list.pack()
entry = tkinter.Entry(window)
entry.bind("<Return>", send)
entry.pack()
button = tkinter.Button(window, text="Send", command=send)
button.pack()
window.protocol("WM_DELETE_WINDOW", leave)

client = socket.socket()
client.connect((server, port))
threading.Thread(target=receive).start()
hook.attach(window, lambda: entry, lambda: button, hook.list_rows(msg_list))
window.mainloop()

"""A client in the style of report 004: names are asked until one is free, `quit` leaves, `SHUTDOWN` closes the window."""

import socket
import sys
import threading
import tkinter as tk

import hook

sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
sock.connect((sys.argv[1], int(sys.argv[2])))
stop = threading.Event()


def receive():
    while not stop.is_set():
        try:
            message = sock.recv(1024).decode()
        except OSError:
            break
        if message == "SHUTDOWN" or not message:
            stop.set()
            break
        area.insert(tk.END, message)


def send(event=None):
    message = entry.get()
    entry.delete(0, tk.END)
    sock.send(message.encode())
    if message == "quit":
        close_all()


def on_close():
    if not stop.is_set():
        sock.send("quit".encode())
    close_all()


def close_all():
    stop.set()
    sock.close()
    root.destroy()


def watch():
    if stop.is_set():
        close_all()
    else:
        root.after(100, watch)


root = tk.Tk()
root.title("Chat")
area = tk.Listbox(root, height=20, width=60)
area.pack()
entry = tk.Entry(root)
entry.bind("<Return>", send)
entry.pack()
button = tk.Button(root, text="Invia", command=send)
button.pack()
root.protocol("WM_DELETE_WINDOW", on_close)
threading.Thread(target=receive).start()
root.after(100, watch)
hook.attach(root, lambda: entry, lambda: button, hook.list_rows(area))
root.mainloop()

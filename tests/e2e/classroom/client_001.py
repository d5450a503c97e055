"""A client in the style of report 001: a Sign-in button that becomes Enter, and it comes back by itself after a reset."""

import socket
import sys
import threading
import tkinter as tk

import hook

ADDRESS = (sys.argv[1], int(sys.argv[2]))


class Connection:
    def __init__(self, window):
        self.window = window
        self.name = None
        self.online = False
        self.running = True
        threading.Thread(target=self.work, daemon=False).start()

    def connect(self):
        while self.running:
            self.socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
            try:
                self.socket.connect(ADDRESS)
            except ConnectionRefusedError:
                print("Attualmente il server è offline")
                continue
            self.online = True
            if self.name is not None:
                self.socket.send(bytes(self.name, "utf8"))
            return

    def work(self):
        self.connect()
        while self.running:
            try:
                text = self.socket.recv(1024).decode("utf8")
                self.window.show(text)
            except ConnectionResetError:
                self.online = False
                self.connect()
            except RuntimeError:
                break  # the window is gone
            except Exception as error:
                print(error)

    def send(self, text):
        if self.online:
            self.socket.send(bytes(text, "utf8"))
        else:
            self.window.show("Attualmente il server è offline")


class Window:
    def __init__(self):
        self.root = tk.Tk()
        self.root.title("Chat")
        self.root.geometry("600x450")
        self.root.configure(bg="purple")
        self.label = tk.Label(self.root, text="")
        self.label.pack()
        self.rows = tk.Listbox(self.root)
        self.rows.pack(fill=tk.BOTH, expand=True)
        self.text = tk.StringVar()
        self.entry = tk.Entry(self.root, textvariable=self.text)
        self.entry.pack()
        self.entry.bind("<Return>", lambda event: self.act())
        self.button = tk.Button(self.root, text="Sign-in", command=self.act)
        self.button.pack()
        self.root.protocol("WM_DELETE_WINDOW", self.close)
        self.connection = Connection(self)

    def act(self):
        text = self.text.get()
        if self.connection.name is None:
            if not text:
                return
            self.connection.name = text
            self.label["text"] = text
            self.button["text"] = "Enter"
        self.text.set("")
        self.connection.send(text)

    def show(self, text):
        self.rows.insert(tk.END, text)

    def close(self):
        self.connection.running = False
        if self.connection.online:
            self.connection.send("{close}")
        self.root.destroy()


window = Window()
hook.attach(window.root, lambda: window.entry, lambda: window.button, hook.list_rows(window.rows))
window.root.mainloop()

"""A client in the style of report 003: asks for the alias in a dialog, sends it unasked and again on `NICK`, draws its own messages."""

import socket
import sys
import threading
import tkinter
from tkinter import scrolledtext, simpledialog

import hook


class ChatClient:
    def __init__(self, host, port):
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self.sock.connect((host, port))
        self.running = True
        self.root = tkinter.Tk()
        self.root.title("Chat Room")
        self.text = scrolledtext.ScrolledText(self.root)
        self.text.config(state="disabled")
        self.text.pack()
        self.input = tkinter.Text(self.root, height=3)
        self.input.pack()
        self.button = tkinter.Button(self.root, text="Send", command=self.write)
        self.button.pack()
        self.root.protocol("WM_DELETE_WINDOW", self.stop)
        hook.attach(self.root, lambda: self.input, lambda: self.button, lambda: self.text.get("1.0", "end-1c"))
        self.alias = simpledialog.askstring("Nickname", "Please choose a nickname", parent=self.root)
        if self.alias is not None:
            self.sock.send(self.alias.encode("utf-8"))
        threading.Thread(target=self.receive).start()
        self.root.mainloop()

    def draw(self, message):
        self.text.config(state="normal")
        self.text.insert("end", message)
        self.text.yview("end")
        self.text.config(state="disabled")

    def write(self):
        message = f"{self.alias}: {self.input.get('1.0', 'end')}"
        self.draw(message)
        self.sock.send(message.encode("utf-8"))
        self.input.delete("1.0", "end")

    def receive(self):
        while self.running:
            try:
                message = self.sock.recv(1024).decode("utf-8")
                if message == "NICK":
                    self.sock.send(self.alias.encode("utf-8"))
                else:
                    self.draw(message)
            except ConnectionAbortedError:
                break
            except:  # noqa: E722, as the report prints it
                print("An error occurred!")
                self.sock.close()
                break

    def stop(self):
        self.running = False
        self.root.destroy()
        self.sock.close()


ChatClient(sys.argv[1], int(sys.argv[2]))

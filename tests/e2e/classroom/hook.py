"""The test's hand on a window: reads commands from standard input, answers on standard output, one JSON value per line.

Nothing here touches the socket. Commands run on the window's own thread, as a person's clicks do.
"""

import json
import os
import queue
import sys
import threading
from tkinter import simpledialog

ANSWERS = os.fdopen(os.dup(1), "w", encoding="utf-8")  # the client itself may print


def attach(root, entry, button, rows):
    """Lets a test drive these widgets; `rows()` returns what the message area shows."""
    commands = queue.Queue()

    def read():
        for line in sys.stdin:
            commands.put(json.loads(line))

    # A daemon: the test's pipe must not keep alive what the client would let end.
    threading.Thread(target=read, daemon=True).start()

    def act(command):
        what, text = command["do"], command.get("text", "")
        if what == "type":
            entry().delete(*(("1.0", "end") if entry().winfo_class() == "Text" else (0, "end")))
            entry().insert("end", text)
        elif what == "press":
            button().invoke()
        elif what == "return":
            entry().focus_force()  # no window manager gives it the keyboard here
            entry().event_generate("<Return>")
        elif what == "close":
            # Answered first: the window's closing may never return to us.
            answer(True)
            root.tk.call(*root.tk.splitlist(root.protocol("WM_DELETE_WINDOW")))
            return
        elif what == "dialog":
            for dialog in [child for child in root.winfo_children() if isinstance(child, simpledialog.Dialog)]:
                dialog.entry.insert(0, text)
                dialog.ok()
                return answer(True)
            return answer(False)
        elif what == "rows":
            return answer(rows())
        elif what == "button":
            return answer(button()["text"])
        answer(True)

    def answer(value):
        ANSWERS.write(json.dumps(value) + "\n")
        ANSWERS.flush()

    def poll():
        try:
            while True:
                act(commands.get_nowait())
        except queue.Empty:
            pass
        root.after(10, poll)

    root.after(10, poll)


def list_rows(box):
    """The rows of a list box."""
    return lambda: list(box.get(0, "end"))

#!/usr/bin/env python3
"""Takes conversation.png anew: irssi, nc and two classroom windows in one room, on an X display that nobody looks at.

    apt-get install xvfb openbox x11-xserver-utils xterm irssi netcat-openbsd xdotool imagemagick optipng fonts-dejavu python3-tk
    docs/images/take.py [path to loggia]          (default: target/release/loggia)

Everything in the picture is real: the programs, the server, and every word typed into them. Nothing is drawn afterwards.
"""

import os
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path.insert(0, str(ROOT / "tests" / "e2e"))

from loggia.classroom import ClassroomClient  # noqa: E402
from loggia.waiting import until  # noqa: E402

WIDTH, HEIGHT = 1490, 836

RESOURCES = """
XTerm*faceName: DejaVu Sans Mono
XTerm*faceSize: 11
XTerm*background: #fdf6e3
XTerm*foreground: #22313a
XTerm*cursorColor: #22313a
XTerm*scrollBar: false
XTerm*utf8: 2
XTerm*color0: #073642
XTerm*color4: #0d2f45
XTerm*color7: #f3ead2
XTerm*color15: #000000
XTerm*color8: #5c6f77
XTerm*color6: #2a9d93
XTerm*color14: #1a7f78
XTerm*allowBoldFonts: true
*font: {DejaVu Sans} 10
*Listbox.font: {DejaVu Sans Condensed} 10
*Listbox.background: #ffffff
*Entry.font: {DejaVu Sans} 11
*Entry.width: 44
*Button.font: {DejaVu Sans} 11
"""

IRSSI = """
settings = {
  "irc/core" = { cmd_queue_speed = "10msec"; };
  core = { real_name = "Giulia"; user_name = "giulia"; };
  "fe-text" = { colors_ansi_24bit = "no"; };
  "fe-common/core" = { beep_msg_level = "NONE"; };
};
"""

BASHRC = "PS1='$ '\nunset PROMPT_COMMAND\n"


class Desktop:
    """The display, its window manager, and a person's hands."""

    def __init__(self, home):
        read_end, write_end = os.pipe()
        screen = f"{WIDTH}x{HEIGHT}x24"
        self.processes = [
            subprocess.Popen(
                ["Xvfb", "-displayfd", str(write_end), "-screen", "0", screen, "-nolisten", "tcp", "-noreset"],
                pass_fds=(write_end,), stderr=subprocess.DEVNULL,
            )
        ]
        os.close(write_end)
        with os.fdopen(read_end) as answer:
            self.name = f":{answer.readline().strip()}"
        self.environment = {
            **os.environ, "DISPLAY": self.name, "HOME": str(home), "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8",
        }
        subprocess.run(["xsetroot", "-solid", "#d8cbb4"], env=self.environment, check=False)
        self.start("openbox")
        time.sleep(0.7)

    def start(self, *command):
        process = subprocess.Popen(
            command, env=self.environment, cwd=self.environment["HOME"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )
        self.processes.append(process)
        return process

    def run(self, *command):
        done = subprocess.run(command, env=self.environment, check=True, capture_output=True, text=True)
        return done.stdout.strip()

    def window(self, title):
        """Waits for the window of this title and returns its number."""
        found = []

        def look():
            search = ["xdotool", "search", "--onlyvisible", "--name", f"^{title}$"]
            answer = subprocess.run(search, env=self.environment, capture_output=True, text=True, check=False)
            found[:] = answer.stdout.split()
            return bool(found)

        until(look, f"the window {title}")
        return found[-1]

    def place(self, window, x, y):
        self.run("xdotool", "windowmove", "--sync", window, str(x), str(y))

    def type(self, window, text):
        """Types a line into a terminal."""
        self.run("xdotool", "windowactivate", "--sync", window)
        time.sleep(0.15)
        self.run("xdotool", "type", "--delay", "12", "--", text)
        self.run("xdotool", "key", "Return")

    def take(self, file):
        self.run("import", "-window", "root", str(file))

    def close(self):
        for process in reversed(self.processes):
            process.kill()
            process.wait()


def start_server(binary, home):
    """Starts the server on the port that everybody uses, or on a free one if that is taken."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken = probe.connect_ex(("127.0.0.1", 53000)) == 0
    listen = "127.0.0.1:0" if taken else "127.0.0.1:53000"
    process = subprocess.Popen(
        [binary, "serve", "--listen", listen, "--data", str(home / "data")],
        cwd=home, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    )
    port = None
    for line in process.stdout:
        if "irc 127.0.0.1:" in line:
            port = int(line.split("irc 127.0.0.1:")[1].split()[0])
        if line.strip() == "ready":
            return process, port
    raise SystemExit("the server did not start")


def pause(seconds=0.8):
    """So that lines come in the order of the conversation, and the clock in irssi looks like one."""
    time.sleep(seconds)


def converse(desktop, port, home, windows):
    terminal = ["xterm", "-name", "xterm"]
    desktop.start(*terminal, "-T", "irssi", "-geometry", "92x19", "-e",
                  "irssi", f"--home={home}/irssi", "--nick=giulia", "--connect=127.0.0.1", f"--port={port}")
    irssi = desktop.window("irssi")
    desktop.place(irssi, 24, 24)
    pause(2)
    desktop.type(irssi, "/join #piazza")
    pause()

    display = type("Display", (), {"name": desktop.name})()
    anna = ClassroomClient("000", port, display)
    windows.append(anna)
    desktop.place(desktop.window("Chat_Elaborato"), 905, 24)
    pause()
    anna.say("Anna")
    pause()
    anna.say("Ciao a tutti! C'è già qualcuno?")
    pause()
    desktop.type(irssi, "Ciao Anna! Sì, sono in aula 12: il proiettore va :)")
    pause()

    marco = ClassroomClient("001", port, display)
    windows.append(marco)
    purple = desktop.window("Chat")
    desktop.run("xdotool", "windowsize", "--sync", purple, "560", "365")
    desktop.place(purple, 905, 426)
    pause()
    marco.say("Marco")
    pause()

    desktop.start(*terminal, "-T", "nc", "-geometry", "92x19", "-e", "bash", "--rcfile", f"{home}/bashrc", "-i")
    nc = desktop.window("nc")
    desktop.place(nc, 24, 426)
    pause()
    desktop.type(nc, f"nc 127.0.0.1 {port}")
    pause(1.2)
    desktop.type(nc, "Tom")
    pause()
    desktop.type(nc, "Hello from the library. All I have is nc - am I in?")
    pause()
    desktop.type(irssi, "You are! Same room, same history. Welcome :)")
    pause()
    anna.say("Benvenuto Tom! Io uso il programma del corso.")
    pause()
    desktop.type(nc, "/me waves")
    pause()
    marco.say("Ciao Tom, I'm on the other one. Quella viola!")
    pause()
    desktop.type(irssi, "Alle tre in cortile? See you at three?")
    pause()
    anna.say("Perfetto, porto i biscotti.")
    pause()
    desktop.type(nc, "Biscuits! Then I am coming.")
    pause(1.2)
    for window in windows:
        rows = window.rows()
        assert rows[-1] == "Tom: Biscuits! Then I am coming.", rows


def main():
    binary = os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else ROOT / "target" / "release" / "loggia")
    with tempfile.TemporaryDirectory(prefix="loggia-picture-") as folder:
        home = Path(folder)
        (home / ".Xdefaults").write_text(RESOURCES)
        (home / "bashrc").write_text(BASHRC)
        (home / "irssi").mkdir()
        (home / "irssi" / "config").write_text(IRSSI)
        os.environ["HOME"] = str(home)  # for the classroom window's fonts
        server, port = start_server(binary, home)
        desktop = Desktop(home)
        windows = []
        try:
            converse(desktop, port, home, windows)
            desktop.run("xdotool", "mousemove", str(WIDTH - 4), str(HEIGHT - 4))
            pause(0.5)
            desktop.take(HERE / "conversation.png")
        finally:
            for window in windows:
                window.close()
            desktop.close()
            server.terminate()
            server.wait()
    subprocess.run(["optipng", "-quiet", str(HERE / "conversation.png")], check=False)


main()

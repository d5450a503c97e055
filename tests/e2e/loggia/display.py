"""An X display that nobody looks at, for the programs with a window."""

import os
import subprocess


class Display:
    """One Xvfb for the whole run; it chooses a free display number itself."""

    def __init__(self):
        read_end, write_end = os.pipe()
        self.process = subprocess.Popen(
            ["Xvfb", "-displayfd", str(write_end), "-screen", "0", "1280x800x24", "-nolisten", "tcp", "-noreset"],
            pass_fds=(write_end,),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(write_end)
        with os.fdopen(read_end) as answer:
            number = answer.readline().strip()
        assert number, "Xvfb could not start"
        self.name = f":{number}"

    def close(self):
        self.process.terminate()
        self.process.wait(5)

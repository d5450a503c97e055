"""A network of its own: every port is free in it, and its only address that is not loopback is ours to choose."""

import os
import subprocess

LAN_ADDRESS = "192.168.77.5"
# The network that is not loopback; some machines have no dummy interfaces.
LAN_UP = f"""
set -e
ip link add lan0 type dummy 2>/dev/null || ip link add lan0 type veth peer name lan1
ip address add {LAN_ADDRESS}/24 dev lan0
ip link set lan0 up
ip link set lan1 up 2>/dev/null || true
"""
SETUP = f"""
set -e
ip link set lo up
{LAN_UP}
echo set up
exec cat
"""


class Namespace:
    """Lives as long as the process that holds it; ends with the test even if the test is killed (its input ends)."""

    def __init__(self):
        root = os.geteuid() == 0
        # As an ordinary user: a user namespace in which we are root.
        enter = ["unshare", "--net"] if root else ["unshare", "--user", "--map-root-user", "--net"]
        environment = {**os.environ, "PATH": os.environ["PATH"] + ":/usr/sbin:/sbin"}
        self.holder = subprocess.Popen(
            [*enter, "sh", "-c", SETUP], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
        )
        assert self.holder.stdout.readline() == "set up\n", "cannot create a network namespace"
        user = [] if root else ["--user", "--preserve-credentials"]
        self.prefix = ["nsenter", "--target", str(self.holder.pid), *user, "--net", "--"]

    def run(self, *command, **more):
        """Runs a command to its end inside; returns what it printed."""
        return subprocess.run([*self.prefix, *command], capture_output=True, text=True, timeout=15, **more)

    def close(self):
        self.holder.stdin.close()
        self.holder.wait(5)

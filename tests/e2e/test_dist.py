"""What is handed out: `cargo xtask dist`, of the programs under test, looked into, unpacked, and started from there."""

import os
import re
import subprocess
from pathlib import Path

import pytest

from loggia import desktop
from loggia.server import Running, binary, wait_ready

# A debug build has much to pack.
pytestmark = pytest.mark.timeout(300)

ROOT = Path(__file__).parent.parent.parent


def run(*command, **more):
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, timeout=300, **more)
    assert done.returncode == 0, f"{command}: {done.returncode}\n{done.stdout}{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def dist(tmp_path_factory):
    """The files, by what they are."""
    out = tmp_path_factory.mktemp("dist")
    made = run("cargo", "xtask", "dist", "--server", binary(), "--desktop", desktop.binary(), "--out", out, cwd=ROOT)
    files = [Path(line) for line in made.splitlines()]
    assert sorted(files) == sorted(out.iterdir()), "nothing else is left behind"
    (archive,) = [path for path in files if path.name.endswith(".tar.gz")]
    debs = {path.name.partition("_")[0]: path for path in files if path.suffix == ".deb"}
    assert set(debs) == {"loggia", "loggia-desktop"}
    return archive, debs


@pytest.fixture(scope="module")
def root(dist, tmp_path_factory):
    """Both packages, unpacked."""
    root = tmp_path_factory.mktemp("root")
    for deb in dist[1].values():
        run("dpkg-deb", "--extract", deb, root)
    return root


def test_the_packages_say_what_they_are_and_need(dist):
    for name, deb in dist[1].items():
        field = lambda field, deb=deb: run("dpkg-deb", "--field", deb, field).strip()  # noqa: E731
        assert field("Package") == name
        assert f"loggia {field('Version')}\n" == run(binary(), "--version")
        assert field("Architecture") == run("dpkg", "--print-architecture").strip()
        assert re.search(r"\blibc6 \(>= 2\.\d\d\)", field("Depends")), field("Depends")
        assert int(field("Installed-Size")) > 1000
        listed = run("dpkg-deb", "--contents", deb).splitlines()
        assert listed and all(re.match(r"[d-]rwxr-xr-x|-rw-r--r-- ", line) and " root/root " in line for line in listed), listed
    assert "libegl1" in run("dpkg-deb", "--field", dist[1]["loggia-desktop"], "Depends")
    assert "lib" not in run("dpkg-deb", "--field", dist[1]["loggia"], "Depends").replace("libc6", "").replace("libgcc-s1", "")
    scripts = run("dpkg-deb", "--info", dist[1]["loggia"])
    for script in ("conffiles", "postinst", "prerm", "postrm"):
        assert re.search(rf"\b{script}\b", scripts), scripts


def test_dpkg_installs_and_removes_them(dist, tmp_path):
    """In a root of the test's own, with a database of its own. What they need is not there, and not started."""
    admin = tmp_path / "var/lib/dpkg"
    (admin / "info").mkdir(parents=True)
    (admin / "updates").mkdir()
    (admin / "status").touch()
    # Everything in a package belongs to root: as an ordinary user, in a user namespace in which we are that.
    as_root = [] if os.geteuid() == 0 else ["unshare", "--user", "--map-root-user"]
    dpkg = [*as_root, "dpkg", "--root", tmp_path, "--force-depends", "--force-script-chrootless", "--force-not-root", "--log", "/dev/null"]
    environment = {**os.environ, "PATH": os.environ["PATH"] + ":/usr/sbin:/sbin"}
    run(*dpkg, "--install", *dist[1].values(), env=environment)
    assert (tmp_path / "usr/bin/loggia").exists() and (tmp_path / "usr/bin/loggia-desktop").exists()
    configuration = tmp_path / "etc/loggia/loggia.toml"
    configuration.write_text("[server]\n")
    # A newer package leaves alone what the person has changed; so does removing it.
    run(*dpkg, "--force-confold", "--install", dist[1]["loggia"], env=environment)
    run(*dpkg, "--remove", "loggia", "loggia-desktop", env=environment)
    assert configuration.read_text() == "[server]\n"
    assert not (tmp_path / "usr/bin/loggia").exists()


def test_the_archive_has_the_same_programs(dist, root, tmp_path):
    run("tar", "--extract", "--file", dist[0], "--directory", tmp_path, "--no-same-owner")
    (top,) = tmp_path.iterdir()
    assert dist[0].name == f"{top.name}.tar.gz"
    for program in ("bin/loggia", "bin/loggia-desktop"):
        assert (top / program).read_bytes() == (root / "usr" / program).read_bytes()
        assert "stripped" in run("file", top / program) and "not stripped" not in run("file", top / program)
    assert "ExecStart=/usr/local/bin/loggia serve" in (top / "lib/systemd/system/loggia.service").read_text()
    assert (top / "share/doc/loggia/loggia.toml").exists()


def test_the_server_starts_from_there(root, tmp_path):
    program = root / "usr/bin/loggia"
    configuration = root / "etc/loggia/loggia.toml"
    assert "right" in run(program, "config", "check", "--config", configuration)
    words = [program, "serve", "--config", configuration, "--data", tmp_path / "data", "--listen", "127.0.0.1:0"]
    started = Running(list(map(str, words)), tmp_path)
    try:
        wait_ready(started)
    finally:
        started.kill()
    assert "loggia-desktop" in run(root / "usr/bin/loggia-desktop", "--version")


def test_systemd_takes_the_unit(root, tmp_path):
    unit = root / "usr/lib/systemd/system/loggia.service"
    # Among the units of this machine, which it names; the program stands elsewhere here.
    here = tmp_path / "loggia.service"
    here.write_text(unit.read_text().replace("/usr/bin/loggia", str(root / "usr/bin/loggia")))
    assert run("systemd-analyze", "verify", "--man=no", here) == ""
    # 0 is nothing that it could do to the machine, 10 is everything; most services of Debian are above 9.
    run("systemd-analyze", "security", "--offline=yes", "--threshold=25", "--root", root, unit.name)


def test_the_manual_says_what_the_help_says(root):
    manual = root / "usr/share/man/man1"
    for program in ("loggia", "loggia-desktop"):
        help_text = run(root / "usr/bin" / program, "--help")
        page = run("gzip", "--decompress", "--stdout", manual / f"{program}.1.gz").replace("\\-", "-")
        options = set(re.findall(r"--[a-z][a-z-]+", help_text))
        assert options and all(option in page for option in options), page
    commands = re.findall(r"^  ([a-z]+)  ", run(root / "usr/bin/loggia", "--help").partition("Commands:")[2], re.MULTILINE)
    assert {"serve", "chat", "backup"} <= set(commands)
    for command in set(commands) - {"help"}:
        assert (manual / f"loggia-{command}.1.gz").exists(), command


def test_the_shell_completes(root):
    completions = root / "usr/share/bash-completion/completions/loggia"
    script = f"source {completions}; COMP_WORDS=(loggia acc); COMP_CWORD=1; _loggia loggia acc loggia; echo ${{COMPREPLY[*]}}"
    assert run("bash", "--norc", "-c", script).split() == ["account"]
    assert "loggia-desktop" in (root / "usr/share/fish/vendor_completions.d/loggia-desktop.fish").read_text()
    assert (root / "usr/share/zsh/vendor-completions/_loggia").read_text().startswith("#compdef loggia")


def test_desktops_take_the_entry(root):
    run("desktop-file-validate", root / "usr/share/applications/chat.loggia.Desktop.desktop")
    assert (root / "usr/share/icons/hicolor/scalable/apps/chat.loggia.Desktop.svg").read_text().startswith("<svg")

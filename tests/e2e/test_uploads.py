"""Files that people share: sent by HTTP with a token or a password, fetched by anybody who knows the name."""

import base64
import http.client
import json
import os
import struct
import threading
import zlib

import pytest

from loggia.irc_client import IrcClient
from loggia.waiting import until

CHEAP = {"accounts": {"password_hash": "test"}}
SECRET = b"45.4642N 9.1900E"


def chunk(name, data):
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png(width=40, height=20):
    """A picture with EXIF that tells where it was taken."""
    rows = b"".join(b"\0" + bytes((x // 24 + y // 8) % 256 for x in range(width * 3)) for y in range(height))
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = [chunk(b"IHDR", header), chunk(b"eXIf", b"II*\0" + SECRET), chunk(b"IDAT", zlib.compress(rows)), chunk(b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


class Answer:
    """What came back."""

    def __init__(self, response):
        self.status, self.headers, self.body = response.status, dict(map(lower_name, response.getheaders())), response.read()

    @property
    def told(self):
        return json.loads(self.body)


def lower_name(header):
    return header[0].lower(), header[1]


def ask(server, method, path, body=None, **headers):
    """Sends one request; underscores in the names of headers are hyphens."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    try:
        connection.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
        return Answer(connection.getresponse())
    finally:
        connection.close()


def token(client):
    client.send("TOKEN GENERATE FILEHOST")
    return client.expect("TOKEN", "GENERATE FILEHOST").parameters[-1]


def basic(account, password):
    return "Basic " + base64.b64encode(f"{account}:{password}".encode()).decode()


def send(server, client, body, **headers):
    return ask(server, "POST", "/upload", body, Authorization=f"Bearer {token(client)}", **headers)


def path_of(answer):
    assert answer.status == 201, (answer.status, answer.body)
    return "/" + answer.headers["location"].split("/", 3)[3]


@pytest.fixture
def files(make_server):
    """A server that takes small files."""
    uploads = {"max_bytes": 1_000_000, "quota_bytes": 1_500_000, "max_pixels": 1_000_000}
    server = make_server(tables={**CHEAP, "uploads": uploads})
    server.command("account", "add", "anna", password="sesame")
    server.command("account", "add", "root", "--operator", password="sesame")
    return server


@pytest.fixture
def guest(files, closing):
    """Somebody without an account."""
    return closing(IrcClient(files.port, "guest"))


def logged_in(server, closing, name):
    client = closing(IrcClient(server.port))
    client.send("CAP REQ :sasl", f"NICK {name}", f"USER {name} 0 * :{name}", "AUTHENTICATE PLAIN")
    client.expect("AUTHENTICATE")
    client.send("AUTHENTICATE " + base64.b64encode(f"\0{name}\0sesame".encode()).decode())
    client.expect("903")
    client.send("CAP END")
    client.collect_until("376|422")
    return client


def test_where_files_go_is_told_and_options_are_answered(files, guest):
    tokens = " ".join(line.text for line in guest.burst if line.command == "005")
    address = f"http://127.0.0.1:{files.port}/upload"
    assert f" soju.im/FILEHOST={address} " in tokens and f" draft/FILEHOST={address} " in tokens, tokens
    answer = ask(files, "OPTIONS", "/upload")
    assert (answer.status, answer.headers["accept-post"], answer.headers["allow"]) == (204, "*/*", "OPTIONS, POST")
    assert answer.headers["access-control-allow-origin"] == "*"


def test_a_picture_is_drawn_anew_and_fetched_by_anybody(files, guest):
    taken = png(1000, 900)
    sent = send(files, guest, taken, Content_Type="text/html", Content_Disposition='attachment; filename="../t\\"ea.png"')
    path = path_of(sent)
    assert path.endswith(".png") and sent.told["name"] == "tea.png" and sent.told["pixels"] == [1000, 900]
    fetched = ask(files, "GET", path)
    assert fetched.status == 200 and fetched.body.startswith(b"\x89PNG") and SECRET not in fetched.body
    assert fetched.headers["content-type"] == "image/png"
    assert fetched.headers["content-disposition"] == 'inline; filename="tea.png"'
    assert fetched.headers["x-content-type-options"] == "nosniff"
    assert fetched.headers["content-security-policy"].startswith("sandbox; default-src 'none'")
    small = ask(files, "GET", path.replace("/uploads/", "/thumbnails/"))
    assert small.headers["content-type"] == "image/jpeg"
    frame = small.body.index(b"\xff\xc0")
    assert struct.unpack(">HH", small.body[frame + 5 : frame + 9]) == (720, 800)
    # HEAD, a part, what the browser has, what is not there.
    head = ask(files, "HEAD", path)
    assert (head.status, head.headers["content-length"], head.body) == (200, str(len(fetched.body)), b"")
    part = ask(files, "GET", path, Range="bytes=10-19")
    assert (part.status, part.body) == (206, fetched.body[10:20])
    assert part.headers["content-range"] == f"bytes 10-19/{len(fetched.body)}"
    assert ask(files, "GET", path, Range="bytes=99999999-").status == 416
    assert ask(files, "GET", path, If_None_Match=fetched.headers["etag"]).status == 304
    other = ask(files, "GET", path, Range="bytes=10-19", If_Range='"another"')
    assert (other.status, other.body) == (200, fetched.body)
    for missing in (path.replace(".png", ".jpg"), "/uploads/" + "0" * 26 + ".png", "/uploads/..%2f..%2fsecret"):
        assert ask(files, "GET", missing).status == 404, missing


@pytest.mark.parametrize("body", [b"<html><script>alert(1)</script>", b'<?xml version="1.0"?><svg onload="alert(1)"/>', b"MZ\0\0"])
def test_what_could_do_something_is_only_saved(files, guest, body):
    path = path_of(send(files, guest, body, Content_Type="image/svg+xml", Content_Disposition="inline; filename=x.svg"))
    fetched = ask(files, "GET", path)
    assert path.endswith(".bin") and fetched.body == body
    assert fetched.headers["content-type"] == "application/octet-stream"
    assert fetched.headers["content-disposition"] == 'attachment; filename="x.svg"'
    assert fetched.headers["content-security-policy"].startswith("sandbox")


def test_who_may_send_is_found_out_first(files, guest):
    used = token(guest)
    assert ask(files, "POST", "/upload", b"tea", Authorization=f"Bearer {used}").status == 201
    again = ask(files, "POST", "/upload", b"tea", Authorization=f"Bearer {used}")
    assert (again.status, again.told["code"]) == (401, "WRONG_TOKEN")
    nobody = ask(files, "POST", "/upload", b"tea")
    assert (nobody.status, nobody.told["code"]) == (401, "UNKNOWN") and "Basic" in nobody.headers["www-authenticate"]
    for wrong in ("Bearer abc", basic("anna", "wrong"), basic("nobody", "sesame"), "Basic ???", "Digest x"):
        assert ask(files, "POST", "/upload", b"tea", Authorization=wrong).status == 401, wrong
    mine = ask(files, "POST", "/upload", b"tea", Authorization=basic("ANNA", "sesame"))
    assert mine.status == 201 and mine.told["by"] == "anna"


def test_the_limits(files, guest):
    large = send(files, guest, os.urandom(1_000_001))
    assert (large.status, large.told["code"], large.told["limit"]) == (413, "TOO_LARGE", 1_000_000)
    assert send(files, guest, b"").told["code"] == "EMPTY"
    assert send(files, guest, png(2000, 600)).told["code"] == "TOO_MANY_PIXELS"
    assert send(files, guest, b"\x89PNG\r\n\x1a\n").told["code"] == "BROKEN_PICTURE"
    assert send(files, guest, b"\0\0\0\x18ftypheic\0\0\0\0mif1heic").told["code"] == "UNKNOWN_PICTURE"
    path_of(send(files, guest, b"\0" + os.urandom(900_000)))
    over = send(files, guest, b"\0" + os.urandom(700_000))
    assert (over.status, over.told["code"]) == (507, "OVER_QUOTA")
    # What was told to be longer than it is leaves nothing.
    before = sorted(os.listdir(files.data / "uploads"))
    connection = http.client.HTTPConnection("127.0.0.1", files.port, timeout=30)
    connection.putrequest("POST", "/upload")
    connection.putheader("Authorization", f"Bearer {token(guest)}")
    connection.putheader("Content-Length", "1000")
    connection.endheaders(b"half of it")
    until(lambda: len(os.listdir(files.data / "uploads")) > len(before), lambda: before)
    connection.close()
    until(lambda: sorted(os.listdir(files.data / "uploads")) == before, lambda: os.listdir(files.data / "uploads"))


def test_files_are_removed_by_who_has_sent_them_and_by_operators(files, guest, closing):
    anna, root = logged_in(files, closing, "anna"), logged_in(files, closing, "root")
    other = closing(IrcClient(files.port, "other"))
    remove = lambda client, path: ask(files, "DELETE", path, Authorization=f"Bearer {token(client)}").status
    of_guest, of_anna = path_of(send(files, guest, b"tea")), path_of(send(files, anna, b"tea"))
    listed = lambda client, query="": ask(files, "GET", "/uploads" + query, Authorization=f"Bearer {token(client)}")
    assert [entry["by"] for entry in listed(guest).told] == ["guest"]
    assert listed(guest, "?all").status == 403 and len(listed(root, "?all").told) == 2
    assert [remove(other, path) for path in (of_guest, of_anna)] == [403, 403]
    assert remove(guest, of_anna) == 403
    assert remove(guest, of_guest) == 204 and ask(files, "GET", of_guest).status == 404
    assert remove(guest, of_guest) == 404
    assert ask(files, "DELETE", of_anna, Authorization=basic("anna", "sesame")).status == 204
    another = path_of(send(files, anna, b"tea"))
    assert remove(root, another) == 204
    assert os.listdir(files.data / "uploads") == []


def test_operators_list_and_remove_files_by_irc_and_it_is_written_down(files, guest, closing):
    anna, root = logged_in(files, closing, "anna"), logged_in(files, closing, "root")
    of_guest = path_of(send(files, guest, b"tea", Content_Disposition='attachment; filename="tea time.txt"'))
    paths = [of_guest] + [path_of(send(files, anna, b"cake")) for _ in range(2)]
    names = [path.removeprefix("/uploads/") for path in paths]

    def listed(*words):
        root.send(" ".join(("UPLOADS LIST", *words)))
        lines = root.collect_until("UPLOADS", "END")
        return [line.parameters for line in lines if line.command == "UPLOADS"]

    *entries, end = listed()
    assert [entry[1] for entry in entries] == names[::-1] and end == ["END", "*"]
    assert [(entry[2], *entry[4:]) for entry in entries] == [("4", "anna", "anna", "")] * 2 + [("3", "guest", "*", "tea time.txt")]
    # Page after page, also when the last file of a page is removed before the next is asked for.
    first, end = listed("1")
    assert first[1] == names[2] and end[1].endswith(names[2])
    root.send(f"UPLOADS REMOVE {names[2]}")
    root.expect("UPLOADS", f"REMOVED {names[2]}$")
    assert ask(files, "GET", paths[2]).status == 404
    second, end = listed("1", end[1])
    assert second[1] == names[1] and end != ["END", "*"]
    assert [line[:2] for line in listed("1", end[1])] == [["ENTRY", names[0]], ["END", "*"]]
    # Senders are no operators; nobody removes twice, or what is elsewhere.
    anna.send(f"UPLOADS REMOVE {names[1]}")
    anna.expect("481")
    for name in (names[2], "../loggia.db"):
        root.send(f"UPLOADS REMOVE {name}")
        root.expect("FAIL", "UPLOADS NO_SUCH_FILE")
    # What operators remove of others is written down, by whichever way; what senders remove is theirs.
    by = lambda client, path: ask(files, "DELETE", path, Authorization=f"Bearer {token(client)}").status
    assert by(root, paths[0]) == 204 and by(anna, paths[1]) == 204
    root.send("AUDIT")
    notes = [line.text for line in root.collect_until("NOTICE", "Nothing earlier") if "removed the file" in line.text]
    assert [note.partition("removed the file ")[2] for note in notes] == [f"{names[2]}: anna", f"{names[0]}: tea time.txt (guest)"]
    assert all("root!" in note for note in notes), notes
    assert listed() == [["END", "*"]] and os.listdir(files.data / "uploads") == []


def test_files_go_with_their_account(files, closing):
    anna = logged_in(files, closing, "anna")
    path = path_of(send(files, anna, b"tea"))
    files.command("account", "remove", "anna")
    until(lambda: ask(files, "GET", path).status == 404, lambda: path)
    until(lambda: os.listdir(files.data / "uploads") == [], lambda: os.listdir(files.data / "uploads"))


def test_files_outlive_a_crash_and_what_was_on_its_way_does_not(files, guest):
    path = path_of(send(files, guest, b"green tea"))
    half = http.client.HTTPConnection("127.0.0.1", files.port, timeout=30)
    half.putrequest("POST", "/upload")
    half.putheader("Authorization", f"Bearer {token(guest)}")
    half.putheader("Content-Length", "1000")
    half.endheaders(b"half of it")
    until(lambda: any(name.endswith(".part") for name in os.listdir(files.data / "uploads")), lambda: path)
    files.kill_9()
    half.close()
    files.start()
    assert ask(files, "GET", path).body == b"green tea"
    assert len(os.listdir(files.data / "uploads")) == 2


def test_files_are_in_backups_and_looked_through(files, guest, make_server, tmp_path):
    path = path_of(send(files, guest, png(1000, 900)))
    fetched = ask(files, "GET", path).body
    said = "".join(files.command("backup", tmp_path / "kept"))
    assert "kept" in said
    assert "1 shared files" in "".join(files.command("verify"))
    elsewhere = make_server(start=False, tables=CHEAP)
    elsewhere.command("restore", tmp_path / "kept")
    elsewhere.start()
    assert ask(elsewhere, "GET", path).body == fetched
    stored = elsewhere.data / "uploads" / path.rsplit("/", 1)[1]
    stored.write_bytes(b"other")
    assert "it is not what was sent" in "".join(elsewhere.command("verify", status=1))


def test_where_only_accounts_may(make_server, closing):
    server = make_server(tables={**CHEAP, "uploads": {"require_account": True, "types": ["image/*"]}})
    server.command("account", "add", "anna", password="sesame")
    anna = logged_in(server, closing, "anna")
    assert send(server, anna, b"tea").told["code"] == "TYPE"
    path_of(send(server, anna, png()))
    guest = closing(IrcClient(server.port, "guest"))
    guest.send("TOKEN GENERATE FILEHOST")
    assert guest.expect("FAIL", "TOKEN").parameters[1] == "ACCOUNT_REQUIRED"


def test_where_nobody_may(make_server, closing):
    server = make_server(tables={"uploads": {"enabled": False}})
    assert ask(server, "POST", "/upload", b"tea", Authorization="Bearer x").status == 503
    assert ask(server, "GET", "/uploads/" + "0" * 26 + ".png").status == 404
    assert not (server.data / "uploads").exists()


def test_many_send_at_once_and_the_chat_goes_on(files, closing):
    people = [closing(IrcClient(files.port, f"p{number}")) for number in range(6)]
    answers = []
    picture = png(900, 900)
    threads = [threading.Thread(target=lambda one=one: answers.append(send(files, one, picture).status)) for one in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    # All count for one address here: what is over its quota is refused, and nothing else happens to anybody.
    assert len(answers) == 6 and set(answers) <= {201, 429, 507} and 201 in answers, answers
    people[0].send("PING :still there")
    people[0].expect("PONG", "still there")

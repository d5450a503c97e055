"""Files in the browser client, in Chromium: by the button, pasted, dropped; pictures shown, and what is not taken said plainly."""

from loggia.irc_client import IrcClient
from loggia.waiting import until
from loggia.web_client import WebClient

# Makes a file in the page, and hands it over as a person does.
FILE = """
(async () => {
    const canvas = Object.assign(document.createElement("canvas"), { width: 1200, height: 300 });
    const context = canvas.getContext("2d");
    context.fillStyle = "teal";
    context.fillRect(0, 0, 1200, 300);
    const blob = %s;
    const data = new DataTransfer();
    data.items.add(new File([blob], %r, { type: blob.type }));
    %s
})()
"""
PICTURE = 'await new Promise(done => canvas.toBlob(done, "image/jpeg"))'
BY_BUTTON = """
    const field = document.querySelector("#attach");
    field.files = data.files;
    field.dispatchEvent(new Event("change", { bubbles: true }));
"""
PASTED = 'document.querySelector("#composer").dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));'
DROPPED = """
    for (const kind of ["dragover", "drop"])
        document.querySelector(".conversation").dispatchEvent(new DragEvent(kind, { dataTransfer: data, bubbles: true, cancelable: true }));
"""


def hand(person, what, name, how):
    person.browser.evaluate(FILE % (what, name, how))


def pictures(person):
    """How wide the pictures are that have arrived on the screen."""
    return person.browser.evaluate("[...document.querySelectorAll('.pictures img')].filter(img => img.complete).map(img => img.naturalWidth)")


def test_pictures_are_sent_and_shown(make_server, closing, tmp_path):
    server = make_server(tables={"uploads": {"max_bytes": 100_000}})
    anna, bruno = (closing(WebClient(tmp_path / name, language=language)) for name, language in (("anna", "en"), ("bruno", "it")))
    for person, name in ((anna, "anna"), (bruno, "bruno")):
        person.enter(f"http://127.0.0.1:{server.port}/", name)
    carla = closing(IrcClient(server.port, "carla"))
    carla.join("#piazza")
    until(lambda: anna.is_there("Send files") and bruno.is_there("Manda file"), anna.text)
    for count, how in enumerate((BY_BUTTON, PASTED, DROPPED), 1):
        hand(anna, PICTURE, "tè.jpg", how)
        # A smaller one is shown; it is of this site, so the page's own rules allow it.
        for person in (anna, bruno):
            until(lambda: pictures(person) == [800] * count, lambda: (count, pictures(person), person.text()))
        said = carla.expect("PRIVMSG", r"/uploads/[0-9a-z]{26}\.jpg$")
        assert said.nick == "anna"
    # What is not a picture is a link.
    hand(bruno, 'new Blob(["appunti"], { type: "text/plain" })', "appunti.txt", BY_BUTTON)
    anna.sees(".txt")
    assert len(pictures(anna)) == 3
    # What is not taken is said plainly, in one's own language, and taken away.
    hand(bruno, "new Blob([new Uint8Array(100_001)])", "troppo.bin", BY_BUTTON)
    bruno.sees("È troppo grande: al massimo 98 kB.")
    hand(anna, "new Blob([new Uint8Array(100_001)])", "large.bin", BY_BUTTON)
    anna.sees("It is too large: at most 98 kB.")
    assert anna.violations() == []
    anna.click("Close", ".uploads")
    anna.sees_no_more("It is too large")
    hand(anna, 'new Blob(["<svg xmlns=\\"http://www.w3.org/2000/svg\\" onload=\\"document.title=1\\"/>"], { type: "image/svg+xml" })', "x.svg", BY_BUTTON)
    bruno.sees(".bin")
    assert anna.violations() == []
    # Browsers note every answer that is no: here that was the point.
    for person in (anna, bruno):
        noted = person.browser.errors()
        assert len(noted) == 1 and "413" in noted[0], noted


def test_who_may_not_send_files_has_no_button(make_server, closing, tmp_path):
    server = make_server(tables={"uploads": {"enabled": False}})
    anna = closing(WebClient(tmp_path / "anna"))
    anna.enter(f"http://127.0.0.1:{server.port}/", "anna")
    anna.say("no files here")
    anna.sees("no files here")
    assert not anna.is_there("Send files")


def test_a_picture_of_oneself_is_sent_and_seen_by_others(make_server, closing, tmp_path):
    server = make_server(tables={"uploads": {"max_bytes": 100_000}})
    anna, bruno = (closing(WebClient(tmp_path / name)) for name in ("anna", "bruno"))
    for person, name in ((anna, "anna"), (bruno, "bruno")):
        person.enter(f"http://127.0.0.1:{server.port}/", name)
    anna.click("anna", ".rooms-foot")
    until(lambda: anna.is_there("Choose a picture…", "dialog"), anna.text)
    # What is too large is said there.
    hand(anna, 'new Blob([new Uint8Array(200_000)], { type: "image/png" })', "large.png", BY_BUTTON.replace("#attach", "#avatar-file"))
    anna.sees("It is too large")
    # Of which the browser complains, too.
    anna.browser.errors()
    hand(anna, PICTURE, "me.jpg", BY_BUTTON.replace("#attach", "#avatar-file"))
    shown = "[...document.querySelectorAll('%s img.avatar')].map(img => img.complete && img.naturalWidth)"
    until(lambda: anna.browser.evaluate(shown % "dialog") == [800], anna.text)
    assert "too large" not in anna.text() and anna.violations() == []
    anna.click("Save", "dialog")
    until(lambda: anna.browser.evaluate(shown % ".rooms-foot") == [800], anna.text)
    until(lambda: bruno.browser.evaluate(shown % ".members") == [800], bruno.text)

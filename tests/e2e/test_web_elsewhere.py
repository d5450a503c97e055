"""The browser client on a server that is none of ours: it has no private channel."""

import pytest

from loggia.foreign import Foreign
from loggia.irc_client import IrcClient
from loggia.waiting import until
from loggia.web_client import WebClient


@pytest.mark.parametrize("modules", [(), ("ircv3_labeledresponse",)], ids=["echoes", "labels"])
def test_it_chats_on_inspircd(tmp_path, closing, modules):
    foreign = closing(Foreign(tmp_path / "inspircd", modules))
    anna = closing(WebClient(tmp_path / "browser")).enter(foreign.page, "anna")
    bruno = closing(IrcClient(foreign.irc, "bruno", ["message-tags"]))
    bruno.join("#hall")
    anna.sees("bruno")
    anna.say("hello from the browser")
    heard = bruno.expect("PRIVMSG", "hello from the browser")
    bruno.say("#hall", "anna: hello from a socket")
    anna.sees("hello from a socket")
    anna.say("one line\nand another")
    bruno.expect("PRIVMSG", "one line")
    bruno.expect("PRIVMSG", "and another")
    bruno.send(f"@+draft/react=👍;+draft/reply={heard.tags['msgid']} TAGMSG #hall", "TOPIC #hall :Elsewhere", "PRIVMSG anna :just you")
    until(lambda: anna.browser.evaluate("document.querySelector('.reaction')?.innerText.includes('👍')"), anna.text)
    until(lambda: "mention" in anna.browser.evaluate("document.querySelector('.rooms').textContent"), anna.text)
    until(lambda: not anna.browser.evaluate("!!document.querySelector('.pending')"), anna.text)
    assert not anna.is_there("Search"), "what the server cannot do is not offered"
    assert [text for text in anna.messages() if "browser" in text] == ["hello from the browser"]
    assert anna.violations() == []

"""What the README promises is what the server offers."""

import re
from pathlib import Path

README = (Path(__file__).parent.parent.parent / "README.md").read_text(encoding="utf-8")


def offered(irc):
    client = irc()
    client.send("CAP LS 302")
    names = set()
    while True:
        line = client.expect("CAP", " LS ")
        names |= {word.partition("=")[0] for word in line.parameters[-1].split()}
        if line.parameters[2] != "*":
            return names


def test_every_capability_stands_in_the_table_of_specifications_and_the_other_way_round(irc):
    table = README[README.index("### Specifications") : README.index("What of them is not met")]
    words = set(re.findall(r"`([^`]+)`", table))
    names = offered(irc)
    assert names <= words, sorted(names - words)
    # Not offered on every connection, or no capability at all.
    elsewhere = {
        *("sts", "message-ids", "account-extban", "text.ircv3.net", "binary.ircv3.net", "TARGETS", "CAP NEW", "CAP DEL"),
        *("draft/account-required", "draft/chathistory-end"),
    }
    missing = {word for word in words - names - elsewhere if not word.startswith("+")}
    assert not missing, sorted(missing)


def test_every_page_that_is_linked_is_there():
    root = Path(__file__).parent.parent.parent
    pages = [root / "README.md", *(root / "docs").rglob("*.md")]
    links = [(page, link) for page in pages for link in re.findall(r"\]\(([^)#:]+\.md)[^)]*\)", page.read_text(encoding="utf-8"))]
    assert links
    missing = [(page.name, link) for page, link in links if not (page.parent / link).exists()]
    assert not missing, missing

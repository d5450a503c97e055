//! A network against a server that a test plays line by line.

use super::*;
use crate::outbox::What;

const NOW: Duration = Duration::from_secs(100);

struct Play {
    network: Network,
    now: Duration,
}

impl Play {
    fn new(kept: Kept) -> Self {
        let mut play = Self { network: Network::new(Identity::guest("alice"), kept), now: NOW };
        assert_eq!(play.network.wake(NOW, 0), Some(Want::Connect));
        play.network.connected(NOW);
        play
    }

    /// The server says lines; returns what the client says.
    fn says(&mut self, lines: &[&str]) -> String {
        for line in lines {
            self.network.receive(format!("{line}\r\n").as_bytes(), self.now);
        }
        String::from_utf8(self.network.take_output()).expect("text")
    }

    fn let_in(&mut self, caps: &str) -> String {
        self.says(&[
            &format!(":irc CAP * LS :{caps}"),
            &format!(":irc CAP * ACK :{caps}"),
            ":irc 001 alice :Welcome",
            ":irc 005 alice CHANTYPES=# CASEMAPPING=ascii :are supported",
            ":irc 422 alice :No message of the day",
        ])
    }

    fn news(&mut self) -> Vec<News> {
        std::iter::from_fn(|| self.network.next_news()).collect()
    }
}

fn kept() -> Kept {
    Kept::new(7)
}

#[test]
fn on_any_server_what_was_said_is_shown_when_the_server_has_taken_it() {
    let mut play = Play::new(kept());
    assert!(play.let_in("").ends_with("CAP END\r\nPING entered\r\n"));
    assert_eq!(play.network.standing(), Standing::CatchingUp);
    play.says(&[":irc PONG irc entered"]);
    assert_eq!(play.network.standing(), Standing::Online);
    assert!(play.network.join("#tea") && !play.network.join("#a b") && !play.network.join("#a,#b"));
    assert_eq!(play.says(&[]), "JOIN #tea\r\n");
    play.says(&[":alice!a@b JOIN #tea", ":irc 353 alice = #tea :alice @bob", ":irc 366 alice #tea :End"]);
    let number = play.network.say(What::say("#tea", "ciao"));
    assert_eq!(play.says(&[]), format!("PRIVMSG #tea :ciao\r\nPING out-{number}\r\n"));
    assert_eq!(play.network.state().room("#tea").map(|room| room.window.entries().count()), Some(0));
    play.news();
    play.says(&[&format!(":irc PONG irc out-{number}")]);
    let said = News::Changed(Change::Said("#tea".into()));
    assert_eq!(play.news(), [News::Settled(number), said.clone()]);
    play.says(&[":bob!b@c PRIVMSG #tea :ciao, alice"]);
    assert_eq!(play.news(), [said]);
    let room = play.network.state().room("#tea").expect("it is there");
    assert_eq!((room.unread, room.mentions, room.window.entries().count()), (1, 1, 2));
    play.network.read("#tea");
    assert_eq!((play.says(&[]).as_str(), play.network.state().room("#tea").map(|room| room.unread)), ("", Some(0)));

    // It breaks, and comes back into its channels; what was said meanwhile is not known.
    let doubtful = play.network.say(What::say("#tea", "lost?"));
    play.network.take_output();
    play.network.lost(NOW, u32::MAX);
    assert_eq!(play.network.standing(), Standing::Waiting { until: NOW + Duration::from_secs(1) });
    assert_eq!(play.network.state().room("#tea").map(|room| (room.is_joined, room.member_count())), Some((false, 0)));
    assert_eq!(play.network.wake(NOW, 0), None);
    let kept = serde_json::to_string(play.network.kept()).expect("it can be kept");
    assert!(kept.contains("lost?"));
    play.now += Duration::from_secs(1);
    assert_eq!(play.network.wake(play.now, 0), Some(Want::Connect));
    play.network.connected(play.now);
    assert!(play.let_in("").ends_with("JOIN #tea\r\nPING entered\r\n"));
    play.news();
    play.says(&[":alice!a@b JOIN #tea", ":irc PONG irc entered", ":bob!b@c PRIVMSG #tea :back?"]);
    assert!(play.news().contains(&News::Doubtful));
    let shown: Vec<bool> = play
        .network
        .state()
        .room("#tea")
        .expect("it is there")
        .window
        .shown()
        .map(|shown| shown == crate::window::Shown::Gap)
        .collect();
    assert_eq!(shown, [true, false, false, true, false]);
    play.network.decide(doubtful, true);
    assert!(play.says(&[]).starts_with("PRIVMSG #tea :lost?\r\n"));
}

#[test]
fn by_cursors_everything_is_as_if_the_client_had_never_been_away() {
    let caps = "batch message-tags loggia.chat/delivery";
    let mut play = Play::new(kept());
    play.network.kept.channels.insert("#tea".into());
    assert!(play.let_in(caps).ends_with("JOIN #tea\r\nPING entered\r\n"));
    assert_eq!(play.says(&[":alice!a@b JOIN #tea", ":irc PONG irc entered"]), "RESUME *\r\n");
    play.says(&[":irc BATCH +1 loggia.chat/resume c1 end", ":irc BATCH -1"]);
    assert_eq!(play.network.standing(), Standing::Online);
    play.network.lost(NOW, 0);
    play.network.wake(NOW + Duration::from_secs(1), 0);
    play.network.connected(NOW);
    play.let_in(caps);
    assert_eq!(play.says(&[":alice!a@b JOIN #tea", ":irc PONG irc entered"]), "RESUME c1\r\n");
    play.says(&["@loggia.chat/cursor=c3;msgid=3 :bob!b@c PRIVMSG #tea :three"]);
    assert_eq!(play.network.state().room("#tea").map(|room| room.unread), Some(0), "it is held back");
    play.says(&[
        ":irc BATCH +2 loggia.chat/resume c2 end",
        "@batch=2;loggia.chat/cursor=c2;msgid=2 :bob!b@c PRIVMSG #tea :two",
        ":irc BATCH -2",
    ]);
    let room = play.network.state().room("#tea").expect("it is there");
    assert_eq!(room.window.entries().map(|entry| &*entry.text).collect::<Vec<_>>(), ["two", "three"]);
    // The server does not know the cursor any more.
    play.network.lost(NOW, 0);
    play.network.wake(NOW + Duration::from_secs(10), 0);
    play.network.connected(NOW);
    play.let_in(caps);
    play.says(&[":irc PONG irc entered"]);
    assert_eq!(play.says(&[":irc FAIL RESUME CURSOR_UNKNOWN c3 :No"]), "RESUME *\r\n");
    assert!(play.news().contains(&News::Gap));
    play.says(&[":irc FAIL RESUME CURSOR_UNREADABLE * :Later"]);
    assert_eq!(play.network.timeout(), Some(play.now + AGAIN_AFTER));
    assert_eq!(play.network.wake(play.now + AGAIN_AFTER, 0), None);
    assert_eq!(play.says(&[]), "RESUME *\r\n");
}

#[test]
fn a_window_is_scrolled_back() {
    let mut play = Play::new(kept());
    play.let_in("batch message-tags server-time draft/chathistory labeled-response echo-message");
    play.says(&[":irc PONG irc entered", ":alice!a@b JOIN #tea"]);
    play.says(&[
        "@label=past-1 :irc BATCH +h chathistory #tea",
        ":irc BATCH -h",
        ":irc PONG irc past-1",
        "@msgid=5 :bob!b@c PRIVMSG #tea :five",
    ]);
    assert!(play.network.older("#tea") && !play.network.older("#tea"), "one at a time");
    let asked = play.says(&[]);
    let label = asked.strip_prefix("@label=").and_then(|rest| rest.split(' ').next()).expect("a label").to_owned();
    assert!(asked.contains("CHATHISTORY BEFORE #tea msgid=5 100\r\nPING "), "{asked}");
    play.says(&[
        &format!("@label={label};draft/chathistory-end :irc BATCH +w chathistory #tea"),
        "@batch=w;msgid=3 :bob!b@c PRIVMSG #tea :three",
        "@batch=w;msgid=4 :bob!b@c BATCH +m draft/multiline #tea",
        "@batch=m :bob!b@c PRIVMSG #tea :four",
        ":irc BATCH -m",
        ":irc BATCH -w",
        &format!(":irc PONG irc {label}"),
    ]);
    let room = play.network.state().room("#tea").expect("it is there");
    assert_eq!(room.window.entries().map(|entry| &*entry.text).collect::<Vec<_>>(), ["three", "four", "five"]);
    assert_eq!((room.window.edge(), room.unread), (None, 1), "what is old is not unread");
}

#[test]
fn a_dead_connection_is_noticed() {
    let mut play = Play::new(kept());
    play.let_in("");
    play.news();
    assert_eq!(play.network.timeout(), Some(NOW + PING_AFTER));
    assert_eq!(play.network.wake(NOW + PING_AFTER, 0), None);
    assert_eq!(play.says(&[]), "PING alive\r\n");
    assert_eq!(play.network.timeout(), Some(NOW + DEAD_AFTER));
    assert_eq!(play.network.wake(NOW + DEAD_AFTER, 0), Some(Want::Close));
    assert_eq!(play.news(), [News::Standing]);
    assert!(matches!(play.network.standing(), Standing::Waiting { .. }));
}

#[test]
fn a_nick_that_is_taken_is_not_the_end() {
    let mut play = Play::new(kept());
    play.says(&[":irc 433 * alice :In use"]);
    assert!(play.news().contains(&News::NotLetIn("In use".into())));
    assert_eq!(play.network.wake(NOW, 0), Some(Want::Close));
    play.network.wake(NOW + Duration::from_secs(1), 0);
    play.network.connected(NOW);
    assert!(play.says(&[]).contains("NICK alice_\r\n"));
    // A server that says nothing at all is left, too.
    assert_eq!(play.network.wake(NOW + GREETING_MAX, 0), Some(Want::Close));
}

#[test]
fn who_leaves_says_so_and_does_not_come_back() {
    let mut play = Play::new(kept());
    play.let_in("");
    play.network.leave("bye");
    assert_eq!(play.network.take_output(), b"QUIT :bye\r\n");
    play.network.lost(NOW, 0);
    assert_eq!(
        (play.network.standing(), play.network.timeout(), play.network.wake(NOW, 0)),
        (Standing::Left, None, None)
    );
}

#[test]
fn nothing_that_is_no_line_is_sent() {
    let mut play = Play::new(kept());
    assert!(!play.network.command("TOPIC", &["#tea", "x"]), "nobody is there yet");
    play.let_in("");
    assert!(play.network.command("TOPIC", &["#tea", "a b"]));
    assert!(!play.network.command("TOPIC", &["#tea", "a\r\nQUIT"]) && !play.network.command("TOPIC", &["#a b", "x"]));
    assert_eq!(play.says(&[]), "TOPIC #tea :a b\r\n");
}

#[test]
fn files_need_a_token_each() {
    let mut play = Play::new(Kept::new(1));
    play.let_in("message-tags");
    play.says(&[":irc PONG irc entered"]);
    assert!(!play.network.ask_token(), "this server takes no files");
    play.says(&[":irc 005 alice draft/AUTHTOKEN soju.im/FILEHOST=https://a.example/upload :are supported"]);
    play.news();
    assert!(play.network.ask_token());
    assert_eq!(play.says(&[]), "TOKEN GENERATE FILEHOST\r\n");
    play.says(&[
        ":irc TOKEN GENERATE FILEHOST :t0k",
        ":irc FAIL TOKEN ACCOUNT_REQUIRED :No",
        ":irc TOKEN GENERATE FILEHOST :a b",
        ":irc TOKEN GENERATE OTHER :t0k",
    ]);
    let token = |answer: Result<&str, &str>| News::Token(answer.map(Box::from).map_err(Box::from));
    let expected = [token(Ok("t0k")), token(Err("ACCOUNT_REQUIRED")), token(Err("INVALID_TOKEN"))];
    assert_eq!(play.news(), expected);
}

#[test]
fn what_is_said_of_oneself_is_said_once() {
    let mut play = Play::new(Kept::new(1));
    let said = play.let_in("batch draft/metadata-2");
    assert!(said.contains("METADATA * SUB display-name avatar\r\n"), "{said}");
    play.says(&[
        ":irc BATCH +m metadata alice",
        "@batch=m :irc METADATA alice display-name * :Alice",
        ":irc BATCH -m",
        ":irc PONG irc entered",
    ]);
    assert_eq!(play.network.state().own_display_name.as_deref(), Some("Alice"), "what comes in its batch counts");
    assert!(play.network.describe("Alice", "https://a.example/a.png"));
    assert_eq!(play.says(&[]), "METADATA * SET avatar :https://a.example/a.png\r\n");
    assert!(play.network.describe(" ", "") && !play.network.describe("a\r\nQUIT", ""));
    assert_eq!(play.says(&[]), "METADATA * SET display-name\r\n");
    assert!(!play.network.describe(&"x".repeat(400), ""), "it fits in no line");
}

//! A server that is simple enough to be believed, connections that break anywhere, and what is in its log afterwards.

use proptest::prelude::*;

use super::*;

/// What the server keeps, and how it answers. It takes what was sent in order, and answers at once.
struct Server {
    by: Acknowledgement,
    log: Vec<(Option<Box<str>>, Box<str>)>,
}

impl Server {
    fn new(by: Acknowledgement) -> Self {
        Self { by, log: Vec::new() }
    }

    /// Takes a line; a text that begins with `no` is refused.
    fn take(&mut self, line: &str) -> Vec<String> {
        let message = Message::parse(line.as_bytes()).expect("a line that a server can read");
        let text = message.params.last().unwrap_or_default();
        if message.command == "PING" {
            return vec![format!(":irc PONG irc :{text}")];
        }
        let key = if self.by == Acknowledgement::Ids { ID_TAG } else { "label" };
        if self.by == Acknowledgement::Pings {
            assert!(message.tags.is_empty(), "the server knows no tags");
            if text.starts_with("no") {
                return vec![":irc 404 alice #TEA :No".to_owned()];
            }
            self.log.push((None, text.into()));
            return Vec::new();
        }
        let value = message.tags.value(key).expect("everything has an id or a label");
        if message.command == "CHATHISTORY" {
            let most: usize = text.parse().expect("a number of messages");
            let end = message.params.get(2).and_then(|before| before.strip_prefix("msgid=m"));
            let end = end.map_or(self.log.len(), |place| place.parse().expect("an id of this server"));
            let page = end.saturating_sub(most)..end;
            let said =
                page.map(|place| format!("@batch=h;msgid=m{place} :alice!a@b PRIVMSG #tea :{}", self.log[place].1));
            let begin = format!("@label={value} :irc BATCH +h chathistory #tea");
            return [begin].into_iter().chain(said).chain([":irc BATCH -h".to_owned()]).collect();
        }
        if text.starts_with("no") {
            return vec![format!("@{key}={value} :irc 404 alice #tea :No")];
        }
        let id = (self.by == Acknowledgement::Ids).then(|| Box::from(&*value));
        let known = self.log.iter().position(|(known, _)| id.is_some() && *known == id);
        let place = known.unwrap_or_else(|| {
            self.log.push((id, text.into()));
            self.log.len() - 1
        });
        vec![format!("@{key}={value};msgid=m{place} :alice!a@b PRIVMSG #tea :{}", self.log[place].1)]
    }
}

/// One thing that happens.
#[derive(Clone, Debug)]
enum Event {
    Push {
        refused: bool,
    },
    /// So many of the lines under way reach the server.
    Reach(usize),
    /// So many of its answers reach the client.
    Answer(usize),
    /// The connection breaks for the client. What is under way may still reach the server, later.
    Break,
    /// So many lines of broken connections reach the server after all.
    Late(usize),
    /// The program dies and comes back with what it kept.
    Restart,
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        3 => prop::bool::weighted(0.2).prop_map(|refused| Event::Push { refused }),
        3 => (1..4_usize).prop_map(Event::Reach),
        3 => (1..4_usize).prop_map(Event::Answer),
        1 => Just(Event::Break),
        1 => (1..4_usize).prop_map(Event::Late),
        1 => Just(Event::Restart),
    ]
}

struct Run {
    server: Server,
    history: bool,
    outbox: Outbox,
    to_server: VecDeque<String>,
    to_client: VecDeque<String>,
    late: VecDeque<String>,
}

impl Run {
    fn new(by: Acknowledgement, history: bool) -> Self {
        let mut run = Self {
            server: Server::new(by),
            history,
            outbox: Outbox::new(7),
            to_server: VecDeque::new(),
            to_client: VecDeque::new(),
            late: VecDeque::new(),
        };
        run.connect();
        run
    }

    fn connect(&mut self) {
        let by = self.server.by;
        self.outbox.connected(Link { history: self.history, page_entries: 2, nick: "Alice".into(), ..link(by) });
        self.pump();
    }

    fn pump(&mut self) {
        let mut out = Vec::new();
        while self.outbox.next_lines(&mut out) {}
        let lines = String::from_utf8(out).expect("text");
        self.to_server.extend(lines.split_terminator("\r\n").map(str::to_owned));
    }

    fn happen(&mut self, event: &Event) {
        match event {
            Event::Push { refused } => {
                let text = format!("{}{}", if *refused { "no" } else { "t" }, self.outbox.next);
                self.outbox.push(What::say("#tea", &text));
                self.pump();
            }
            Event::Reach(lines) => {
                for line in self.to_server.drain(..(*lines).min(self.to_server.len())) {
                    self.to_client.extend(self.server.take(&line));
                }
            }
            Event::Answer(lines) => {
                for line in self.to_client.drain(..(*lines).min(self.to_client.len())).collect::<Vec<_>>() {
                    self.outbox.receive(&Message::parse(line.as_bytes()).expect("a message"));
                }
                self.pump();
            }
            Event::Break => {
                self.to_client.clear();
                self.late.extend(self.to_server.drain(..));
                self.outbox.disconnected();
                self.connect();
            }
            // A server reads a dead connection to its end before it notices; a question there answers nobody.
            Event::Late(lines) => {
                for line in self.late.drain(..(*lines).min(self.late.len())) {
                    self.server.take(&line);
                }
            }
            Event::Restart => {
                let kept = serde_json::to_string(&self.outbox).expect("it can be kept");
                self.outbox = serde_json::from_str(&kept).expect("it is read back");
                self.happen(&Event::Break);
            }
        }
    }

    fn is_doubtful(&self, entry: &Entry) -> bool {
        self.outbox.doubtful().any(|doubtful| doubtful == entry)
    }

    /// Lets everything come to rest on a connection that holds.
    fn rest(&mut self) {
        while self.outbox.entries().any(|entry| !entry.state.is_settled() && !self.is_doubtful(entry)) {
            assert!(!self.to_server.is_empty() || !self.to_client.is_empty(), "nothing happens any more");
            self.happen(&Event::Reach(usize::MAX));
            self.happen(&Event::Answer(usize::MAX));
        }
    }
}

proptest! {
    #[test]
    fn with_ids_everything_is_kept_once_in_order_or_reported(events in prop::collection::vec(event(), 1..60)) {
        let mut run = Run::new(Acknowledgement::Ids, true);
        for event in &events {
            run.happen(event);
        }
        run.rest();
        run.happen(&Event::Late(usize::MAX));
        let kept = run.outbox.entries().filter(|entry| matches!(entry.state, State::Kept(_)));
        let expected: Vec<String> = kept.map(|entry| format!("t{}", entry.number)).collect();
        let log: Vec<&str> = run.server.log.iter().map(|(_, text)| &**text).collect();
        prop_assert_eq!(log, expected);
        for entry in run.outbox.entries() {
            let What::Say { text, .. } = &entry.what else { unreachable!("only such were pushed") };
            prop_assert_eq!(matches!(entry.state, State::Refused(_)), text.starts_with("no"));
        }
    }

    /// Where nothing reaches the server late, the outbox finds what is there; nothing is lost in any case.
    #[test]
    fn with_labels_nothing_is_lost(events in prop::collection::vec(event(), 1..60), late in any::<bool>()) {
        let mut run = Run::new(Acknowledgement::Labels, true);
        for event in events.iter().filter(|event| late || !matches!(event, Event::Late(_))) {
            run.happen(event);
        }
        run.rest();
        let mut log: Vec<&str> = run.server.log.iter().map(|(_, text)| &**text).collect();
        if late {
            let mut known = std::collections::BTreeSet::new();
            log.retain(|text| known.insert(*text));
        }
        let kept = run.outbox.entries().filter(|entry| matches!(entry.state, State::Kept(_)));
        let expected: Vec<String> = kept.map(|entry| format!("t{}", entry.number)).collect();
        if late {
            log.sort_unstable();
            let mut expected = expected;
            expected.sort_unstable();
            prop_assert_eq!(log, expected);
        } else {
            prop_assert_eq!(log, expected);
        }
    }
}

proptest! {
    /// Without history, nothing is sent twice by itself, and whatever may be lost is said to be.
    #[test]
    fn without_history_nothing_is_doubled_and_what_is_doubtful_is_told(
        events in prop::collection::vec(event(), 1..60),
        labels in any::<bool>(),
    ) {
        let by = if labels { Acknowledgement::Labels } else { Acknowledgement::Pings };
        let mut run = Run::new(by, false);
        for event in &events {
            run.happen(event);
        }
        run.rest();
        run.happen(&Event::Late(usize::MAX));
        let log: Vec<&str> = run.server.log.iter().map(|(_, text)| &**text).collect();
        for entry in run.outbox.entries() {
            let What::Say { text, .. } = &entry.what else { unreachable!("only such were pushed") };
            let kept = log.iter().filter(|kept| ***kept == **text).count();
            match &entry.state {
                State::Kept(_) => prop_assert_eq!(kept, 1, "{}", text),
                State::Refused(_) => prop_assert!(text.starts_with("no")),
                state => {
                    prop_assert!(kept <= 1 && *state == State::Unknown && run.is_doubtful(entry), "{}", text);
                }
            }
        }
    }
}

#[test]
fn whoever_doubts_decides() {
    let mut outbox = Outbox::new(7);
    for text in ["a", "b", "c"] {
        outbox.push(What::say("#tea", text));
    }
    let pings = || link(Acknowledgement::Pings);
    outbox.connected(pings());
    assert_eq!(lines(&mut outbox), "PRIVMSG #tea :a\r\nPING out-1\r\n");
    assert_eq!(receive(&mut outbox, ":irc 404 alice #milk :No"), None, "that is about something else");
    assert_eq!(receive(&mut outbox, ":irc PONG irc out-1"), Some(1));
    assert_eq!(lines(&mut outbox), "PRIVMSG #tea :b\r\nPING out-2\r\n");
    outbox.disconnected();
    assert_eq!(outbox.doubtful().count(), 0, "the next server may know");
    assert!(!outbox.resend(2) && outbox.give_up(2).is_none());
    outbox.connected(pings());
    assert_eq!(lines(&mut outbox), "PRIVMSG #tea :c\r\nPING out-3\r\n", "what follows does not wait");
    assert_eq!(outbox.doubtful().map(|entry| entry.number).collect::<Vec<_>>(), [2]);
    assert!(!outbox.resend(3) && outbox.resend(2));
    assert_eq!(receive(&mut outbox, ":irc 442 alice #tea :Not there"), Some(3));
    assert_eq!(lines(&mut outbox), "PRIVMSG #tea :b\r\nPING out-2\r\n");
    assert_eq!(receive(&mut outbox, ":irc PONG irc out-3"), None);
    outbox.connected(pings());
    assert_eq!(outbox.give_up(2).map(|entry| entry.number), Some(2));
    assert!(outbox.is_settled());
}

#[test]
fn a_server_without_tags_gets_none() {
    let mut outbox = Outbox::new(7);
    let tags = vec![("+draft/reply".into(), Some("1-2".into()))];
    let text = "psst".into();
    outbox.push(What::Tags { target: "#tea".into(), tags: tags.clone() });
    outbox.push(What::Edit { target: "#tea".into(), msgid: "1".into(), text: "x".into() });
    outbox.push(What::Say { notice: true, target: "bob".into(), text, tags });
    outbox.connected(Link { tags: false, ..link(Acknowledgement::Pings) });
    assert_eq!(lines(&mut outbox), "NOTICE bob :psst\r\nPING out-3\r\n");
    let is_refused = |number| matches!(outbox.entry(number).map(|entry| &entry.state), Some(State::Refused(_)));
    assert!(is_refused(1) && is_refused(2));
}

#[test]
fn a_message_of_several_lines_is_found_in_history() {
    let mut outbox = Outbox::new(7);
    outbox.push(What::say("#tea", "one\ntwo"));
    let labels = || Link { history: true, ..link(Acknowledgement::Labels) };
    outbox.connected(labels());
    lines(&mut outbox);
    outbox.connected(labels());
    assert_eq!(lines(&mut outbox), "@label=look-1 CHATHISTORY LATEST #tea * 100\r\n");
    for (text, id) in [("one", "4"), ("two", "5")] {
        for line in [
            &format!("@batch=h;msgid={id} :alice!a@b BATCH +m draft/multiline #tea"),
            "@batch=m :alice!a@b PRIVMSG #tea :one",
            &format!("@batch=m :alice!a@b PRIVMSG #tea :{text}"),
        ] {
            if id == "4" && line.contains("+m") {
                assert_eq!(receive(&mut outbox, "@label=look-1 :irc BATCH +h chathistory #tea"), None);
            }
            assert_eq!(receive(&mut outbox, line), None);
        }
        assert_eq!(receive(&mut outbox, "@batch=h :irc BATCH -m"), None);
    }
    assert_eq!(receive(&mut outbox, ":irc BATCH -h"), None);
    assert_eq!(lines(&mut outbox), "@label=look-1 CHATHISTORY BEFORE #tea msgid=4 100\r\n", "it may be further back");
    assert_eq!(receive(&mut outbox, "@label=look-1 :irc BATCH +h chathistory #tea"), None);
    assert_eq!(receive(&mut outbox, ":irc BATCH -h"), Some(1));
    let msgid = outbox.entry(1).and_then(|entry| match &entry.state {
        State::Kept(receipt) => receipt.msgid.clone(),
        _ => None,
    });
    assert_eq!(msgid.as_deref(), Some("5"));
}

/// Said twice in the same words, and then much by others: each is found once, and nothing is looked through that is older than
/// what is known.
#[test]
fn what_is_far_back_is_found_page_by_page() {
    let mut outbox = Outbox::new(7);
    outbox.push(What::say("#tea", "yes"));
    outbox.push(What::say("#tea", "yes"));
    let labels = || Link { history: true, page_entries: 2, ..link(Acknowledgement::Labels) };
    outbox.connected(labels());
    assert_eq!(lines(&mut outbox).lines().count(), 2);
    outbox.connected(labels());
    let mut server = Server::new(Acknowledgement::Labels);
    server.log = ["first", "yes", "so", "yes", "then", "it", "went", "on"].map(|text| (None, text.into())).into();
    let mut asked = Vec::new();
    loop {
        let sent = lines(&mut outbox);
        if sent.is_empty() {
            break;
        }
        for line in server.take(sent.trim_end()) {
            receive(&mut outbox, &line);
        }
        asked.push(sent.split_once(' ').map_or("", |(_, words)| words.trim_end()).to_owned());
    }
    let ids = outbox.entries().map(|entry| match &entry.state {
        State::Kept(receipt) => receipt.msgid.as_deref(),
        _ => None,
    });
    assert_eq!(ids.collect::<Vec<_>>(), [Some("m1"), Some("m3")]);
    let of = |what: &str| asked.iter().filter(|asked| asked.contains(what)).count();
    assert_eq!((of("LATEST"), of("BEFORE")), (2, 4 + 3), "{asked:?}");
}

fn link(by: Acknowledgement) -> Link {
    Link { by, history: false, page_entries: 100, multiline: true, tags: true, nick: "alice".into() }
}

fn lines(outbox: &mut Outbox) -> String {
    let mut out = Vec::new();
    while outbox.next_lines(&mut out) {}
    String::from_utf8(out).expect("text")
}

fn receive(outbox: &mut Outbox, line: &str) -> Option<u64> {
    outbox.receive(&Message::parse(line.as_bytes()).expect("a message"))
}

const STREAM: &str = "00000000000000000000000000000007";

#[test]
fn everything_is_written_as_its_specification_says() {
    let mut outbox = Outbox::new(7);
    let tags = vec![("+draft/reply".into(), Some("1-2".into()))];
    outbox.push(What::Say { notice: true, target: "bob".into(), text: "psst".into(), tags: tags.clone() });
    outbox.push(What::Tags { target: "#tea".into(), tags });
    outbox.push(What::Edit { target: "#tea".into(), msgid: "1-2".into(), text: "a b".into() });
    outbox.push(What::Redact { target: "#tea".into(), msgid: "1-2".into(), reason: None });
    outbox.push(What::say("#tea", "one\n\ntwo"));
    assert_eq!(lines(&mut outbox), "", "nobody is there to tell");
    outbox.connected(link(Acknowledgement::Ids));
    assert_eq!(
        lines(&mut outbox),
        format!(
            "@loggia.chat/id={STREAM}.1;+draft/reply=1-2 NOTICE bob :psst\r\n\
             @loggia.chat/id={STREAM}.2;+draft/reply=1-2 TAGMSG #tea\r\n\
             @loggia.chat/id={STREAM}.3;draft/target-msgid=1-2;draft/edit-text=a\\sb EDIT #tea\r\n\
             @loggia.chat/id={STREAM}.4 REDACT #tea 1-2\r\n\
             @loggia.chat/id={STREAM}.5 BATCH +out-5 draft/multiline #tea\r\n@batch=out-5 PRIVMSG #tea :one\r\n\
             @batch=out-5 PRIVMSG #tea :\r\n@batch=out-5 PRIVMSG #tea :two\r\nBATCH -out-5\r\n"
        )
    );
    assert_eq!(
        receive(&mut outbox, &format!("@loggia.chat/id={STREAM}.5;msgid=m :a!b@c BATCH +m draft/multiline #tea")),
        Some(5)
    );
    assert_eq!(receive(&mut outbox, "@loggia.chat/id=other.4 :a!b@c REDACT #tea 1-2"), None);
    assert!(!outbox.is_settled() && outbox.forget(4).is_none() && outbox.cancel(4).is_none());
    assert_eq!(outbox.forget(5).map(|entry| entry.number), Some(5));
    outbox.disconnected();
    outbox.connected(Link { history: true, ..link(Acknowledgement::Labels) });
    assert_eq!(lines(&mut outbox), "@label=look-1 CHATHISTORY LATEST bob * 100\r\n");
}

#[test]
fn what_a_server_does_not_take_is_refused_here() {
    let mut outbox = Outbox::new(7);
    outbox.push(What::say("#tea", "one\ntwo"));
    outbox.push(What::say("#tea", "three"));
    outbox.connected(Link { multiline: false, ..link(Acknowledgement::Labels) });
    assert_eq!(lines(&mut outbox), "@label=out-2 PRIVMSG #tea :three\r\n");
    let refused = outbox.entry(1).map(|entry| entry.state.clone());
    assert!(matches!(refused, Some(State::Refused(refusal)) if &*refusal.code == NOT_SUPPORTED));
}

#[test]
fn labels_tell_in_batches_too() {
    let mut outbox = Outbox::new(7);
    for text in ["a", "b", "c"] {
        outbox.push(What::say("bob", text));
    }
    outbox.connected(link(Acknowledgement::Labels));
    lines(&mut outbox);
    // The other one is away; the echo stands behind.
    assert_eq!(receive(&mut outbox, "@label=out-1 :irc BATCH +x labeled-response"), None);
    assert_eq!(receive(&mut outbox, "@batch=x :irc 301 alice bob :lunch"), None);
    assert_eq!(receive(&mut outbox, "@batch=x;msgid=m1 :alice!a@b PRIVMSG bob :a"), Some(1));
    assert_eq!(receive(&mut outbox, ":irc BATCH -x"), None);
    assert_eq!(receive(&mut outbox, "@label=out-2 :irc ACK"), Some(2));
    assert_eq!(receive(&mut outbox, "@label=out-3 :irc FAIL PRIVMSG CANNOT_KEEP bob :Full"), Some(3));
    assert_eq!(
        receive(&mut outbox, "@label=out-3;msgid=m3 :alice!a@b PRIVMSG bob :c"),
        None,
        "the first outcome counts"
    );
    assert!(outbox.is_settled());
}

#[test]
fn what_cannot_be_looked_up_is_held_and_sent_again() {
    let mut outbox = Outbox::new(7);
    outbox.push(What::say("bob", "a"));
    outbox.connected(link(Acknowledgement::Ids));
    lines(&mut outbox);
    let unreadable = format!("@loggia.chat/id={STREAM}.1 :irc FAIL PRIVMSG ID_UNREADABLE :Again");
    assert_eq!(receive(&mut outbox, &unreadable), None);
    assert!(outbox.is_held());
    assert_eq!(lines(&mut outbox), "");
    outbox.retry();
    assert_eq!(lines(&mut outbox), format!("@loggia.chat/id={STREAM}.1 PRIVMSG bob :a\r\n"));
}

#[test]
fn not_more_is_under_way_than_a_server_likes() {
    let mut outbox = Outbox::new(7);
    for _ in 0..=UNDER_WAY_MAX {
        outbox.push(What::say("bob", "a"));
    }
    outbox.connected(link(Acknowledgement::Ids));
    assert_eq!(lines(&mut outbox).lines().count(), UNDER_WAY_MAX);
    receive(&mut outbox, &format!("@loggia.chat/id={STREAM}.1 :alice!a@b PRIVMSG bob :a"));
    assert_eq!(lines(&mut outbox).lines().count(), 1);
}

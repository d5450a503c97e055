use super::*;

/// Takes lines; returns the last words of what is shown, what is asked, and the last step that was one.
fn take(catch_up: &mut CatchUp, lines: &[&str]) -> (Vec<String>, String, Step) {
    let (mut out, mut shown, mut last) = (Vec::new(), Vec::new(), Step::On);
    for line in lines {
        match catch_up.receive(line.as_bytes(), &mut out, &mut shown) {
            Step::On => {}
            step => last = step,
        }
    }
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let words = shown.iter().map(|line| text(line).rsplit(' ').next().unwrap_or_default().to_owned());
    (words.collect(), text(&out), last)
}

const GREETING: [&str; 4] = [
    ":irc CAP * ACK :batch labeled-response draft/chathistory",
    "@time=2026-01-01T00:00:00.000Z :irc 001 alice :Welcome",
    ":irc 005 alice CHATHISTORY=50 CHANTYPES=# CASEMAPPING=ascii :are supported",
    ":irc 422 alice :No",
];

fn greeted(catch_up: &mut CatchUp) -> String {
    catch_up.connected();
    take(catch_up, &GREETING).1
}

/// A client that is in #tea, has seen `one` and `two`, and comes back.
fn back() -> CatchUp {
    let mut catch_up = CatchUp::default();
    assert_eq!(greeted(&mut catch_up), "");
    assert!(catch_up.is_live());
    let (_, asked, _) = take(&mut catch_up, &["@time=2026-01-01T00:00:01.000Z :alice!a@b JOIN #tea"]);
    assert_eq!(asked, "@label=past-1 CHATHISTORY LATEST #tea * 1\r\nPING past-1\r\n");
    let (shown, ..) = take(
        &mut catch_up,
        &[
            "@time=2026-01-01T00:00:02.000Z;msgid=1 :bob!b@c PRIVMSG #tea :one",
            "@label=past-1 :irc BATCH +1 chathistory #tea",
            "@batch=1;time=2025-12-01T00:00:00.000Z;msgid=0 :bob!b@c PRIVMSG #tea :zero",
            ":irc BATCH -1",
            ":irc PONG irc :past-1",
            "@time=2026-01-01T00:00:03.000Z;msgid=2 :bob!b@c PRIVMSG #Tea :two",
        ],
    );
    assert_eq!(shown, [":one", ":two"], "what was there before the client began is not missed");
    catch_up.disconnected();
    let kept = serde_json::to_string(&catch_up).expect("it can be kept");
    let mut catch_up: CatchUp = serde_json::from_str(&kept).expect("it is read back");
    let people = "CHATHISTORY TARGETS timestamp=2025-12-31T23:59:03.000Z timestamp=9999-12-31T23:59:59.999Z 50";
    assert_eq!(greeted(&mut catch_up), format!("@label=past-1 {people}\r\nPING past-1\r\n"));
    assert!(!catch_up.is_live());
    catch_up
}

/// Answers that nobody has written.
const NOBODY: [&str; 3] =
    ["@label=past-1 :irc BATCH +p draft/chathistory-targets", ":irc BATCH -p", ":irc PONG irc past-1"];

#[test]
fn a_channel_goes_on_where_it_was_left() {
    let mut catch_up = back();
    // `two` may have had more lines when the connection broke, so it is asked for again.
    let (shown, asked, _) = take(
        &mut catch_up,
        &[":alice!a@b JOIN #tea", "@time=2026-01-01T00:01:00.000Z;msgid=5 :bob!b@c PRIVMSG #tea :five"],
    );
    assert_eq!((shown.len(), asked.as_str()), (0, ""));
    assert_eq!(take(&mut catch_up, &NOBODY).1, "@label=past-2 CHATHISTORY AFTER #tea msgid=1 50\r\nPING past-2\r\n");
    let (shown, asked, _) = take(
        &mut catch_up,
        &[
            "@label=past-2 :irc BATCH +h chathistory #tea",
            "@batch=h;time=2026-01-01T00:00:03.000Z;msgid=2 :bob!b@c PRIVMSG #tea :two",
            "@batch=h;time=2026-01-01T00:00:03.000Z :bob!b@c PRIVMSG #tea :more",
            "@batch=h;time=2026-01-01T00:00:04.000Z;msgid=3 :bob!b@c BATCH +m draft/multiline #tea",
            "@batch=m :bob!b@c PRIVMSG #tea :three",
            "@batch=m :bob!b@c PRIVMSG #tea :too",
            "@batch=h :irc BATCH -m",
            ":irc BATCH -h",
            "@time=2026-01-01T00:01:01.000Z;msgid=6 :bob!b@c PRIVMSG #tea :six",
            ":irc PONG irc past-2",
        ],
    );
    assert_eq!(shown, [":more", "#tea", ":three", ":too", "-m"]);
    assert_eq!(asked, "@label=past-3 CHATHISTORY AFTER #tea msgid=3 50\r\nPING past-3\r\n");
    let (shown, _, step) = take(
        &mut catch_up,
        &[
            "@label=past-3;draft/chathistory-end :irc BATCH +h chathistory #tea",
            "@batch=h;time=2026-01-01T00:00:59.000Z;msgid=4 :bob!b@c PRIVMSG #tea :four",
            "@batch=h;time=2026-01-01T00:01:00.000Z;msgid=5 :bob!b@c PRIVMSG #tea :five",
            ":irc BATCH -h",
            ":irc PONG irc past-3",
            "@time=2026-01-01T00:01:02.000Z;msgid=7 :bob!b@c PRIVMSG #tea :seven",
        ],
    );
    assert_eq!((shown, step), ([":four", ":five", ":six", ":seven"].map(str::to_owned).to_vec(), Step::Live));
}

#[test]
fn whoever_wrote_meanwhile_is_asked_about() {
    let mut catch_up = back();
    let (_, asked, _) = take(
        &mut catch_up,
        &[
            "@time=2026-01-01T00:02:00.000Z;msgid=9 :carl!c@d PRIVMSG alice :nine",
            "@label=past-1 :irc BATCH +p draft/chathistory-targets",
            "@batch=p :irc CHATHISTORY TARGETS #tea 2026-01-01T00:00:03.000Z",
            "@batch=p :irc CHATHISTORY TARGETS bob 2026-01-01T00:01:00.000Z",
            ":irc BATCH -p",
            ":irc PONG irc past-1",
        ],
    );
    let since = "timestamp=2025-12-31T23:59:02.999Z";
    assert_eq!(asked, format!("@label=past-2 CHATHISTORY AFTER bob {since} 50\r\nPING past-2\r\n"));
    let (shown, _, step) = take(
        &mut catch_up,
        &[
            "@label=past-2;draft/chathistory-end :irc BATCH +h chathistory bob",
            "@batch=h;time=2026-01-01T00:01:00.000Z;msgid=8 :bob!b@c PRIVMSG alice :eight",
            ":irc BATCH -h",
            ":irc PONG irc past-2",
            "@time=2026-01-01T00:02:01.000Z;msgid=10 :alice!a@b PRIVMSG bob :ten",
        ],
    );
    assert_eq!((shown, step), ([":eight", ":nine", ":ten"].map(str::to_owned).to_vec(), Step::Live));
}

#[test]
fn an_id_that_the_server_forgot_is_asked_for_by_its_time() {
    let mut catch_up = back();
    take(&mut catch_up, &[":alice!a@b JOIN #tea"]);
    take(&mut catch_up, &NOBODY);
    let refusal = "@label=past-2 :irc FAIL CHATHISTORY MESSAGE_ERROR AFTER #tea msgid=1 :No";
    let (_, asked, _) = take(&mut catch_up, &[refusal, ":irc PONG irc past-2"]);
    let by_time = "CHATHISTORY AFTER #tea timestamp=2026-01-01T00:00:01.999Z 50";
    assert_eq!(asked, format!("@label=past-3 {by_time}\r\nPING past-3\r\n"));
    let (_, asked, step) = take(&mut catch_up, &[":irc PONG irc past-3"]);
    assert_eq!((asked.as_str(), step), ("", Step::Live));
    assert!(catch_up.take_gap() && !catch_up.take_gap());
}

#[test]
fn a_server_that_takes_no_ids_is_asked_by_time_and_what_that_leaves_out_is_a_gap() {
    let mut catch_up = back();
    let tokens = ":irc 005 alice CHATHISTORY=2 MSGREFTYPES=timestamp :are supported";
    take(&mut catch_up, &[tokens, ":alice!a@b JOIN #tea"]);
    let (_, asked, _) = take(&mut catch_up, &NOBODY);
    let by_time = |number, time| {
        format!("@label=past-{number} CHATHISTORY AFTER #tea timestamp={time} 2\r\nPING past-{number}\r\n")
    };
    assert_eq!(asked, by_time(2, "2026-01-01T00:00:01.999Z"));
    let page = |number, lines: [&str; 2]| {
        let open = format!("@label=past-{number} :irc BATCH +h chathistory #tea");
        let [one, two] = lines.map(|line| format!("@batch=h;{line}"));
        [open, one, two, ":irc BATCH -h".to_owned(), format!(":irc PONG irc past-{number}")]
    };
    let lines = page(
        2,
        [
            "time=2026-01-01T00:00:02.000Z;msgid=1 :bob!b@c PRIVMSG #tea :one",
            "time=2026-01-01T00:00:03.000Z;msgid=2 :bob!b@c PRIVMSG #tea :two",
        ],
    );
    // Where the page ends is asked for again: more may have been said in that millisecond.
    let (shown, asked, step) = take(&mut catch_up, &lines.each_ref().map(String::as_str));
    assert_eq!((shown.len(), asked, step), (0, by_time(3, "2026-01-01T00:00:02.999Z"), Step::On));
    let lines = page(
        3,
        [
            "time=2026-01-01T00:00:03.000Z;msgid=2 :bob!b@c PRIVMSG #tea :two",
            "time=2026-01-01T00:00:03.000Z;msgid=3 :bob!b@c PRIVMSG #tea :three",
        ],
    );
    let (shown, asked, step) = take(&mut catch_up, &lines.each_ref().map(String::as_str));
    assert_eq!((shown, asked, step), (vec![":three".to_owned()], by_time(4, "2026-01-01T00:00:03.000Z"), Step::Gap));
    let end = ["@label=past-4 :irc BATCH +h chathistory #tea", ":irc BATCH -h", ":irc PONG irc past-4"];
    assert_eq!(take(&mut catch_up, &end).2, Step::Live);
    assert!(catch_up.take_gap());
}

#[test]
fn answers_to_other_questions_are_not_what_was_missed() {
    let mut catch_up = back();
    take(&mut catch_up, &[":alice!a@b JOIN #tea"]);
    take(&mut catch_up, &NOBODY);
    let (shown, asked, _) = take(
        &mut catch_up,
        &[
            "@label=other :irc BATCH +o chathistory #tea",
            "@batch=o;msgid=x :bob!b@c BATCH +m draft/multiline #tea",
            "@batch=m :bob!b@c PRIVMSG #tea :old",
            ":irc BATCH -m",
            ":irc BATCH -o",
            ":irc PONG irc other",
            ":irc NOTICE alice :look",
        ],
    );
    assert_eq!((shown.len(), asked.as_str()), (0, ""));
}

#[test]
fn what_is_held_back_is_bounded() {
    let mut catch_up = back();
    for number in 0..=HELD_MAX {
        let line = format!("@msgid=h{number} :bob!b@c PRIVMSG #tea :x");
        let step = take(&mut catch_up, &[&line]).2;
        assert_eq!(step == Step::Overrun, number == HELD_MAX, "{number}");
    }
}

#[test]
fn conversations_with_many_people_are_forgotten() {
    let mut catch_up = back();
    take(&mut catch_up, &NOBODY);
    for number in 0..=CONVERSATIONS_MAX {
        take(&mut catch_up, &[&format!("@msgid=p{number} :p{number}!b@c PRIVMSG alice :x")]);
    }
    assert!(catch_up.conversations.len() > CONVERSATIONS_MAX);
    catch_up.disconnected();
    assert_eq!(catch_up.conversations.keys().map(|name| &**name).collect::<Vec<_>>(), ["#tea"]);
}

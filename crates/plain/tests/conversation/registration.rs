//! Section 6, "Registration".

use plain::{Input, Mode, UNTOUCHED_ENTRY, Variant, VariantOverrides};

use crate::driver::Client;

#[test]
fn a_name_is_trimmed_and_kept_as_typed() {
    let mut client = Client::greeted(Variant::close());
    client.sends("  Anna Maria Nicolò ".as_bytes());
    assert_eq!(client.record(), ["0 name Anna Maria Nicolò"]);
}

#[test]
fn blank_control_long_and_untouched_names_are_asked_again() {
    let long = "x".repeat(33);
    for name in ["   ", "an\u{1b}[Ana", "tab\tbed", "x\u{85}y", UNTOUCHED_ENTRY, &long] {
        let mut client = Client::greeted(Variant::close());
        client.until(100);
        client.sends(name.as_bytes());
        client.until(200);
        client.sends(b"Anna");
        assert_eq!(
            client.record(),
            ["100 send Benvenuto in chatroom! Inserisci il tuo nome!", "200 name Anna"],
            "{name:?}"
        );
        assert_eq!(client.conversation.mode(), Mode::Segment);
    }
    let mut client = Client::greeted(Variant::close());
    client.sends("è".repeat(32).as_bytes());
    assert_eq!(client.record(), [format!("0 name {}", "è".repeat(32))]);
}

#[test]
fn a_quit_word_instead_of_a_name_closes_and_tells_nobody() {
    for word in ["{quit}", "{close}"] {
        let mut client = Client::greeted(Variant::quit());
        client.until(100);
        client.sends(word.as_bytes());
        client.until(1000);
        assert_eq!(client.record(), ["400 close Fin Quit"]);
    }
}

#[test]
fn before_registration_a_connection_gets_nothing_but_prompts() {
    let mut client = Client::greeted(Variant::quit());
    client.hears("Bruno", "ciao");
    client.input(Input::Joined { shown: "Carla" });
    client.input(Input::Parted { shown: "Carla" });
    client.input(Input::Notice("hint"));
    client.input(Input::Refusal("no"));
    client.input(Input::History("past"));
    client.until(500);
    client.holds_names = true;
    client.sends(b"Anna");
    client.hears("Bruno", "ciao");
    client.input(Input::NameRefused { reason: "not allowed" });
    client.until(1000);
    assert_eq!(client.record(), ["500 name Anna", "500 send Salve! Digita il tuo Nome seguito dal tasto Invio!"]);
}

#[test]
fn in_line_mode_a_refused_name_is_explained() {
    let mut client = Client::greeted(Variant::close());
    client.holds_names = true;
    client.until(100);
    client.sends(b"Anna\n");
    client.input(Input::NameRefused { reason: "That name is reserved." });
    assert_eq!(
        client.record(),
        ["100 name Anna", "100 send That name is reserved.\\nBenvenuto in chatroom! Inserisci il tuo nome!\\n"]
    );
}

#[test]
fn what_comes_while_the_name_is_looked_up_waits_for_the_answer() {
    let mut client = Client::greeted(Variant::close());
    client.holds_names = true;
    client.until(100);
    client.sends(b"Anna");
    client.sends(b"uno");
    client.sends(b"due");
    client.input(Input::EndOfInput);
    assert_eq!(client.record(), ["100 name Anna"]);
    client.input(Input::NameAccepted { shown: "Anna" });
    assert_eq!(client.record(), ["100 said uno", "100 said due", "100 left EndOfInput", "100 close Fin EndOfInput"]);
}

#[test]
fn too_much_while_the_name_is_looked_up_ends_the_connection() {
    let mut client = Client::greeted(Variant::close());
    client.holds_names = true;
    client.sends(b"Anna");
    for _ in 0..70 {
        client.sends(&[b'x'; 1000]);
    }
    assert_eq!(client.record(), ["0 name Anna", "0 close Reset InputFull"]);
}

#[test]
fn a_clash_is_suffixed_silently_in_quit_and_close() {
    for variant in [Variant::quit(), Variant::close()] {
        let mut client = Client::greeted(
            variant.with(VariantOverrides { welcome: Some("Benvenuto %name%!".into()), ..VariantOverrides::default() }),
        );
        client.taken = vec!["Anna", "Anna_2"];
        client.until(100);
        client.sends(b"Anna");
        assert_eq!(
            client.record(),
            ["100 name Anna", "100 name Anna_2", "100 name Anna_3", "100 send Benvenuto Anna_3!"]
        );
    }
}

#[test]
fn a_suffixed_name_keeps_to_the_limit() {
    let mut client = Client::greeted(Variant::close());
    client.taken = vec!["xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"];
    client.sends(&[b'x'; 32]);
    assert_eq!(client.record()[1], format!("0 name {}_2", "x".repeat(30)));
}

#[test]
fn a_nick_client_that_sent_its_alias_twice_is_suffixed_and_never_asked_again() {
    let mut client = Client::greeted(Variant::nick());
    client.taken = vec!["anna"];
    client.until(100);
    client.sends(b"anna");
    client.sends(b"anna");
    client.until(200);
    client.sends(b"anna: ciao\n");
    assert_eq!(
        client.record(),
        ["100 name anna", "100 name anna_2", "100 send You are now connected!", "200 said ciao"]
    );
}

#[test]
fn a_nick_client_that_sent_its_alias_once_is_asked_again() {
    let mut client = Client::greeted(Variant::nick());
    client.taken = vec!["anna"];
    client.until(100);
    client.sends(b"anna");
    client.until(1000);
    client.sends(b"carla");
    client.until(2000);
    assert_eq!(
        client.record(),
        [
            "350 name anna",
            "350 send This nickname is already taken. Please choose another nickname!",
            "1250 name carla",
            "1250 send You are now connected!",
        ]
    );
}

#[test]
fn a_second_alias_is_waited_for_at_most_250_ms() {
    for (pause, named_at) in [(0, 100), (249, 349), (400, 350)] {
        let mut client = Client::greeted(Variant::nick());
        client.until(100);
        client.sends(b"anna");
        client.until(100 + pause);
        client.sends(b"anna");
        client.until(2000);
        assert_eq!(
            client.record(),
            [format!("{named_at} name anna"), format!("{named_at} send You are now connected!")],
            "second alias after {pause} ms"
        );
    }
}

#[test]
fn two_aliases_in_one_read_are_one_name() {
    let mut client = Client::greeted(Variant::nick());
    client.until(100);
    client.sends(b"annaanna");
    client.until(1000);
    client.sends(b"anna: ciao\n");
    assert_eq!(client.record(), ["350 name anna", "350 send You are now connected!", "1000 said ciao"]);
}

#[test]
fn a_doubled_name_that_comes_twice_is_the_name() {
    let mut client = Client::greeted(Variant::nick());
    client.sends(b"toto");
    client.sends(b"toto");
    assert_eq!(client.record()[0], "0 name toto");
}

#[test]
fn a_message_within_the_wait_is_kept() {
    for (alias, next) in [("anna", "anna: ciao\n"), ("annaanna", "anna: ciao\n"), ("anna", "annaanna: ciao\n")] {
        let mut client = Client::greeted(Variant::nick());
        client.until(100);
        client.sends(alias.as_bytes());
        client.sends(next.as_bytes());
        assert_eq!(
            client.record(),
            ["100 name anna", "100 said ciao", "100 send You are now connected!"],
            "{alias:?} {next:?}"
        );
    }
}

#[test]
fn nick_is_never_sent_to_a_client_that_answered_twice() {
    let mut client = Client::greeted(Variant::nick());
    client.until(100);
    client.sends(b"  ");
    client.sends(b"  ");
    client.until(1000);
    assert_eq!(client.record(), ["100 close Reset NameRefused"]);
}

#[test]
fn a_client_that_answered_twice_gets_a_fitting_name() {
    let mut client = Client::greeted(Variant::nick());
    let alias = "anna\u{7}".to_owned() + &"x".repeat(40);
    client.sends(alias.as_bytes());
    client.sends(alias.as_bytes());
    let name = format!("anna{}", "x".repeat(28));
    assert_eq!(client.record()[0], format!("0 name {name}"));
    client.sends(format!("{alias}: ciao\n").as_bytes());
    assert_eq!(client.record(), ["0 said ciao"]);
}

#[test]
fn a_reconnecting_client_that_sends_its_name_at_once_is_greeted_and_named() {
    let mut client = Client::silent(Variant::quit());
    client.input(Input::Open { first_bytes: b"Anna" });
    client.until(100);
    assert_eq!(
        client.record(),
        [
            "0 name Anna",
            "0 send Salve! Digita il tuo Nome seguito dal tasto Invio!",
            "30 send Benvenuto Anna! Se vuoi lasciare la Chat, scrivi {quit} per uscire.",
        ]
    );
}

#[test]
fn the_time_to_give_a_name_ends() {
    let mut client = Client::greeted(Variant::close());
    client.until(500_000);
    client.sends(b" ");
    client.record();
    client.until(700_000);
    assert_eq!(client.record(), ["600000 close Reset NameTime"]);
    let mut client = Client::named(Variant::close(), "Anna");
    client.until(700_000);
    assert_eq!(client.record(), [""; 0]);
}

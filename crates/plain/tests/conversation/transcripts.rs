//! Section 2, each program's transcript, with the times section 6 gives them.

use plain::{Input, Variant, VariantOverrides};

use crate::driver::Client;

#[test]
fn quit_is_program_000() {
    let mut anna = Client::silent(Variant::quit());
    anna.input(Input::Open { first_bytes: b"" });
    anna.until(100);
    anna.sends(b"Anna");
    anna.until(200);
    anna.input(Input::Joined { shown: "Bruno" });
    anna.until(300);
    anna.sends(b"ciao");
    anna.hears_itself("Anna", "ciao");
    anna.until(400);
    anna.input(Input::Parted { shown: "Bruno" });
    anna.until(500);
    anna.sends(b"{quit}");
    anna.until(2000);
    assert_eq!(
        anna.record(),
        [
            "0 send Salve! Digita il tuo Nome seguito dal tasto Invio!",
            "100 name Anna",
            "100 send Benvenuto Anna! Se vuoi lasciare la Chat, scrivi {quit} per uscire.",
            "200 send Bruno si è unito alla chat!",
            "300 said ciao",
            "300 send Anna: ciao",
            "400 send Bruno ha abbandonato la Chat.",
            "500 left QuitWord",
            "800 send {quit}",
            "830 close Fin Quit",
        ]
    );
}

#[test]
fn close_is_program_001() {
    let mut anna = Client::silent(Variant::close());
    anna.input(Input::Open { first_bytes: b"" });
    anna.until(100);
    anna.sends(b"Anna");
    anna.until(200);
    anna.input(Input::Joined { shown: "Bruno" });
    anna.until(300);
    anna.sends(b"ciao");
    anna.hears_itself("Anna", "ciao");
    anna.until(400);
    anna.input(Input::Parted { shown: "Bruno" });
    anna.until(500);
    anna.sends(b"{close}");
    anna.until(2000);
    assert_eq!(
        anna.record(),
        [
            "0 send Benvenuto in chatroom! Inserisci il tuo nome!",
            "100 name Anna",
            "200 send Bruno si è unito all chat!",
            "300 said ciao",
            "300 send Anna: ciao",
            "400 send Bruno ha abbandonato la chat.",
            "500 left QuitWord",
            "800 close Fin Quit",
        ]
    );
}

#[test]
fn nick_is_program_003() {
    let mut anna = Client::silent(Variant::nick());
    anna.input(Input::Open { first_bytes: b"" });
    anna.until(5000);
    anna.sends(b"anna");
    anna.until(5001);
    anna.sends(b"anna");
    anna.until(5100);
    anna.input(Input::Joined { shown: "bruno" });
    anna.until(5200);
    anna.sends(b"anna: ciao\n");
    anna.hears_itself("anna", "ciao");
    anna.hears("bruno", "ciao anna");
    anna.until(5300);
    anna.input(Input::Parted { shown: "bruno" });
    anna.until(5400);
    anna.input(Input::Lost);
    assert_eq!(
        anna.record(),
        [
            "0 send NICK",
            "5001 name anna",
            "5001 send You are now connected!",
            "5100 send bruno has joined the chat!",
            "5200 said ciao",
            "5200 send bruno: ciao anna\\n",
            "5300 send bruno has left the chat!",
            "5400 left Lost",
            "5400 close Reset Lost",
        ]
    );
}

#[test]
fn username_is_program_004() {
    let mut anna = Client::silent(Variant::username());
    anna.taken = vec!["bruno"];
    anna.input(Input::Open { first_bytes: b"" });
    anna.until(100);
    anna.sends(b"bruno");
    anna.until(200);
    anna.sends(b"anna");
    anna.until(300);
    anna.sends(b"ciao");
    anna.hears_itself("anna", "ciao");
    anna.until(400);
    anna.sends(b"quit");
    anna.until(2000);
    assert_eq!(
        anna.record(),
        [
            "0 send Benvenuto in chat! Inserisci il tuo username!",
            "100 name bruno",
            "100 send Questo username è già in uso! Inserisci un altro username!",
            "200 name anna",
            "200 send Benvenuto anna! Scrivi quit per uscire.",
            "300 said ciao",
            "300 send anna: ciao",
            "400 left QuitWord",
            "700 close Fin Quit",
        ]
    );
}

#[test]
fn any_field_can_be_overridden() {
    let variant = Variant::quit().with(VariantOverrides {
        prompt: Some("nickname".into()),
        welcome: Some("Hi %name%, {this} is %name%".into()),
        quit_words: Some(vec!["!off".into()]),
        quit_reply: Some(String::new()),
        echo: Some(false),
        tail: Some("\n".into()),
        ..VariantOverrides::default()
    });
    let mut anna = Client::greeted(variant);
    anna.until(100);
    anna.sends(b"%name%");
    anna.sends(b"{quit}");
    anna.hears_itself("%name%", "{quit}");
    anna.hears("bruno", "ciao");
    anna.until(200);
    anna.sends(b"!off");
    anna.until(1000);
    assert_eq!(
        anna.record(),
        [
            "100 name %name%",
            "100 send Hi %name%, {this} is %name%",
            "100 said {quit}",
            "130 send bruno: ciao\\n",
            "200 left QuitWord",
            "500 close Fin Quit",
        ]
    );
}

#[test]
fn the_built_in_variants_are_found_by_name() {
    for name in Variant::BUILT_IN {
        assert_eq!(Variant::built_in(name).expect("built in").name, name);
    }
    assert_eq!(Variant::built_in("other"), None);
}

#[test]
fn both_braced_words_quit_in_every_server_prefixed_dialect_and_the_bare_one_in_username_only() {
    for variant in [Variant::quit(), Variant::close(), Variant::username()] {
        assert!(variant.is_quit_word("{quit}") && variant.is_quit_word("{close}\r\n"));
        assert!(!variant.is_quit_word("ciao {quit}") && !variant.is_quit_word(" {quit}"));
        assert_eq!(variant.is_quit_word("quit"), variant.name == "username");
    }
    assert!(!Variant::nick().is_quit_word("{quit}") && !Variant::nick().is_quit_word("quit"));
}

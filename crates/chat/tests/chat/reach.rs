//! How far commands reach: what the turns of whoever runs the hall are shared by.

use chat::command::Request;
use chat::reach;

use crate::commands;
use crate::table::Table;

/// Two rooms: sixteen in `#piazza`, the first eight of them in `#loggia` too; and one who is in none.
fn rooms() -> Table {
    let mut table = Table::new();
    for (number, name) in MEMBERS.into_iter().enumerate() {
        table.ask(name, "CONNECT");
        table.ask(name, "JOIN #piazza");
        if number < 8 {
            table.ask(name, "JOIN #loggia");
        }
    }
    table.ask("outsider", "CONNECT");
    table
}

const MEMBERS: [&str; 16] = [
    "anna", "bruno", "carla", "dario", "elena", "fabio", "gina", "hugo", "ivo", "lia", "mara", "nino", "olga", "pia",
    "rita", "sara",
];

#[test]
fn a_command_costs_as_many_names_as_it_goes_through() {
    let mut table = rooms();
    let cases = [
        ("outsider", "JOIN #piazza", 16),
        ("outsider", "JOIN #PIAZZA", 16),
        ("outsider", "JOIN #new", 0),
        ("outsider", "NAMES #piazza,#new,#loggia", 24),
        ("outsider", "WHO #loggia", 8),
        ("outsider", "WHO Anna", 0),
        ("outsider", "WHO *", 17),
        ("outsider", "WHO nobody", 17),
        ("outsider", "LIST", 2),
        // To hand an event on is an eighth of naming somebody.
        ("anna", "PART #piazza", 2),
        ("anna", "QUIT :bye", 3),
        ("anna", "JOIN 0", 3),
        ("anna", "NICK other", 3),
        ("ivo", "NICK other", 2),
        ("outsider", "QUIT :bye", 0),
        ("nobody", "QUIT :bye", 0),
        // What is said is what rooms are for.
        ("anna", "PRIVMSG #piazza :ciao", 0),
        ("anna", "TOPIC #piazza :ciao", 0),
        ("anna", "PING here", 0),
    ];
    for (name, line, cost) in cases {
        let commands = smallvec::smallvec![commands::read(name, line)];
        let request = Request { session: table.session(name), commands };
        assert_eq!(reach::of_request(table.hall.world(), &request), cost, "{name} {line}");
    }
}

#[test]
fn a_request_costs_what_its_commands_cost_together() {
    let mut table = rooms();
    let commands = ["JOIN #piazza", "PING here", "JOIN #loggia"].map(|line| commands::read("outsider", line));
    let request = Request { session: table.session("outsider"), commands: commands.into_iter().collect() };
    assert_eq!(reach::of_request(table.hall.world(), &request), 24);
}

//! Tests of the configuration as a whole.
#![allow(clippy::unwrap_used)]

use super::*;

fn parse(source: &str) -> Result<Config, String> {
    Config::parse(source, Path::new("loggia.toml")).map_err(|errors| errors.to_string())
}

fn complaint(source: &str) -> String {
    parse(source).unwrap_err()
}

/// Every key of the documented interface, with the values of its example.
const INTERFACE: &str = include_str!("../../tests/data/interface.toml");

#[test]
fn the_documented_interface_is_understood() {
    let config = parse(INTERFACE).unwrap();
    assert_eq!(config.listen.len(), 1);
    assert_eq!(config.server, Server::default());
    assert_eq!(config.listen[0], Listen::default());
    assert_eq!(config.accounts, Accounts::default());
    assert_eq!(config.limits, Limits::default());
    assert_eq!(config.history, History::default());
    assert_eq!(config.metadata, Metadata::default());
    assert_eq!(config.relaymsg, Relaymsg::default());
    assert_eq!(config.cluster, Some(Cluster::default()));
    assert_eq!(config.admin, Some(Admin::default()));
    assert_eq!(config.uploads, Uploads::default());
    assert_eq!(config.push, Push::default());
    assert_eq!(config.operator[0].class, OperatorClass::Admin);
}

#[test]
fn every_key_of_the_schema_stands_in_the_documented_interface() {
    let written: toml::Table = toml::from_str(INTERFACE).unwrap();
    for section in SECTIONS {
        let table = &written[section.table.name];
        let table = table.as_array().map_or(table, |entries| &entries[0]);
        for key in section.table.keys {
            let elsewhere = section.table.name == "operator" && key.name == "password";
            assert!(elsewhere || table.get(key.name).is_some(), "{}.{}", section.table.name, key.name);
        }
    }
}

#[test]
fn printed_defaults_are_the_defaults() {
    assert_eq!(parse(&print_defaults()), Ok(Config::default()));
}

#[test]
fn printed_defaults_without_their_comments_are_valid_too() {
    // What stands behind `# ` and looks like a key or a table must be right as well.
    let mut uncommented = String::new();
    for line in print_defaults().lines() {
        let bare = line.strip_prefix("# ").unwrap_or(line);
        let is_toml = toml::from_str::<toml::Table>(bare).is_ok() && !bare.contains('…');
        uncommented.push_str(if is_toml { bare } else { line });
        uncommented.push('\n');
    }
    let config = parse(&uncommented.replace("name = \"admin\"", "name = \"admin\"\npassword = \"x\"")).unwrap();
    assert_eq!(config.listen, [Listen::default()]);
    assert_eq!(config.cluster, Some(Cluster::default()));
    assert_eq!(config.admin, Some(Admin::default()));
}

#[test]
fn every_word_of_the_schema_can_be_read() {
    fn words(kind: schema::Kind) -> &'static [&'static str] {
        match kind {
            schema::Kind::OneOf(words) | schema::Kind::WordOrTable(words, _) => words,
            _ => &[],
        }
    }
    for section in SECTIONS {
        let (name, open, close) = match section.presence {
            Presence::Repeated => (section.table.name, "[[", "]]"),
            _ => (section.table.name, "[", "]"),
        };
        let needed = if name == "operator" { "password = \"x\"" } else { "" };
        for key in section.table.keys {
            for word in words(key.kind) {
                let source = format!("{open}{name}{close}\n{needed}\n{} = \"{word}\"\n", key.name);
                assert!(parse(&source).is_ok(), "{source}: {}", complaint(&source));
            }
        }
    }
}

#[test]
fn unknown_keys_name_the_nearest_known_one() {
    assert_eq!(
        complaint("[server]\nname = \"a\"\n\nduribility = \"disk\"\n"),
        "loggia.toml:4: server.duribility: unknown key; the nearest known one is `durability`"
    );
    assert_eq!(
        complaint("[limits]\nnick-length = 9\n"),
        "loggia.toml:2: limits.nick-length: unknown key; the nearest known one is `nick_length`"
    );
    assert_eq!(
        complaint("[sever]\nname = \"a\"\n"),
        "loggia.toml:1: sever: unknown table; the nearest known one is `[server]`"
    );
    assert_eq!(complaint("motd = []\n"), "loggia.toml:1: motd: this key belongs in [server]");
    assert_eq!(
        complaint("[[listen]]\naddress = \"[::]:1\"\n[[listen]]\naddress = \"[::]:2\"\ndialect = [\"irc\"]\n"),
        "loggia.toml:5: listen[2].dialect: unknown key; the nearest known one is `dialects`"
    );
    assert_eq!(
        complaint("[[listen]]\nplain = { variant = \"nick\", wellcome = \"x\" }\n"),
        "loggia.toml:2: listen[1].plain.wellcome: unknown key; the nearest known one is `welcome`"
    );
    assert_eq!(
        complaint("[server]\nnick_length = 9\n"),
        "loggia.toml:2: server.nick_length: unknown key here; `nick_length` belongs in [limits]"
    );
}

#[test]
fn wrong_values_say_what_is_allowed() {
    assert_eq!(
        complaint("[server]\ndurability = \"ram\"\n"),
        "loggia.toml:2: server.durability: \"disk\" or \"process\" or \"memory\" is allowed here, not \"ram\""
    );
    assert_eq!(
        complaint("[limits]\nnick_length = 0\n"),
        "loggia.toml:2: limits.nick_length: a whole number from 1 to 128 is allowed here, not 0"
    );
    assert_eq!(
        complaint("[limits]\nflood_control = \"yes\"\n"),
        "loggia.toml:2: limits.flood_control: true or false is allowed here, not \"yes\""
    );
    assert_eq!(
        complaint("[limits]\nping_seconds = -1\n"),
        "loggia.toml:2: limits.ping_seconds: a whole number from 1 to 86400 is allowed here, not -1"
    );
    assert_eq!(
        complaint("[[listen]]\naddress = \"53000\"\n"),
        "loggia.toml:2: listen[1].address: an address with a port, such as \"0.0.0.0:53000\", \"[::]:53000\" or \
         \"localhost:6667\" is allowed here, not \"53000\""
    );
    assert_eq!(
        complaint("[[listen]]\ndialects = [\"web\",\n  \"telnet\"]\n"),
        "loggia.toml:3: listen[1].dialects: \"web\", \"irc\" or \"plain\" is allowed in this list, not \"telnet\""
    );
    assert_eq!(
        complaint("[[listen]]\ntls = \"on\"\n"),
        "loggia.toml:2: listen[1].tls: \"off\" or \"auto\" or a table { cert, key } is allowed here, not \"on\""
    );
    assert_eq!(
        complaint("[listen]\n"),
        "loggia.toml:1: listen: write [[listen]] with two brackets: there may be several"
    );
    assert_eq!(complaint("[[server]]\n"), "loggia.toml:1: server: write it as one table, [server]");
}

#[test]
fn broken_toml_has_its_line() {
    let complaint = complaint("[server]\nname = \n");
    assert!(complaint.starts_with("loggia.toml:2: this is not valid TOML: "), "{complaint}");
}

#[test]
fn every_mistake_is_told_in_order_of_lines() {
    let complaint = complaint("[limits]\nzzz = 1\n[history]\nenabled = 3\n[admin]\nadress = \"\"\n");
    let lines: Vec<&str> = complaint.lines().map(|line| &line[..14]).collect();
    assert_eq!(lines, ["loggia.toml:2:", "loggia.toml:4:", "loggia.toml:6:"]);
}

#[test]
fn contradictions_are_told() {
    assert_eq!(
        complaint("[server]\nshards = 2\nhall = \"inline\"\n"),
        "loggia.toml:3: server.hall: \"inline\" needs shards = 1 (or 0)"
    );
    assert_eq!(
        complaint("[[operator]]\nname = \"anna\"\n"),
        "loggia.toml:1: operator[1].password_hash: is needed: `loggia account hash` makes one"
    );
    assert_eq!(
        complaint("[[listen]]\naddress = \"[::]:1\"\n[[listen]]\naddress = \"[::]:1\"\n"),
        "loggia.toml:4: listen[2].address: another [[listen]] has this address already"
    );
    assert_eq!(
        complaint("[[listen]]\ndialects = []\n"),
        "loggia.toml:2: listen[1].dialects: at least one of \"web\", \"irc\" and \"plain\" is needed"
    );
    assert_eq!(
        complaint("[[listen]]\ntls_required = true\n"),
        "loggia.toml:2: listen[1].tls_required: needs `tls = \"auto\"` or a certificate on this listener"
    );
}

#[test]
fn plain_and_tls_are_words_or_tables() {
    let config = parse(
        "[[listen]]\nplain = \"nick\"\ntls = \"auto\"\n[[listen]]\naddress = \"[::]:2\"\n\
         plain = { variant = \"close\", quit_words = [\"!off\"], echo = false, tail = \"\\n\", on_stop = \"fin\" }\n\
         tls = { cert = \"a.pem\", key = \"b.pem\" }\n",
    )
    .unwrap();
    assert_eq!(config.listen[0].plain, PlainVariant::Nick.into());
    assert_eq!(config.listen[0].tls, Tls::Auto);
    let plain = &config.listen[1].plain.0;
    assert_eq!((plain.variant, plain.echo, plain.on_stop), (PlainVariant::Close, Some(false), Some(OnStop::Fin)));
    assert_eq!(plain.quit_words.as_deref(), Some(&["!off".to_owned()][..]));
    assert_eq!(config.listen[1].tls, Tls::Files(TlsFiles { cert: "a.pem".to_owned(), key: "b.pem".to_owned() }));
}

#[test]
fn what_would_be_unsafe_to_leave_out_is_refused() {
    assert!(not_yet::refusals(&Config::default()).is_empty());
    assert!(not_yet::warnings(&Config::default()).is_empty());
    let refusals = not_yet::refusals(&parse("[cluster]").unwrap());
    assert_eq!(refusals, ["[cluster]: this version does not have it yet"]);
    let config = parse("[previews]\nenabled = true").unwrap();
    assert!(not_yet::refusals(&config).is_empty() && not_yet::warnings(&config).is_empty());
    let config = parse("[previews]\nenabled = true\n[uploads]\nenabled = false").unwrap();
    assert_eq!(not_yet::warnings(&config).len(), 1, "links are looked at by the file host");
}

#[test]
fn a_missing_file_is_named() {
    let errors = Config::load(Path::new("/nonexistent/loggia.toml")).unwrap_err();
    assert_eq!(errors.to_string(), "/nonexistent/loggia.toml: there is no such file");
}

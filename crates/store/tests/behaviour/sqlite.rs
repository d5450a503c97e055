//! How SQLite is built: by what `.cargo/config.toml` says.

use rusqlite::Connection;

#[test]
fn the_flags_of_the_build_are_in_it() {
    // It does not tell whether it syncs with `fdatasync`; but it tells what stands beside that.
    let flags = option_env!("LIBSQLITE3_FLAGS").unwrap_or_default();
    assert!(flags.contains("-DHAVE_FDATASYNC=1"), "{flags:?}");
    let connection = Connection::open_in_memory().unwrap();
    let mut options = connection.prepare("PRAGMA compile_options").unwrap();
    let options: Vec<String> = options.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    for flag in flags.split_whitespace().filter_map(|flag| flag.strip_prefix("-DSQLITE_")) {
        assert!(options.iter().any(|option| option == flag), "{flag} is not among {options:?}");
    }
}

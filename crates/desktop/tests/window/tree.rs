//! The accessibility tree: all that a screen reader knows of the window, printed. The difference belongs to the review of a change:
//! `UPDATE=1 cargo test -p desktop --test window tree` writes it anew.

use std::path::Path;

use egui_kittest::Node;

use super::*;

fn print(node: &Node<'_>, depth: usize, out: &mut String) {
    let accessible = node.accesskit_node();
    // Its text has been said already.
    if accessible.role() == Role::TextRun {
        return;
    }
    // What only holds others together is said by nobody.
    let is_said = accessible.role() != Role::GenericContainer || accessible.label().is_some();
    if is_said {
        let indent = "  ".repeat(depth);
        let _ = write!(out, "{indent}{:?}", accessible.role());
        for (name, text) in [("", accessible.label()), ("= ", accessible.value())] {
            if let Some(text) = text.filter(|text| !text.is_empty()) {
                let _ = write!(out, " {name}{text:?}");
            }
        }
        if accessible.is_focused() {
            out.push_str(" (has the keyboard)");
        }
        out.push('\n');
    }
    for child in node.children() {
        print(&child, depth + usize::from(is_said), out);
    }
}

#[test]
fn all_of_it_is_there_for_those_who_listen() {
    let mut harness = shown(joined());
    for line in [
        "@msgid=60;time=2026-01-01T00:01:00.000Z :bob!u@h PRIVMSG #tea :tea for anna, see https://a.example/x",
        "@msgid=61;time=2026-01-01T00:02:00.000Z;+draft/reply=60 :anna!a@b PRIVMSG #tea :coming",
        "@+draft/react=👍;+draft/reply=60 :carl!u@h TAGMSG #tea",
    ] {
        hear(harness.state(), line);
    }
    harness.run_steps(3);
    let mut tree = String::new();
    print(&harness.root(), 0, &mut tree);
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/window/tree.txt");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, &tree).expect("written");
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(tree, kept, "look at the difference; UPDATE=1 writes {} anew", path.display());
}

//! Every kept input through its target, and every folder of inputs a target's.

use std::fs;
use std::path::Path;

use fuzz::{TARGETS, kept};

#[test]
fn every_kept_input_passes() {
    let mut count = 0;
    for target in TARGETS {
        let inputs = kept::inputs(target.name).expect("the kept inputs can be read");
        assert!(!inputs.is_empty(), "nothing is kept for {}", target.name);
        for input in inputs {
            println!("{}", input.path.display());
            (target.run)(&input.bytes);
            count += 1;
        }
    }
    assert!(count >= TARGETS.len());
}

#[test]
fn every_folder_belongs_to_a_target() {
    for kind in ["corpus", "regressions"] {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(kind);
        for entry in fs::read_dir(folder).into_iter().flatten() {
            let name = entry.expect("the folder can be read").file_name();
            let name = name.to_string_lossy();
            assert!(fuzz::target(&name).is_some() || name == "README.md", "{kind}/{name} belongs to no target");
        }
    }
}

#[test]
fn an_empty_input_and_every_single_byte_pass() {
    for target in TARGETS {
        (target.run)(b"");
        for byte in 0..=u8::MAX {
            (target.run)(&[byte]);
        }
    }
}

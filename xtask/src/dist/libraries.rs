//! What a program needs from the system that runs it: the C library from which version on, and nothing that no package names.

use anyhow::{Context as _, Result, bail};
use object::Endianness;
use object::elf::FileHeader64;
use object::read::elf::FileHeader as _;

/// Returns the packages of Debian that a program needs, with their versions.
///
/// # Errors
///
/// It is no program of a 64-bit Linux, or it is linked with another library than those that every system has.
pub(super) fn needs(program: &[u8]) -> Result<String> {
    let header = FileHeader64::<Endianness>::parse(program).context("not a program of a 64-bit Linux")?;
    let endian = header.endian()?;
    let sections = header.sections(endian, program)?;
    let (mut needed, names) = sections.gnu_verneed(endian, program)?.context("it says nothing of what it needs")?;
    let names = sections.strings(endian, program, names)?;
    let (mut newest, mut packages) = ((0, 0), Vec::new());
    while let Some((library, mut versions)) = needed.next()? {
        let name = std::str::from_utf8(library.file(endian, names)?)?;
        match name {
            "libgcc_s.so.1" => packages.push("libgcc-s1".to_owned()),
            "libc.so.6" | "libm.so.6" => {}
            // The loader comes with the C library.
            name if name.starts_with("ld-linux") || name.starts_with("ld64") => {}
            other => bail!("it is linked with {other}: one file is not enough then, and the packages have to name it"),
        }
        while let Some(version) = versions.next()? {
            newest = newest.max(version_of_c_library(std::str::from_utf8(version.name(endian, names)?)?));
        }
    }
    packages.insert(0, format!("libc6 (>= {}.{})", newest.0, newest.1));
    Ok(packages.join(", "))
}

/// Reads `GLIBC_2.34`; what is not of the C library needs none of its versions.
fn version_of_c_library(name: &str) -> (u32, u32) {
    // Relocations in a shorter form: since 2.36.
    if name == "GLIBC_ABI_DT_RELR" {
        return (2, 36);
    }
    let numbers = name.strip_prefix("GLIBC_").and_then(|version| version.split_once('.'));
    let read = |(major, minor): (&str, &str)| Some((major.parse().ok()?, minor.split('.').next()?.parse().ok()?));
    numbers.and_then(read).unwrap_or((0, 0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_numbers() {
        assert_eq!(version_of_c_library("GLIBC_2.34"), (2, 34));
        assert_eq!(version_of_c_library("GLIBC_2.2.5"), (2, 2));
        assert_eq!(version_of_c_library("GLIBC_ABI_DT_RELR"), (2, 36));
        assert_eq!(version_of_c_library("GCC_3.0"), (0, 0));
    }

    #[test]
    fn this_test_needs_a_c_library() {
        let program = std::fs::read(std::env::current_exe().expect("a path")).expect("a program");
        let needs = needs(&program).expect("packages");
        assert!(needs.starts_with("libc6 (>= 2."), "{needs}");
        assert!(super::needs(b"#!/bin/sh").is_err());
    }
}

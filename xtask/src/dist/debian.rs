//! Debian packages. Format: deb(5), deb-control(5), ar(5).

use std::env::consts::ARCH;
use std::fmt::Write as _;

use anyhow::{Result, bail};

use super::files::Files;

/// Nobody is written to there: who maintains a package is who hands it out.
const MAINTAINER: &str = "The Loggia authors <loggia@packages.invalid>";

/// A package.
pub(super) struct Package {
    pub(super) name: &'static str,
    pub(super) version: String,
    pub(super) depends: String,
    /// Empty: nothing.
    pub(super) recommends: String,
    /// One line.
    pub(super) summary: &'static str,
    /// Lines.
    pub(super) description: &'static str,
    pub(super) files: Files,
    /// Files that belong to the person, with a slash at the beginning.
    pub(super) configuration: &'static [&'static str],
    /// What is run when it is installed or removed, by its name.
    pub(super) scripts: Vec<(&'static str, Vec<u8>)>,
}

impl Package {
    /// Returns what its file is called.
    ///
    /// # Errors
    ///
    /// Debian has no name for this machine.
    pub(super) fn file_name(&self) -> Result<String> {
        Ok(format!("{}_{}_{}.deb", self.name, self.version, architecture()?))
    }

    /// Returns its bytes.
    ///
    /// # Errors
    ///
    /// Debian has no name for this machine, or a path is too long.
    pub(super) fn write(&self, time: u64) -> Result<Vec<u8>> {
        let mut control = Files::default();
        control.add("control", 0o644, self.control()?.into_bytes());
        if !self.configuration.is_empty() {
            control.add("conffiles", 0o644, format!("{}\n", self.configuration.join("\n")).into_bytes());
        }
        for (name, script) in &self.scripts {
            control.add(name, 0o755, script.clone());
        }
        let mut deb = b"!<arch>\n".to_vec();
        add(&mut deb, "debian-binary", time, b"2.0\n");
        add(&mut deb, "control.tar.gz", time, &control.gzipped_tar(time)?);
        add(&mut deb, "data.tar.gz", time, &self.files.gzipped_tar(time)?);
        Ok(deb)
    }

    fn control(&self) -> Result<String> {
        let Self { name, version, depends, summary, .. } = self;
        let kibibytes = self.files.size().div_ceil(1024);
        let mut text = format!(
            "Package: {name}\nVersion: {version}\nArchitecture: {}\nMaintainer: {MAINTAINER}\n\
             Installed-Size: {kibibytes}\nSection: net\nPriority: optional\nDepends: {depends}\n",
            architecture()?
        );
        if !self.recommends.is_empty() {
            let _ = writeln!(text, "Recommends: {}", self.recommends);
        }
        let _ = writeln!(text, "Description: {summary}");
        for line in self.description.lines() {
            let _ = writeln!(text, " {}", line.trim());
        }
        Ok(text)
    }
}

/// Returns what Debian calls this machine's processor.
fn architecture() -> Result<&'static str> {
    Ok(match ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        "riscv64" => "riscv64",
        "powerpc64" => "ppc64el",
        "s390x" => "s390x",
        other => bail!("what Debian calls `{other}` is not known here (xtask/src/dist/debian.rs)"),
    })
}

/// Adds a file to an archive of `ar`: a head of 60 letters, the bytes, and one more where their number is odd.
fn add(archive: &mut Vec<u8>, name: &str, time: u64, bytes: &[u8]) {
    let head = format!("{name:<16}{time:<12}{:<6}{:<6}{:<8}{:<10}`\n", 0, 0, "100644", bytes.len());
    archive.extend(head.as_bytes());
    archive.extend(bytes);
    if !bytes.len().is_multiple_of(2) {
        archive.push(b'\n');
    }
}

//! `cargo xtask dist`: what is handed out. One archive with everything, and two Debian packages: `loggia` (the server, and the client
//! for terminals) and `loggia-desktop` (the window, which needs what windows need).
//!
//! All is written by this program, with nothing but `strip` from the machine: the same sources give the same files, on any
//! distribution. Man pages and completions come from the programs themselves (`--write-manual`).

use std::env::consts::ARCH;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail, ensure};
use cargo_metadata::MetadataCommand;

mod debian;
mod files;
mod libraries;

use debian::Package;
use files::Files;

/// What the window opens while it starts, by Debian's names: it looks for these when it needs them, so its file does not name
/// them. Either way of drawing is enough, and so is either kind of desktop.
const WINDOW_NEEDS: &str =
    "libgl1, libegl1, libxkbcommon0, libx11-6, libx11-xcb1, libxcursor1, libxi6, libxkbcommon-x11-0";

/// What makes it better and is not needed: Wayland, colour emoji, and a place for passwords.
const WINDOW_LIKES: &str =
    "libwayland-client0, libwayland-egl1, fonts-noto-color-emoji, gnome-keyring | kwalletmanager";

/// Where programs are stripped and write their manual, beside what comes of it.
const WORK: &str = "work";

/// What is asked for on the command line.
#[derive(Default)]
struct Asked {
    /// Programs that were built before; without them, they are built.
    server: Option<PathBuf>,
    desktop: Option<PathBuf>,
    /// Where the files go.
    out: Option<PathBuf>,
}

/// What every part needs to know.
struct Release {
    root: PathBuf,
    version: String,
    /// When the sources were changed last, in seconds since 1970: the time of every file.
    time: u64,
}

/// A program, ready to be handed out.
struct Program {
    bytes: Vec<u8>,
    /// What it needs, by Debian's names.
    needs: String,
    /// Its man pages and completions, by name.
    manual: Vec<(String, Vec<u8>)>,
}

/// Makes the files.
///
/// # Errors
///
/// A wrong command line, a program that cannot be built or is linked with something that no package names, a file that cannot be
/// written.
pub(crate) fn run(words: &[&str]) -> Result<()> {
    let asked = read(words)?;
    let metadata = MetadataCommand::new().no_deps().exec().context("cannot read the workspace")?;
    let root = metadata.workspace_root.clone().into_std_path_buf();
    let package = metadata.packages.iter().find(|package| package.name == "server");
    let version = package.context("there is no package `server`")?.version.to_string();
    let release = Release { time: time(&root)?, version, root };
    let built = metadata.target_directory.join("release").into_std_path_buf();
    if asked.server.is_none() || asked.desktop.is_none() {
        build()?;
    }
    let out = asked.out.unwrap_or_else(|| metadata.target_directory.join("dist").into_std_path_buf());
    fs::create_dir_all(&out).with_context(|| format!("cannot make {}", out.display()))?;
    let server = program(&asked.server.unwrap_or_else(|| built.join("loggia")), &out)?;
    let desktop = program(&asked.desktop.unwrap_or_else(|| built.join("loggia-desktop")), &out)?;

    let name = format!("loggia-{}-linux-{ARCH}", release.version);
    let mut all = server_files(&release, &server, "/usr/local/bin")?;
    all.add("share/doc/loggia/loggia.toml", 0o644, read_file(&release.root.join("packaging/loggia.toml"))?);
    all.extend(desktop_files(&release, &desktop)?);
    let archive = all.under(&name).gzipped_tar(release.time)?;
    put(&out, &format!("{name}.tar.gz"), &archive)?;
    for package in [server_package(&release, &server)?, desktop_package(&release, &desktop)?] {
        put(&out, &package.file_name()?, &package.write(release.time)?)?;
    }
    fs::remove_dir_all(out.join(WORK)).with_context(|| format!("cannot remove {}", out.join(WORK).display()))
}

fn read(words: &[&str]) -> Result<Asked> {
    let mut asked = Asked::default();
    let mut words = words.iter();
    while let Some(word) = words.next() {
        let place = match *word {
            "--server" => &mut asked.server,
            "--desktop" => &mut asked.desktop,
            "--out" => &mut asked.out,
            other => bail!("dist knows --server FILE, --desktop FILE and --out DIR, not `{other}`"),
        };
        *place = Some(words.next().with_context(|| format!("`{word}` without what comes behind it"))?.into());
    }
    Ok(asked)
}

/// Builds both programs.
fn build() -> Result<()> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let built =
        Command::new(cargo).args(["build", "--release", "--package", "server", "--package", "desktop"]).status();
    ensure!(built.context("cannot start cargo")?.success(), "the programs cannot be built");
    Ok(())
}

/// Returns when the sources were changed last: of two builds of the same sources, no byte is different.
fn time(root: &Path) -> Result<u64> {
    let said = std::env::var("SOURCE_DATE_EPOCH").ok();
    let said = said.or_else(|| {
        let log = Command::new("git").args(["log", "-1", "--format=%ct"]).current_dir(root).output().ok()?;
        String::from_utf8(log.stdout).ok().filter(|_| log.status.success())
    });
    let said = said.context("this is no checkout of git: say the time of the sources in SOURCE_DATE_EPOCH")?;
    said.trim().parse().with_context(|| format!("`{}` is no time in seconds since 1970", said.trim()))
}

/// Strips a copy of a program, looks what it needs, and lets it write its manual.
fn program(path: &Path, out: &Path) -> Result<Program> {
    let name = path.file_name().context("a program has a name")?;
    let work = out.join(WORK).join(name);
    if work.exists() {
        fs::remove_dir_all(&work).with_context(|| format!("cannot empty {}", work.display()))?;
    }
    fs::create_dir_all(&work).with_context(|| format!("cannot make {}", work.display()))?;
    let (stripped, manual) = (work.join("program"), work.join("manual"));
    run_command(Command::new("strip").arg("-o").arg(&stripped).arg(path))?;
    run_command(Command::new(path).arg("--write-manual").arg(&manual))?;
    let mut pages = Vec::new();
    for file in fs::read_dir(&manual).with_context(|| format!("cannot read {}", manual.display()))? {
        let file = file?;
        let name =
            file.file_name().into_string().map_err(|name| anyhow::anyhow!("a page is called {}", name.display()))?;
        pages.push((name, read_file(&file.path())?));
    }
    let bytes = read_file(&stripped)?;
    let needs = libraries::needs(&bytes).with_context(|| format!("what {} needs", path.display()))?;
    Ok(Program { bytes, needs, manual: pages })
}

fn run_command(command: &mut Command) -> Result<()> {
    let status = command.status().with_context(|| format!("cannot start {command:?}"))?;
    ensure!(status.success(), "{command:?} ended with {status}");
    Ok(())
}

/// The server and the client for terminals, under a prefix such as `/usr`. `bin`: where the program will stand.
fn server_files(release: &Release, server: &Program, bin: &str) -> Result<Files> {
    let mut files = Files::default();
    files.add("bin/loggia", 0o755, server.bytes.clone());
    add_manual(&mut files, server)?;
    let unit = String::from_utf8(read_file(&release.root.join("packaging/loggia.service"))?)?.replace("@BIN@", bin);
    files.add("lib/systemd/system/loggia.service", 0o644, unit.into_bytes());
    add_documents(&mut files, release, "loggia")?;
    Ok(files)
}

/// The window.
fn desktop_files(release: &Release, desktop: &Program) -> Result<Files> {
    let mut files = Files::default();
    files.add("bin/loggia-desktop", 0o755, desktop.bytes.clone());
    add_manual(&mut files, desktop)?;
    for (from, to) in [
        ("packaging/chat.loggia.Desktop.desktop", "share/applications/chat.loggia.Desktop.desktop"),
        ("web/static/icon.svg", "share/icons/hicolor/scalable/apps/chat.loggia.Desktop.svg"),
    ] {
        files.add(to, 0o644, read_file(&release.root.join(from))?);
    }
    add_documents(&mut files, release, "loggia-desktop")?;
    Ok(files)
}

/// Puts man pages and completions where man and the shells look for them.
fn add_manual(files: &mut Files, program: &Program) -> Result<()> {
    for (name, bytes) in &program.manual {
        if name.ends_with(".1") {
            files.add(&format!("share/man/man1/{name}.gz"), 0o644, files::gzip(bytes)?);
        } else if let Some(command) = name.strip_suffix(".bash") {
            files.add(&format!("share/bash-completion/completions/{command}"), 0o644, bytes.clone());
        } else if let Some(command) = name.strip_suffix(".fish") {
            files.add(&format!("share/fish/vendor_completions.d/{command}.fish"), 0o644, bytes.clone());
        } else {
            files.add(&format!("share/zsh/vendor-completions/{name}"), 0o644, bytes.clone());
        }
    }
    Ok(())
}

/// The licences, in the form that Debian asks for, and what has changed.
fn add_documents(files: &mut Files, release: &Release, package: &str) -> Result<()> {
    let mut licences =
        b"Loggia may be used under the MIT licence or under the Apache licence, version 2.0, as you like.\n\n".to_vec();
    for licence in ["LICENSE-MIT", "LICENSE-APACHE"] {
        licences.extend(read_file(&release.root.join(licence))?);
    }
    files.add(&format!("share/doc/{package}/copyright"), 0o644, licences);
    let changes = read_file(&release.root.join("CHANGELOG.md"))?;
    files.add(&format!("share/doc/{package}/changelog.gz"), 0o644, files::gzip(&changes)?);
    Ok(())
}

fn server_package(release: &Release, server: &Program) -> Result<Package> {
    let script =
        |name: &'static str| Ok::<_, anyhow::Error>((name, read_file(&release.root.join("packaging").join(name))?));
    let mut files = server_files(release, server, "/usr/bin")?.under("usr");
    files.add("etc/loggia/loggia.toml", 0o644, read_file(&release.root.join("packaging/loggia.toml"))?);
    Ok(Package {
        name: "loggia",
        version: release.version.clone(),
        depends: server.needs.clone(),
        recommends: String::new(),
        summary: "chat server: browsers, IRC clients and plain nc in the same rooms",
        description: "One program with no configuration: rooms, history, search, files and accounts for everybody\n\
                      on a network, by IRCv3, WebSocket, a page for browsers, and plain sockets. With a client\n\
                      for terminals (loggia chat).",
        files,
        configuration: &["/etc/loggia/loggia.toml"],
        scripts: vec![script("postinst")?, script("prerm")?, script("postrm")?],
    })
}

fn desktop_package(release: &Release, desktop: &Program) -> Result<Package> {
    Ok(Package {
        name: "loggia-desktop",
        version: release.version.clone(),
        depends: format!("{}, {WINDOW_NEEDS}", desktop.needs),
        recommends: WINDOW_LIKES.to_owned(),
        summary: "chat client with a window, for Loggia and IRC",
        description: "Rooms, direct messages, history, search, files, reactions and edits, on Loggia, on any server\n\
                      that speaks IRC, and on the chat servers of classrooms. What is written while the server is\n\
                      away is kept, and sent once.",
        files: desktop_files(release, desktop)?.under("usr"),
        configuration: &[],
        scripts: Vec::new(),
    })
}

fn read_file(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).with_context(|| format!("cannot read {}", path.display()))
}

fn put(out: &Path, name: &str, bytes: &[u8]) -> Result<()> {
    let path = out.join(name);
    fs::write(&path, bytes).with_context(|| format!("cannot write {}", path.display()))?;
    println!("{}", path.display());
    Ok(())
}

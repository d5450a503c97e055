//! Other people's servers, started with settings that match ours: no throttles, no DNS, no ident.

use std::fs::{self, File};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, bail};

use crate::chance::Chance;
use crate::clock;
use crate::server_process::Process;

/// How long such a server may take until it accepts connections.
const START_WAIT: Duration = Duration::from_secs(20);

/// Between two looks whether it does.
const START_STEP: Duration = Duration::from_millis(10);

/// `nobody` on every Linux system: who a server runs as that does not want to be root, when we are.
const NOBODY: u32 = 65_534;

/// A program that we know how to start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Foreign {
    InspIrcd,
    NgIrcd,
    IrcdHybrid,
}

impl Foreign {
    /// All of them.
    pub(crate) const ALL: [Self; 3] = [Self::InspIrcd, Self::NgIrcd, Self::IrcdHybrid];

    /// Returns the name of the program, and of its Debian package.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::InspIrcd => "inspircd",
            Self::NgIrcd => "ngircd",
            Self::IrcdHybrid => "ircd-hybrid",
        }
    }

    /// Finds the program where Debian has it, or on the `PATH`.
    pub(crate) fn find(self) -> anyhow::Result<PathBuf> {
        let path = std::env::var_os("PATH").unwrap_or_default();
        std::env::split_paths(&path)
            .chain([PathBuf::from("/usr/sbin")])
            .map(|directory| directory.join(self.name()))
            .find(|program| program.is_file())
            .with_context(|| {
                let name = self.name();
                format!("there is no {name} here: install Debian's package {name}, or say where it is (--server {name}=PROGRAM)")
            })
    }

    /// Starts it in a directory of its own and waits until it accepts connections.
    pub(crate) fn start(self, program: &Path, directory: &Path) -> anyhow::Result<(Process, SocketAddr)> {
        let address = free_address()?;
        let log_path = directory.join("log");
        let log = File::create(&log_path).with_context(|| format!("cannot create {}", log_path.display()))?;
        let mut command = Command::new(program);
        self.configure(directory, address.port(), &mut command)?;
        let child = command
            .current_dir(directory)
            .stdin(Stdio::null())
            .stdout(log.try_clone().context("cannot share the log")?)
            .stderr(log)
            .spawn()
            .with_context(|| format!("cannot start {}", program.display()))?;
        let mut process = Process(child);
        let until = clock::now() + START_WAIT;
        while TcpStream::connect(address).is_err() {
            if clock::now() > until || process.has_ended() {
                let log = fs::read(&log_path).unwrap_or_default();
                bail!("{} does not accept connections:\n{}", self.name(), String::from_utf8_lossy(&log));
            }
            clock::pause(START_STEP);
        }
        Ok((process, address))
    }

    /// Writes its configuration, and says how it is called.
    fn configure(self, directory: &Path, port: u16, command: &mut Command) -> anyhow::Result<()> {
        let template = match self {
            Self::InspIrcd => include_str!("foreign/inspircd.conf"),
            Self::NgIrcd => include_str!("foreign/ngircd.conf"),
            Self::IrcdHybrid => include_str!("foreign/ircd-hybrid.conf"),
        };
        let place = directory.to_str().context("the directory's name is not UTF-8")?;
        let path = directory.join("server.conf");
        let text = template.replace("%PORT%", &port.to_string()).replace("%DIRECTORY%", place);
        fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
        fs::write(directory.join("motd"), "bench\n").context("cannot write a message of the day")?;
        let is_root = rustix::process::geteuid().is_root();
        match self {
            Self::InspIrcd => {
                command.arg("--config").arg(&path).args(["--nofork", "--nopid", "--nolog"]);
                command.args(is_root.then_some("--runasroot"));
            }
            Self::NgIrcd => {
                command.arg("--nodaemon").arg("--config").arg(&path);
            }
            Self::IrcdHybrid => {
                command.arg("-foreground").arg("-configfile").arg(&path);
                for (option, file) in [
                    ("-logfile", "server.log"),
                    ("-pidfile", "pid"),
                    ("-klinefile", "klines"),
                    ("-dlinefile", "dlines"),
                    ("-xlinefile", "xlines"),
                    ("-resvfile", "resvs"),
                ] {
                    command.arg(option).arg(directory.join(file));
                }
                if is_root {
                    std::os::unix::fs::chown(directory, Some(NOBODY), Some(NOBODY))
                        .context("cannot give the directory to the server")?;
                    command.uid(NOBODY).gid(NOBODY);
                }
            }
        }
        Ok(())
    }
}

/// Finds a port of this machine that is free now, below those that the system gives to connections: nobody takes it meanwhile by
/// chance.
fn free_address() -> anyhow::Result<SocketAddr> {
    const PORTS: std::ops::Range<u64> = 20_000..32_000;
    let mut chance = Chance::new(u64::from(std::process::id()), 0);
    for _ in 0..1000 {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, u16::try_from(chance.within(PORTS))?));
        if TcpListener::bind(address).is_ok() {
            return Ok(address);
        }
    }
    bail!("no port of this machine is free")
}

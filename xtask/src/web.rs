//! `cargo xtask web`: the page in which networks are trained, as a folder that any server can serve.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};

use crate::binary::root;

/// What the page is compiled for.
const TARGET: &str = "wasm32-unknown-unknown";
/// Vector instructions, which every browser has since 2023.
const SIMD: &str = "-C target-feature=+simd128";

/// Build the page that trains in a browser, and serve it
///
/// Compiles examples/browser to WebAssembly, makes JavaScript for it, and puts both beside the page in a folder without
/// any other host. Installs the compiler's target with rustup where it is missing.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  cargo xtask web --serve            build the page and open it at the address that is printed
  cargo xtask web --out public/ebm   build it into a folder for a server of your own")]
pub struct Args {
    /// Folder of the page
    #[arg(long, value_name = "DIR", default_value = "target/page")]
    out: PathBuf,

    /// Serve the folder to this computer until interrupted
    #[arg(long)]
    serve: bool,

    /// Port to serve on; 0 for any that is free
    #[arg(long, value_name = "PORT", default_value_t = 8000, requires = "serve")]
    port: u16,
}

/// Builds the page, and serves it if asked to.
///
/// # Errors
/// When something cannot be built or served.
pub fn web(args: &Args) -> Result<()> {
    let root = root();
    install_target()?;
    let module = compile(&root)?;
    let mut bundle = cargo(&root);
    bundle.args(["run", "--quiet", "--locked", "--package", "xtask", "--features", "web", "--bin", "bundle", "--"]);
    bundle.arg("--module").arg(&module).arg("--page").arg(root.join("examples/browser/page"));
    bundle.arg("--data").arg(root.join("examples/engel.csv"));
    bundle.arg("--out").arg(std::path::absolute(&args.out)?);
    if args.serve {
        bundle.args(["--serve", &args.port.to_string()]);
    }
    run(&mut bundle)
}

/// Adds the target to the toolchain, if it is not there.
fn install_target() -> Result<()> {
    let found = Command::new("rustc").args(["--print", "target-libdir", "--target", TARGET]).output();
    let found = found.context("starting rustc")?;
    if Path::new(String::from_utf8_lossy(&found.stdout).trim()).exists() {
        return Ok(());
    }
    let added = run(Command::new("rustup").args(["target", "add", TARGET]));
    added.with_context(|| format!("the compiler has no target {TARGET}: install it"))
}

/// Compiles the module; its path.
fn compile(root: &Path) -> Result<PathBuf> {
    let target = env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), |target| root.join(target));
    let mut build = cargo(root);
    build.args(["build", "--locked", "--package", "ebm-browser", "--profile", "web", "--target", TARGET]);
    build.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS", SIMD).env_remove("RUSTFLAGS");
    run(&mut build)?;
    Ok(target.join(TARGET).join("web").join("ebm_browser.wasm"))
}

fn cargo(root: &Path) -> Command {
    // Cargo sets CARGO to itself when it runs an xtask.
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo")));
    command.current_dir(root).stdin(Stdio::null());
    command
}

fn run(command: &mut Command) -> Result<()> {
    let status = command.status().with_context(|| format!("starting {:?}", command.get_program()))?;
    ensure!(status.success(), "{command:?} failed ({status})");
    Ok(())
}

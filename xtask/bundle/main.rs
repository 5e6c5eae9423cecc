//! Makes a page of a built module, and serves it: the second half of `cargo xtask web`.

mod serve;

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use clap::Parser;
use flate2::Compression;
use flate2::write::GzEncoder;
use wasm_bindgen_cli_support::Bindgen;

/// The folder of the module within the page.
const MODULE: &str = "module";
/// The name of the module and its JavaScript.
const NAME: &str = "ebm_browser";

/// Make a page of a built module.
#[derive(Parser)]
struct Cli {
    /// The module that Cargo built
    #[arg(long)]
    module: PathBuf,

    /// Folder of the hand-written page
    #[arg(long)]
    page: PathBuf,

    /// Data sets to put beside it
    #[arg(long)]
    data: Vec<PathBuf>,

    /// Folder to write
    #[arg(long)]
    out: PathBuf,

    /// Serve the folder on this port of the loopback address
    #[arg(long)]
    serve: Option<u16>,
}

fn main() -> Result<()> {
    let cli = Cli::parse();
    bundle(&cli)?;
    cli.serve.map_or(Ok(()), |port| serve::serve(&cli.out, port))
}

/// Writes the page and tells its size.
fn bundle(cli: &Cli) -> Result<()> {
    let folder = cli.out.join(MODULE);
    fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let mut bindgen = Bindgen::new();
    bindgen.input_path(&cli.module).web(true)?.typescript(false).remove_name_section(true).out_name(NAME);
    bindgen.generate(&folder).with_context(|| format!("making JavaScript of {}", cli.module.display()))?;
    let module = folder.join(format!("{NAME}_bg.wasm"));
    for entry in fs::read_dir(&cli.page).with_context(|| format!("listing {}", cli.page.display()))? {
        copy(&entry?.path(), &cli.out)?;
    }
    for data in &cli.data {
        copy(data, &cli.out)?;
    }
    let bytes = fs::read(&module)?;
    let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
    gzip.write_all(&bytes)?;
    let compressed = gzip.finish()?.len();
    let megabytes = |bytes: usize| bytes as f64 / 1e6;
    println!(
        "{}: module {:.2} MB, {:.2} MB after gzip",
        cli.out.display(),
        megabytes(bytes.len()),
        megabytes(compressed)
    );
    Ok(())
}

fn copy(file: &Path, folder: &Path) -> Result<()> {
    let name = file.file_name().context("a file has a name")?;
    fs::copy(file, folder.join(name)).with_context(|| format!("copying {}", file.display()))?;
    Ok(())
}

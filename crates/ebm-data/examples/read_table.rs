//! How fast a table is read, and in how much memory.
//!
//! `cargo run --release -p ebm-data --example read_table -- make table.csv 1000000` writes rows of ten columns;
//! `… -- read table.csv` reads them as for training, `… -- check table.csv` checks them, `… -- stream table.csv` reads
//! them in chunks, as for predicting. Peak memory is printed where the system tells it.

use ebm_data::table::{self, Against, OnMissing, Shares, TableOptions, Targets};
use std::env::args;
use std::error::Error;
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::Path;
use std::time::Instant;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = args().skip(1).collect();
    let [task, path, rest @ ..] = &arguments[..] else { return Err("say what to do, and with which file".into()) };
    let path = Path::new(path);
    if task == "make" {
        return Ok(make(path, rest.first().map_or(Ok(1_000_000), |rows| rows.parse())?)?);
    }
    let options = TableOptions::new(["y"]);
    let shares = Shares { validation: 0.1, ..Shares::NONE };
    let start = Instant::now();
    let rows = match task.as_str() {
        "read" => {
            let parts = table::read(path, &options, &shares, 7)?;
            println!("{} inputs", parts.schema.input_width());
            parts.train.len() + parts.validation.map_or(0, |table| table.len())
        }
        "check" => table::check(path, &options, &Against::Split { shares, seed: 7 })?.rows,
        "stream" => {
            let schema = table::read(path, &options, &Shares::NONE, 7)?.schema;
            let chunks = table::stream(path, &schema, 4096, OnMissing::Refuse, Targets::IfPresent)?;
            chunks.map(|chunk| chunk.map(|chunk| chunk.len())).sum::<Result<usize, _>>()?
        }
        other => return Err(format!("{other} is none of make, read, check and stream").into()),
    };
    let (seconds, bytes) = (start.elapsed().as_secs_f64(), fs::metadata(path)?.len() as f64);
    println!("{task}: {rows} rows, {:.0} MB, {seconds:.2} s, {:.0} MB/s", bytes / 1e6, bytes / 1e6 / seconds);
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    status.lines().filter(|line| line.starts_with("VmHWM")).for_each(|line| println!("{line}"));
    Ok(())
}

/// Seven numbers, a word of twelve, a date, and a target.
fn make(path: &Path, rows: usize) -> std::io::Result<()> {
    let mut file = BufWriter::new(File::create(path)?);
    writeln!(file, "a,b,c,d,e,f,g,word,day,y")?;
    let mut state = 1_u64;
    for row in 0..rows {
        for _ in 0..7 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            write!(file, "{:.6},", (state >> 40) as f64 / 1e5)?;
        }
        writeln!(file, "word{},2024-{:02}-{:02},{:.4}", state % 12, 1 + row % 12, 1 + row % 28, (state >> 45) as f64)?;
    }
    file.flush()
}

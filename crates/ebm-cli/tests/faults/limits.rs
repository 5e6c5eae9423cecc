//! What is refused because it has no end, is too much, or would be obeyed by a terminal.

use std::io::Write;
use std::process::Command;
use std::time::{Duration, Instant};

use flate2::Compression;
use flate2::write::GzEncoder;
use ruzstd::encoding::{CompressionLevel, compress_to_vec};

use crate::sandbox::{Sandbox, stderr};

/// Nothing here takes longer, even on a busy machine; what has no end takes for ever.
const PATIENCE: Duration = Duration::from_secs(20);

/// What is said when this ends with this code, which it does soon.
fn refused(sandbox: &Sandbox, exit: i32, args: &str) -> String {
    let start = Instant::now();
    let mut child = sandbox.spawn(args);
    while child.try_wait().expect("waited").is_none() {
        if start.elapsed() > PATIENCE {
            child.kill().expect("killed");
            panic!("{args}: still running after {PATIENCE:?}");
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    let output = child.wait_with_output().expect("it ended");
    let message = stderr(&output);
    assert_eq!(output.status.code(), Some(exit), "{args}: {message}");
    assert!(!message.contains("panicked"), "{args}: {message}");
    message
}

fn says(message: &str, parts: &[&str]) {
    parts.iter().for_each(|part| assert!(message.contains(part), "{part:?}: {message}"));
}

#[cfg(unix)]
#[test]
fn pipes_and_devices_are_refused_wherever_a_file_is_read() {
    let sandbox = Sandbox::trained();
    std::fs::create_dir(sandbox.path("images")).expect("a folder");
    for pipe in ["pipe.csv", "images/a.png"] {
        assert!(Command::new("mkfifo").arg(sandbox.path(pipe)).status().expect("mkfifo").success());
    }
    sandbox.write("labels.csv", "file,y\na.png,1\n");
    for (exit, args) in [
        (66, "check pipe.csv --target y"),
        (66, "check /dev/zero --target y"),
        (66, "train pipe.csv --target y --out m"),
        (66, "train --train-file pipe.csv --out m"),
        (66, "train --config /dev/zero --out m"),
        (66, "train --config pipe.csv --out m"),
        (66, "train --images images --labels labels.csv --target y --out m"),
        (66, "train --images images --labels pipe.csv --target y --out m"),
        (66, "predict run /dev/zero"),
        (66, "data inspect pipe.csv"),
        (66, "import pipe.csv --out m"),
    ] {
        says(&refused(&sandbox, exit, args), &["a pipe or a device"]);
    }
    for file in ["run.json", "model.json", "model.safetensors", "metrics.jsonl"] {
        let sandbox = Sandbox::trained();
        std::fs::remove_file(sandbox.path("run").join(file)).expect("there is one");
        std::os::unix::fs::symlink("/dev/zero", sandbox.path("run").join(file)).expect("a link");
        let args = if file == "metrics.jsonl" { "plot curves run --out a.svg" } else { "predict run --x 1" };
        says(&refused(&sandbox, 66, args), &[file, "a pipe or a device"]);
    }
}

#[test]
fn a_configuration_has_a_size() {
    let sandbox = Sandbox::new();
    sandbox.write("c.toml", "#".repeat(2 << 20));
    says(&refused(&sandbox, 78, "train --config c.toml"), &["c.toml", "over the limit of 1048576"]);
}

#[test]
fn damaged_parquet_ends_soon_and_without_panic_text() {
    let endless = include_bytes!("endless.parquet");
    let sandbox = Sandbox::new();
    sandbox.write("endless.parquet", endless);
    says(&refused(&sandbox, 65, "check endless.parquet --target y"), &["endless.parquet", "damaged"]);
    // Each byte of the pages and of the footer's structure changed, one after the other in one go would be slow.
    for at in (4..endless.len() - 8).step_by(97) {
        let mut bytes = endless.to_vec();
        bytes[at] ^= 0xff;
        sandbox.write("damaged.parquet", &bytes);
        let output = sandbox.ebm("check damaged.parquet --target y").output().expect("ebm starts");
        assert!(!stderr(&output).contains("panicked"), "byte {at}: {}", stderr(&output));
    }
}

#[test]
fn a_table_is_checked_in_time_linear_in_its_columns() {
    let sandbox = Sandbox::new();
    let table = |columns: usize| {
        let line = |cell: &dyn Fn(usize) -> String| (0..columns).map(cell).collect::<Vec<_>>().join(",");
        let row = |row: usize| line(&move |column: usize| ((row * 7 + column * 3) % 11).to_string());
        [line(&|column: usize| format!("c{column}")), row(1), row(2), row(3), row(5)].join("\n")
    };
    let seconds = |columns: usize| {
        sandbox.write("wide.csv", table(columns));
        let start = Instant::now();
        let output = sandbox.ebm("check wide.csv --target c0").output().expect("ebm starts");
        assert!(output.status.success(), "{}", stderr(&output));
        start.elapsed().as_secs_f64()
    };
    let (some, many) = (seconds(10_000), seconds(100_000));
    // Ten times the columns; quadratic, it would be a hundred times, and 18 s.
    assert!(many < 30.0 * some.max(0.05), "{some} s and {many} s");
}

#[test]
fn damaged_metrics_are_damaged_data_whatever_reads_them() {
    let sandbox = Sandbox::trained();
    for damage in
        [&b"\xff\xfe\n"[..], b"{\"epoch\":1,\"losses\":{}", b"\0\0\0", b"[]\n", b"{\"epoch\":-1,\"losses\":{}}\n"]
    {
        sandbox.write("run/metrics.jsonl", damage);
        says(&refused(&sandbox, 65, "plot curves run --out a.svg"), &["metrics.jsonl"]);
    }
    let sandbox = Sandbox::interrupted();
    sandbox.write("run/metrics.jsonl", b"\xff\xfe\n");
    let train = crate::sandbox::TRAIN;
    says(&refused(&sandbox, 65, &format!("{train} --resume")), &["metrics.jsonl"]);
}

#[test]
fn escape_codes_of_a_table_do_not_reach_the_terminal() {
    let sandbox = Sandbox::new();
    let rows: String = (0..40).map(|i| format!("{i},{},\u{1b}[2J{}\n", i * i % 17, i % 3)).collect();
    sandbox.write("t.csv", format!("\u{1b}[31mred,y,\u{9b}5mcell\n{rows}"));
    for args in ["check t.csv --target y", "train t.csv --target y --epochs 1 --out m"] {
        let output = sandbox.ebm(args).output().expect("ebm starts");
        let text = [stderr(&output), String::from_utf8_lossy(&output.stdout).into_owned()].concat();
        assert!(!text.contains(['\u{1b}', '\u{9b}']), "{args}: {text:?}");
        assert!(text.contains("\\u{1b}[31mred"), "{args}: {text}");
    }
}

#[test]
fn a_compressed_table_is_read_and_a_damaged_one_refused() {
    let sandbox = Sandbox::new();
    let table: String = (0..60).map(|i| format!("{},{}\n", i * i % 17, i % 7)).collect();
    let table = format!("a,y\n{table}");
    let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
    gzip.write_all(table.as_bytes()).expect("in memory");
    let bytes = gzip.finish().expect("in memory");
    sandbox.write("t.csv", &table);
    sandbox.write("t.csv.gz", &bytes);
    let report = |file: &str| sandbox.succeed(&format!("check {file} --target y")).replace(".gz", "");
    assert_eq!(report("t.csv"), report("t.csv.gz"));
    let mut flipped = bytes.clone();
    let sum = flipped.len() - 6;
    flipped[sum] ^= 1;
    for damaged in [&bytes[..bytes.len() / 2], &flipped] {
        sandbox.write("t.csv.gz", damaged);
        says(&refused(&sandbox, 65, "check t.csv.gz --target y"), &["t.csv.gz", "damaged"]);
    }
    let zstd = compress_to_vec(table.as_bytes(), CompressionLevel::Fastest);
    sandbox.write("t.csv.zst", &zstd);
    assert_eq!(report("t.csv"), sandbox.succeed("check t.csv.zst --target y").replace(".zst", ""));
    let mut flipped = zstd.clone();
    *flipped.last_mut().expect("bytes") ^= 1;
    // Cut short, another checksum, and a window of 2^41 bytes.
    for damaged in [&zstd[..zstd.len() / 2], &flipped, b"\x28\xb5\x2f\xfd\x00\xf8\x01\0\0"] {
        sandbox.write("t.csv.zst", damaged);
        says(&refused(&sandbox, 65, "check t.csv.zst --target y"), &["t.csv.zst", "damaged"]);
    }
    sandbox.write("t.csv.xz", b"\xfd7zXZ\0\0\0");
    says(&refused(&sandbox, 65, "check t.csv.xz --target y"), &["compressed by xz", "gzip or zstd"]);
}

#[test]
fn messages_say_what_where_and_what_to_do() {
    let sandbox = Sandbox::new();
    let rows = |count: usize| (0..count).map(|i| format!("{},{},w{}\n", i * i % 17, i % 10, i % 5)).collect::<String>();
    sandbox.write("t.csv", format!("a,y,cat\n{}", rows(60)));
    says(
        &refused(&sandbox, 65, "train t.csv --target cat --out m"),
        &["\"cat\" holds text; the target must be a number"],
    );
    sandbox.write("few.csv", format!("a,y,cat\n{}", rows(4)));
    let few = refused(&sandbox, 65, "train few.csv --target y --members 1 --out m");
    says(&few, &["4 rows leave none for validation", "`--split 0.8,0.2,0,0`"]);
    let wrong = refused(&sandbox, 65, "train t.csv --target y --target-kind bounded:0,8 --out m");
    says(&wrong, &["t.csv, line ", "the target is 9"]);
}

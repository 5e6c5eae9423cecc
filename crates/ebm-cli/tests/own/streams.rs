//! Standard input and output, compressed files, and short numbers.

use std::io::{Read, Write};
use std::process::Stdio;

use flate2::read::GzDecoder;
use ruzstd::decoding::StreamingDecoder;
use ruzstd::encoding::{CompressionLevel, compress_to_vec};

use crate::roundtrip::{number, set, table};
use crate::sandbox::{Sandbox, stderr};
use crate::table::trained;

/// What a command prints that is given these bytes.
fn given(sandbox: &Sandbox, bytes: &[u8], args: &str) -> String {
    let mut child = sandbox.ebm(args).stdin(Stdio::piped()).spawn().expect("ebm starts");
    child.stdin.take().expect("piped").write_all(bytes).expect("it reads");
    let output = child.wait_with_output().expect("it ends");
    assert!(output.status.success(), "{args}: {}", stderr(&output));
    String::from_utf8(output.stdout).expect("UTF-8")
}

#[test]
fn a_dash_is_standard_input_and_output() {
    let sandbox = trained();
    let rows = sandbox.read("new.csv");
    let expected = sandbox.succeed("predict model new.csv");
    assert_eq!(given(&sandbox, &rows, "predict model -"), expected);
    assert_eq!(given(&sandbox, &rows, "predict model - --out -"), expected);
    assert_eq!(given(&sandbox, &compress_to_vec(&rows[..], CompressionLevel::Fastest), "predict model -"), expected);
    assert_eq!(given(&sandbox, &rows, "sample model - --n 3"), sandbox.succeed("sample model new.csv --n 3"));
    given(&sandbox, &rows, "predict model - --out out.csv --quiet");
    assert_eq!(sandbox.read("out.csv"), expected.as_bytes());
    // A name for messages, and no other command waits for what is typed.
    let mut child = sandbox.ebm("predict model -").stdin(Stdio::piped()).spawn().expect("ebm starts");
    child.stdin.take().expect("piped").write_all(b"area\nmany\n").expect("it reads");
    let output = child.wait_with_output().expect("it ends");
    assert_eq!(output.status.code(), Some(65));
    assert!(stderr(&output).contains("standard input"), "{}", stderr(&output));
    for args in ["check - --target price", "train - --target price --out m"] {
        assert!(sandbox.refuse(66, args).contains("cannot open"), "{args}");
    }
    for args in ["evaluate model -", "calibrate model -", "report model --test -"] {
        assert!(sandbox.refuse(2, args).contains("save them to a file"), "{args}");
    }
}

#[test]
fn what_is_written_compressed_is_what_is_written() {
    let sandbox = trained();
    for format in ["csv", "jsonl"] {
        sandbox.succeed(&format!("predict model new.csv --out a.{format} --quiet"));
        let expected = sandbox.read(&format!("a.{format}"));
        for ending in ["gz", "zst"] {
            let name = format!("a.{format}.{ending}");
            sandbox.succeed(&format!("predict model new.csv --out {name} --quiet"));
            let bytes = sandbox.read(&name);
            let mut found = Vec::new();
            match ending {
                "gz" => GzDecoder::new(&bytes[..]).read_to_end(&mut found),
                _ => StreamingDecoder::new(&bytes[..]).expect("a frame").read_to_end(&mut found),
            }
            .expect("it unfolds");
            assert_eq!(found, expected, "{name}");
            assert!(bytes.len() < expected.len() / 2, "{name}: {} of {}", bytes.len(), expected.len());
        }
    }
    // What was written is read again, whatever it is called.
    sandbox.write("new.csv.zst", compress_to_vec(&sandbox.read("new.csv")[..], CompressionLevel::Fastest));
    let expected = sandbox.succeed("predict model new.csv");
    assert_eq!(sandbox.succeed("predict model new.csv.zst"), expected);
    assert!(sandbox.refuse(2, "predict model new.csv --out a.parquet.gz").contains("leave .gz or .zst out"));
}

#[test]
fn short_numbers_are_the_long_ones_rounded() {
    let sandbox = trained();
    let (header, long) = table(&sandbox.succeed("predict model new.csv"));
    let (same, short) = table(&sandbox.succeed("predict model new.csv --float-digits 4"));
    assert_eq!(header, same);
    let near = |short: f64, long: f64| (short - long).abs() <= 0.5e-3 * long.abs();
    for (short, long) in short.iter().zip(&long) {
        for ((name, short), long) in header.iter().zip(short).zip(long) {
            if name == "set" {
                let ends = set(short).into_iter().flatten().zip(set(long).into_iter().flatten());
                ends.for_each(|(short, long)| assert!(near(short, long), "{short} {long}"));
            } else if name != "beyond" && !long.is_empty() {
                assert!(near(number(short), number(long)), "{name}: {short} {long}");
                let digits = short.split('e').next().expect("a mantissa").trim_start_matches(['-', '0', '.']);
                assert!(
                    digits.chars().filter(char::is_ascii_digit).count() <= 4 || number(short).abs() >= 1e4,
                    "{short}"
                );
            }
        }
    }
    sandbox.refuse(2, "predict model new.csv --float-digits 0");
}

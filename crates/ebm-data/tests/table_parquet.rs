//! Laws of reading Parquet. `fixtures/make_tables.py` made the files of other writers.

use ebm_data::table::{self, Kind, OnMissing, Parts, Shares, TableOptions, Targets, Why};
use ebm_data::{DataError, Origin, Share, TableError};
use parquet::basic::Compression;
use parquet::data_type::{ByteArray, ByteArrayType, DoubleType, Int64Type};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;
use tempfile::{TempDir, tempdir};

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name)
}

fn read(path: &Path) -> Result<Parts, DataError> {
    table::read(path, &TableOptions::new(["y"]), &Shares::NONE, 0)
}

/// The same rows as text and as Parquet: a number, a category with a gap, a date, a truth value and the target.
const TEXT: &str = "n,word,day,flag,y\n0.5,red,2024-05-01,true,1\n-1.25,blue,2024-05-02,false,2\n\
                    3,,2024-05-09,true,3\n1e3,red,1969-12-31,false,4.5\n";

#[test]
fn every_codec_and_writer_gives_the_table_that_text_gives() {
    let folder = tempdir().expect("temporary folder");
    let path = folder.path().join("table.csv");
    fs::write(&path, TEXT).expect("writable");
    let options = TableOptions { on_missing: OnMissing::Median, ..TableOptions::new(["y"]) };
    let read = |path: &Path| table::read(path, &options, &Shares::NONE, 0);
    let text = read(&path).expect("readable");
    for name in
        ["plain", "snappy", "gzip", "zstd", "v2_zstd", "v2_plain", "no_dictionary", "groups", "strings", "int96"]
    {
        let parts = read(&fixture(&format!("table_{name}.parquet"))).expect(name);
        assert_eq!(parts.schema, text.schema, "{name}");
        assert_eq!(parts.train.fingerprint(), text.train.fingerprint(), "{name}");
        assert_eq!(parts.train.lines(), [1, 2, 3, 4], "{name}");
    }
}

#[test]
fn a_model_of_text_reads_parquet_and_the_other_way_round() {
    let folder = tempdir().expect("temporary folder");
    let path = folder.path().join("table.csv");
    fs::write(&path, TEXT).expect("writable");
    let options = TableOptions { on_missing: OnMissing::Median, ..TableOptions::new(["y"]) };
    let parquet = fixture("table_snappy.parquet");
    for (train, predict) in [(&path, &parquet), (&parquet, &path)] {
        let parts = table::read(train, &options, &Shares::NONE, 0).expect("readable");
        let mut chunks =
            table::stream(predict, &parts.schema, 10, OnMissing::Median, Targets::Required).expect("opened");
        let chunk = chunks.next().expect("rows").expect("readable");
        assert_eq!(chunk.inputs, parts.train.inputs());
        assert_eq!(chunk.targets.expect("read"), parts.train.targets());
    }
}

#[test]
fn every_type_is_the_number_it_stands_for() {
    let parts = read(&fixture("table_types.parquet")).expect("readable");
    for feature in &parts.schema.features {
        let Kind::Numeric(found) = &feature.kind else {
            let Kind::Date(found) = &feature.kind else { panic!("{}: {:?}", feature.name, feature.kind) };
            // 2024-02-29 12:00 UTC and the days before and after.
            assert_eq!((found.min, found.max), (19_781.5, 19_783.5), "{}", feature.name);
            continue;
        };
        let expected = match feature.name.as_str() {
            "u8" => (1.0, 255.0),
            "u32" => (1.0, 4_294_967_295.0),
            "u64" => (1.0, 18_446_744_073_709_551_615.0),
            "decimal" | "decimal_64" | "decimal_bytes" => (-1.25, 12_345.67),
            "inner.x" => (0.25, 2.5),
            _ => (-3.0, 7.0),
        };
        assert_eq!((found.min, found.max), expected, "{}", feature.name);
    }
    let left_out: Vec<(&str, &Why)> =
        parts.schema.left_out.iter().map(|left_out| (left_out.name.as_str(), &left_out.why)).collect();
    assert_eq!(left_out, [("list.list.element", &Why::Unsupported), ("bytes", &Why::Unsupported)]);
}

#[test]
fn codecs_and_encodings_that_are_not_read_are_refused_by_name_with_what_to_do() {
    for (name, parts) in [
        ("lz4", &["compression \"LZ4\"", "\"snappy\", \"gzip\", \"zstd\" or none"][..]),
        ("brotli", &["compression \"Brotli\""]),
        ("delta", &["encoding \"DELTA_", "default encodings"]),
    ] {
        let error = read(&fixture(&format!("table_{name}.parquet"))).unwrap_err();
        assert!(matches!(&error, DataError::Table(error) if matches!(**error, TableError::Parquet { .. })), "{error}");
        let message = error.to_string();
        assert!(message.contains(&format!("table_{name}.parquet")));
        parts.iter().for_each(|part| assert!(message.contains(part), "no {part:?} in {message:?}"));
    }
}

/// A file of one optional text and one number.
fn written(rows: usize, compression: Compression) -> (TempDir, PathBuf) {
    let folder = tempdir().expect("temporary folder");
    let path = folder.path().join("table.parquet");
    let message = "message table { optional binary word (UTF8); required double a; required int64 y; }";
    let schema = Arc::new(parse_message_type(message).expect("a schema"));
    let properties = Arc::new(WriterProperties::builder().set_compression(compression).build());
    let file = File::create(&path).expect("writable");
    let mut writer = SerializedFileWriter::new(file, schema, properties).expect("a writer");
    for start in (0..rows).step_by(1500) {
        let group: Vec<usize> = (start..rows.min(start + 1500)).collect();
        let mut row_group = writer.next_row_group().expect("a group");
        let words: Vec<ByteArray> =
            group.iter().filter(|&&i| i % 5 != 0).map(|i| ["u", "v", "w"][i % 3].into()).collect();
        let levels: Vec<i16> = group.iter().map(|&i| i16::from(i % 5 != 0)).collect();
        let mut column = row_group.next_column().expect("a column").expect("the first");
        column.typed::<ByteArrayType>().write_batch(&words, Some(&levels), None).expect("written");
        column.close().expect("closed");
        let numbers: Vec<f64> = group.iter().map(|&i| i as f64 / 4.0).collect();
        let mut column = row_group.next_column().expect("a column").expect("the second");
        column.typed::<DoubleType>().write_batch(&numbers, None, None).expect("written");
        column.close().expect("closed");
        let targets: Vec<i64> = group.iter().map(|&i| (i * i % 1009) as i64).collect();
        let mut column = row_group.next_column().expect("a column").expect("the third");
        column.typed::<Int64Type>().write_batch(&targets, None, None).expect("written");
        column.close().expect("closed");
        row_group.close().expect("closed");
    }
    writer.close().expect("closed");
    (folder, path)
}

#[test]
fn groups_and_batches_come_in_the_order_of_the_rows() {
    let (_folder, path) = written(4000, Compression::UNCOMPRESSED);
    let options = TableOptions { on_missing: OnMissing::Drop, ..TableOptions::new(["y"]) };
    let table = table::read(&path, &options, &Shares::NONE, 0).expect("readable").train;
    let kept: Vec<u64> = (0..4000).filter(|i| i % 5 != 0).collect();
    assert_eq!(table.lines(), kept.iter().map(|i| i + 1).collect::<Vec<u64>>());
    assert_eq!(table.targets(), kept.iter().map(|i| (i * i % 1009) as f64).collect::<Vec<f64>>());
    assert_eq!(table.tally().without_input, 800);
}

#[test]
fn shares_have_every_group_once_and_rows_keep_their_numbers() {
    let (_folder, path) = written(4000, Compression::UNCOMPRESSED);
    let options = TableOptions { on_missing: OnMissing::Drop, ..TableOptions::new(["y"]) };
    let lines =
        |origin: Origin| table::read(origin, &options, &Shares::NONE, 0).map(|parts| parts.train.lines().to_vec());
    let whole = lines(Origin::from(&path)).expect("readable");
    // Three groups of rows: with two parts the second has two of them, with four parts one has none.
    for (of, sizes) in [(1, &[3200][..]), (2, &[1200, 2000]), (4, &[0, 1200, 1200, 800])] {
        let shares = (0..of).map(|index| lines(Origin::from(&path).share(Share { index, of })).unwrap_or_default());
        let shares: Vec<Vec<u64>> = shares.collect();
        assert_eq!(shares.iter().map(Vec::len).collect::<Vec<_>>(), sizes);
        assert_eq!(shares.concat(), whole);
    }
    let (folder, text) = (tempdir().expect("temporary folder"), "word,a,y\nu,1,2\n");
    let path = folder.path().join("table.csv");
    fs::write(&path, text).expect("writable");
    let message = lines(Origin::from(&path).share(Share { index: 0, of: 2 })).unwrap_err().to_string();
    assert!(message.contains("has no row groups"), "{message}");
}

#[test]
fn a_missing_value_is_named_by_its_row() {
    let (_folder, path) = written(10, Compression::UNCOMPRESSED);
    let message = read(&path).unwrap_err().to_string();
    assert!(message.contains("row 1, column \"word\": the value is missing"), "{message}");
}

#[test]
fn no_damage_makes_a_panic_or_takes_long() {
    let (folder, path) = written(300, Compression::UNCOMPRESSED);
    let whole = fs::read(&path).expect("there");
    let snappy = fs::read(fixture("table_snappy.parquet")).expect("there");
    let zstd = fs::read(fixture("table_v2_zstd.parquet")).expect("there");
    let damaged = folder.path().join("damaged.parquet");
    let options = TableOptions { on_missing: OnMissing::Median, ..TableOptions::new(["y"]) };
    let start = Instant::now();
    for bytes in [&whole, &snappy, &zstd] {
        let steps = (bytes.len() / 100).max(1);
        for at in (0..bytes.len()).step_by(steps) {
            let mut changed = bytes.clone();
            for mask in [0xff, 0x01, 0x80] {
                changed[at] = bytes[at] ^ mask;
                fs::write(&damaged, &changed).expect("writable");
                let _ = table::read(&damaged, &options, &Shares::NONE, 0);
            }
            fs::write(&damaged, &bytes[..at]).expect("writable");
            assert!(table::read(&damaged, &options, &Shares::NONE, 0).is_err(), "cut to {at}");
        }
    }
    // More than a thousand files in a debug build, of which none may ask for gigabytes.
    assert!(start.elapsed().as_secs() < 120);
}

#[test]
fn a_footer_and_a_page_that_promise_too_much_are_refused_at_once() {
    let (folder, path) = written(100, Compression::UNCOMPRESSED);
    let mut bytes = fs::read(&path).expect("there");
    let length = bytes.len();
    bytes[length - 8..length - 4].copy_from_slice(&0x7fff_ffff_u32.to_le_bytes());
    let damaged = folder.path().join("damaged.parquet");
    fs::write(&damaged, &bytes).expect("writable");
    let start = Instant::now();
    assert!(read(&damaged).is_err());
    let error = read(&fixture("table_bomb.parquet")).unwrap_err();
    let cause = std::error::Error::source(&error).map(ToString::to_string).unwrap_or_default();
    assert!(cause.contains("decodes to more than"), "{error}: {cause}");
    assert!(start.elapsed().as_secs() < 20);
}

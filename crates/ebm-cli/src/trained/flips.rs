//! Every bit of the documents of a run is flipped, and a sample of those of its weights: no other answer, no panic.

use std::fs;

use super::*;
use crate::run::manifest::{Manifest, seal};
use ebm_data::table::Split;

/// What a run of the table `houses` answers, and which of its rows it would test on.
fn answer(run: &Path, table: &Path) -> anyhow::Result<String> {
    // What is read fastest comes first.
    let split = Split::read(run)?;
    Record::read(run)?;
    calibration::read(run, model::read(run)?.sha256.as_deref())?;
    let model = open(run, &Device::flex(), MIN_CANDIDATES, 0)?;
    let calibration = model.predictor.calibration().context("a calibrated model")?;
    let of = RowsOf::File { file: table, labels: None, share: None };
    let console = Console { json: false, quiet: true };
    let mut text = format!("{split:?}");
    for rows in model.rows(of, Targets::Ignored, model.on_missing(), console)? {
        for prediction in model.predictor.predict(0, &rows?.inputs) {
            text += &format!("{} {:?}", prediction.mean(), prediction.calibrated(calibration, 0.9));
        }
    }
    Ok(text)
}

#[test]
fn a_flipped_bit_of_any_file_changes_no_answer() {
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/own/golden");
    let folder = tempfile::tempdir().unwrap();
    let (run, table) = (folder.path().join("houses"), folder.path().join("new.csv"));
    let lines: Vec<String> =
        fs::read_to_string(golden.join("new.csv")).unwrap().lines().take(2).map(str::to_owned).collect();
    fs::write(&table, lines.join("\n")).unwrap();
    fs::create_dir(&run).unwrap();
    for entry in fs::read_dir(golden.join("houses")).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), run.join(entry.file_name())).unwrap();
    }
    seal(&run).unwrap();
    let expected = answer(&run, &table).unwrap();
    let (mut refused, mut same) = (0, 0);
    let mut names: Vec<String> = Manifest::of(&run).unwrap().unwrap().files.into_keys().collect();
    names.push("manifest.json".to_owned());
    for name in names {
        let file = run.join(&name);
        let bytes = fs::read(&file).unwrap();
        let step = if name.ends_with(".safetensors") { (8 * bytes.len() / 600).max(1) | 1 } else { 1 };
        for bit in (0..8 * bytes.len()).step_by(step) {
            let mut flipped = bytes.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            fs::write(&file, flipped).unwrap();
            match answer(&run, &table) {
                Err(_) => refused += 1,
                Ok(found) => {
                    assert_eq!(found, expected, "{name}, bit {bit}");
                    same += 1;
                }
            }
        }
        fs::write(&file, bytes).unwrap();
    }
    assert!(refused > 10 * same, "{refused} refused, {same} the same");
    assert_eq!(answer(&run, &table).unwrap(), expected);
}

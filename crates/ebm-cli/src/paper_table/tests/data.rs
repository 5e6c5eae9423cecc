//! The table files, their presets and plans.

use super::*;

fn table(number: u32) -> Table {
    let found = tables().into_iter().find(|table| table.number == number);
    found.expect("the table exists")
}

#[test]
fn every_table_file_is_compiled_in() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tables");
    assert_eq!(fs::read_dir(folder).unwrap().count(), tables().len());
}

#[test]
fn every_cell_has_a_preset_on_the_data_set_of_its_row() {
    let presets = Path::new(env!("CARGO_MANIFEST_DIR")).join("presets");
    for row in tables().iter().flat_map(|table| &table.rows) {
        for cell in &row.cells {
            let file = presets.join(format!("{}.toml", cell.preset));
            let text = fs::read_to_string(&file).expect("the preset exists");
            let preset: toml::Table = toml::from_str(&text).expect("the preset parses");
            assert_eq!(preset["dataset"].as_str(), Some(row.dataset.as_str()), "{file:?}");
        }
    }
}

#[test]
fn fixed_noise_is_eight_times_wider_in_the_second_component() {
    let presets = Path::new(env!("CARGO_MANIFEST_DIR")).join("presets");
    for cell in table(1).rows.iter().flat_map(|row| &row.cells) {
        let Some((_, sigma)) = cell.preset.split_once("/nce_") else {
            continue;
        };
        let text = fs::read_to_string(presets.join(format!("{}.toml", cell.preset))).unwrap();
        let preset: toml::Table = toml::from_str(&text).unwrap();
        let sigmas: Vec<f64> = preset["method"]["sigmas"].clone().try_into().unwrap();
        let first: f64 = sigma.parse().unwrap();
        assert_eq!(sigmas, [first, 8.0 * first]);
        assert_eq!(cell.label, format!("NCE, σ₁ = {sigma}"));
    }
}

#[test]
fn an_unknown_key_in_a_table_fails() {
    let with_more = format!("colour = 1\n{}", EMBEDDED[0]);
    let error = toml::from_str::<Table>(&with_more).expect_err("an unknown key");
    assert!(error.message().contains("unknown field `colour`"), "{error}");
}

#[test]
fn a_plan_takes_the_first_seed_of_every_cell_before_any_second() {
    let table = table(1);
    let plan = plan(&table, full(&table), None);
    assert_eq!(plan.jobs.len(), 16 * 20);
    assert!(plan.jobs[..16].iter().all(|job| job.run.ends_with("/seed-0")));
    assert!(plan.jobs[16..32].iter().all(|job| job.run.ends_with("/seed-1")));
}

#[test]
fn a_plan_is_json_that_says_what_to_run() {
    let table = table(1);
    let overrides = Overrides { epochs: NonZeroUsize::new(7), ..Overrides::default() };
    let plan = plan(&table, table.scale(ScaleName::Full, overrides), None);
    let json = serde_json::to_value(&plan).unwrap();
    assert_eq!(json["scale"], json!({ "name": "full", "changed": true, "networks": 20, "epochs": 7, "m": 1024 }));
    assert_eq!(
        json["jobs"][0],
        json!({
            "run": "toy_1/nce_0.05/seed-0",
            "args": ["train", "--preset", "toy_1/nce_0.05", "--seed", "0", "--epochs", "7", "--m", "1024"],
        })
    );
}

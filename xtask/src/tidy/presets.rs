//! Rule: every preset is in a table of the paper, or in the list of extras.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::{Context, Result};
use toml::Value;

use super::finding::Finding;
use super::rules::{RULES_FILE, Rules};
use super::sizes::{slashed, texts};

const PRESETS: &str = "crates/ebm-cli/presets";
const TABLES: &str = "crates/ebm-cli/tables";

pub(super) fn check(root: &Path, rules: &Rules) -> Result<Vec<Finding>> {
    let mut named = BTreeSet::new();
    for (file, text) in texts(root, Path::new(TABLES), "toml")? {
        let table: toml::Table = toml::from_str(&text).with_context(|| format!("reading {}", file.display()))?;
        collect(&Value::Table(table), &mut named);
    }
    let mut found = Vec::new();
    let mut presets = BTreeSet::new();
    for (file, _) in texts(root, Path::new(PRESETS), "toml")? {
        let below = file.strip_prefix(PRESETS).expect("listed below it").with_extension("");
        let name = slashed(&below);
        if !named.contains(&name) && !rules.extra_presets.contains_key(&name) {
            let text =
                format!("no table names preset {name}; add it to a table, or to `extra_presets` in {RULES_FILE}");
            found.push(Finding { file, line: 1, text });
        }
        presets.insert(name);
    }
    for name in rules.extra_presets.keys().filter(|name| named.contains(*name) || !presets.contains(*name)) {
        let text = format!("preset {name} is in a table or does not exist; remove it from `extra_presets`");
        found.push(Finding { file: RULES_FILE.into(), line: 1, text });
    }
    Ok(found)
}

/// Every text under a key `preset`.
fn collect(value: &Value, named: &mut BTreeSet<String>) {
    match value {
        Value::Table(table) => {
            for (key, value) in table {
                match value.as_str() {
                    Some(text) if key == "preset" => drop(named.insert(text.to_owned())),
                    _ => collect(value, named),
                }
            }
        }
        Value::Array(values) => values.iter().for_each(|value| collect(value, named)),
        _ => {}
    }
}

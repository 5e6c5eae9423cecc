//! In what two runs differ, as options of the command line.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::experiment::Experiment;
use crate::run::record::Record;

/// Keys of a configuration, and the options that set them. The first that a key begins with counts.
const OPTIONS: [(&str, &str); 33] = [
    ("dataset", "--preset"),
    ("method.kind", "--method"),
    ("method.components", "--components"),
    ("method.sigmas", "--sigmas"),
    ("method.objective", "--objective"),
    ("ensemble.folds", "--members"),
    ("ensemble.also", "--forms"),
    ("network.backbone.width", "--width"),
    ("network.backbone.encoding", "--pieces"),
    ("training.epochs", "--epochs"),
    ("training.batch_size", "--batch-size"),
    ("training.learning_rate", "--learning-rate"),
    ("training.m", "--m"),
    ("training.weight_decay", "--weight-decay"),
    ("training.kernels", "--kernels"),
    ("images.folder", "--data"),
    ("images.train", "--examples"),
    ("own.source.file", "the table"),
    ("own.source.folder", "--images"),
    ("own.source.labels", "--labels"),
    ("own.source.side", "--image-size"),
    ("own.source.skip_bad", "--skip-bad"),
    ("own.targets", "--target"),
    ("own.kinds", "--target-kind"),
    ("own.features", "--features"),
    ("own.on_missing", "--on-missing"),
    ("own.allow_outliers", "--allow-outliers"),
    ("own.validation", "--valid"),
    ("own.split_seed", "--split-seed"),
    ("own.sample_rows", "--sample-rows"),
    ("own.weight", "--weight"),
    ("own.split_by", "--group, --time or --split-column"),
    ("backbone_weights", "--backbone-weights"),
];

/// What another run has that this one has not: `--epochs 40, not 42`.
pub fn differences(earlier: &Record, now: &Record) -> Vec<String> {
    let (mut then, mut here) = (BTreeMap::new(), BTreeMap::new());
    leaves(&earlier.config, &mut then);
    leaves(&now.config, &mut here);
    let keys: std::collections::BTreeSet<&String> = then.keys().chain(here.keys()).collect();
    let mut found: Vec<String> = Vec::new();
    for key in keys {
        let name = option(key);
        let text = match (then.get(key), here.get(key)) {
            (Some(then), Some(here)) if then == here => continue,
            (Some(then), Some(here)) => format!("{name} {}, not {}", shown(then), shown(here)),
            (Some(then), None) => format!("{name} {}", shown(then)),
            (None, here) => format!("no {name} {}", here.map(shown).unwrap_or_default()),
        };
        found.push(text);
    }
    if earlier.seed != now.seed {
        found.push(format!("--seed {}, not {}", earlier.seed, now.seed));
    }
    // The second GPU continues what the first one began.
    let backend = |device: &str| device.split(':').next().map(str::to_owned);
    if backend(&earlier.device) != backend(&now.device) {
        found.push(format!("--device {}, not {}", earlier.device, now.device));
    }
    if earlier.data.fingerprint != now.data.fingerprint {
        found.push("other training data".to_owned());
    }
    found
}

/// The option of a key, or the key where it has none.
fn option(key: &str) -> String {
    match (key.strip_prefix("own.shares."), OPTIONS.iter().find(|(start, _)| key.starts_with(start))) {
        (Some(part), _) => format!("--split ({part})"),
        (None, Some((_, option))) => (*option).to_owned(),
        (None, None) => key.to_owned(),
    }
}

fn shown(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// The values of a configuration by the paths of their keys.
fn leaves(config: &Experiment, into: &mut BTreeMap<String, Value>) {
    fn walk(value: Value, path: String, into: &mut BTreeMap<String, Value>) {
        match value {
            Value::Object(object) => {
                for (key, value) in object {
                    walk(value, if path.is_empty() { key } else { format!("{path}.{key}") }, into);
                }
            }
            Value::Null => {}
            value => drop(into.insert(path, value)),
        }
    }
    walk(serde_json::to_value(config).expect("a configuration is plain data"), String::new(), into);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::record::{DataRecord, Status};

    #[test]
    fn what_differs_is_named_by_its_option() {
        let data = || DataRecord {
            source: "a.csv".to_owned(),
            fingerprint: "0".to_owned(),
            examples: 3,
            target_range: [0.0, 1.0],
        };
        let record = |config, seed| Record::new(Status::Running, config, seed, "cpu".to_owned(), data());
        let mut other = Experiment::pairs();
        other.training.epochs = 42;
        other.method = ebm_core::Method::Mdn { components: 4 };
        let found = differences(&record(Experiment::pairs(), 7), &record(other, 8));
        let epochs = Experiment::pairs().training.epochs;
        assert!(found.contains(&format!("--epochs {epochs}, not 42")), "{found:?}");
        assert!(found.contains(&"--method ebm, not mdn".to_owned()) && found.contains(&"--seed 7, not 8".to_owned()));
        assert!(differences(&record(Experiment::pairs(), 7), &record(Experiment::pairs(), 7)).is_empty());
    }
}

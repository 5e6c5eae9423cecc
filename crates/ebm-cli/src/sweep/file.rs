//! A plan as a TOML file: what to train, with which seeds, and what varies.

use std::collections::BTreeMap;
use std::path::Path;

use ebm_core::read_bounded;
use serde::Deserialize;

use super::{Job, distinct};
use crate::exit::{Exit, failure, of_reading};
use crate::experiment::seeds::Seeds;

/// The largest plan that is read, in bytes.
const LIMIT: u64 = 1 << 20;

/// More jobs than this are a typing error.
const MOST: usize = 100_000;

/// Options that a sweep sets itself.
const OWN: [&str; 9] =
    ["--seed", "--seeds", "--out", "--preset", "--resume", "--force", "--evaluate", "--allow-mismatch", "--threads"];

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    runs: Vec<Runs>,
}

/// Runs that differ in seeds and varied options.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Runs {
    /// Folder below the runs folder; that of the preset or the table unless given.
    name: Option<String>,
    /// A preset.
    preset: Option<String>,
    /// The user's table.
    table: Option<String>,
    /// As in `--seeds`.
    seeds: String,
    /// Options of `ebm train`.
    #[serde(default)]
    args: Vec<String>,
    /// Values of options; every combination is trained.
    #[serde(default)]
    vary: BTreeMap<String, Vec<String>>,
}

/// Reads a plan.
///
/// # Errors
/// When it cannot be read (66), or has an unknown key, a key that is missing or a value that has no meaning (78).
pub fn read(path: &Path) -> anyhow::Result<Vec<Job>> {
    let name = path.display().to_string();
    let bytes = read_bounded(path, LIMIT)
        .map_err(|error| failure(of_reading(&error), format!("cannot read the plan {name}: {error}")))?;
    let wrong = |why: String| failure(Exit::Config, format!("{name}: {why}"));
    let text = String::from_utf8(bytes).map_err(|error| wrong(error.to_string()))?;
    parse(&text).map_err(wrong)
}

fn parse(text: &str) -> Result<Vec<Job>, String> {
    let file: File = toml::from_str(text).map_err(|error| error.to_string().trim_end().to_owned())?;
    let mut jobs = Vec::new();
    for (index, runs) in file.runs.iter().enumerate() {
        jobs.extend(runs.jobs().map_err(|(key, why)| format!("runs[{index}].{key}: {why}"))?);
        if jobs.len() > MOST {
            return Err(format!("more than {MOST} jobs"));
        }
    }
    if jobs.is_empty() {
        return Err("runs: there is no job".to_owned());
    }
    distinct(jobs).map_err(|error| error.to_string())
}

impl Runs {
    /// One job for each seed and combination, or the key that is wrong and why.
    ///
    /// The first seed of all combinations comes first: a sweep stopped early has as many networks of each.
    fn jobs(&self) -> Result<Vec<Job>, (String, String)> {
        let wrong = |key: &str, why: &str| Err((key.to_owned(), why.to_owned()));
        let (what, stem): (Vec<&str>, String) = match (&self.preset, &self.table) {
            (Some(preset), None) => (vec!["--preset", preset], preset.clone()),
            (None, Some(table)) => {
                let stem = Path::new(table).file_stem().map(|stem| stem.to_string_lossy().into_owned());
                (vec![table], stem.unwrap_or_default())
            }
            (None, None) => return wrong("preset", "missing; give `preset` or `table`"),
            (Some(_), Some(_)) => return wrong("table", "give `preset` or `table`, not both"),
        };
        let name = self.name.clone().unwrap_or(stem);
        if !is_folder(&name) {
            let why = format!("{name:?} is no folder below the runs: use letters, digits, `.`, `_`, `-` and `/`");
            return wrong("name", &why);
        }
        let Seeds(seeds) = self.seeds.parse().map_err(|why| ("seeds".to_owned(), why))?;
        let own = |option: &str| OWN.iter().any(|own| option == *own || option.starts_with(&format!("{own}=")));
        if let Some(option) = self.args.iter().find(|option| own(option)) {
            return wrong("args", &format!("{option} is set by the sweep"));
        }
        for (option, values) in &self.vary {
            let key = format!("vary.\"{option}\"");
            if !option.starts_with("--") || option.contains('=') {
                return wrong(&key, "not an option of `ebm train`, such as \"--weight-decay\"");
            }
            if own(option) {
                return wrong(&key, "is set by the sweep");
            }
            if values.is_empty() {
                return wrong(&key, "holds no value");
            }
        }
        let mut jobs = Vec::new();
        for seed in seeds {
            for varied in combinations(&self.vary) {
                let mut args: Vec<String> = ["train"].iter().chain(&what).map(|&arg| arg.to_owned()).collect();
                args.extend(["--seed".to_owned(), seed.to_string()]);
                args.extend(self.args.iter().cloned());
                args.extend(varied.iter().flat_map(|(option, value)| [option.clone(), value.clone()]));
                let run = folder(&name, &varied, seed);
                jobs.push(Job { run, args, seed, varied });
                if jobs.len() > MOST {
                    return wrong("vary", &format!("more than {MOST} jobs"));
                }
            }
        }
        Ok(jobs)
    }
}

/// Every choice of one value for each option.
fn combinations(vary: &BTreeMap<String, Vec<String>>) -> Vec<BTreeMap<String, String>> {
    let mut all = vec![BTreeMap::new()];
    for (option, values) in vary {
        let with = |chosen: &BTreeMap<String, String>, value: &String| {
            let mut chosen = chosen.clone();
            chosen.insert(option.clone(), value.clone());
            chosen
        };
        all =
            all.iter().flat_map(|chosen| values.iter().map(move |value| with(chosen, value))).take(MOST + 1).collect();
    }
    all
}

/// `houses/pieces=16,weight-decay=0.3/seed-0`
fn folder(name: &str, varied: &BTreeMap<String, String>, seed: u64) -> String {
    let safe = |text: &str| text.replace(|c: char| !c.is_ascii_alphanumeric() && !".+-,:".contains(c), "_");
    let parts: Vec<String> =
        varied.iter().map(|(option, value)| format!("{}={}", safe(&option[2..]), safe(value))).collect();
    let between = if parts.is_empty() { String::new() } else { format!("{}/", parts.join(",")) };
    format!("{name}/{between}seed-{seed}")
}

/// Whether this is a path below a folder, the same on every system.
fn is_folder(name: &str) -> bool {
    let is_part = |part: &str| {
        let is_safe = part.chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c));
        is_safe && !part.starts_with('.') && !part.is_empty()
    };
    name.split('/').all(is_part)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAN: &str = "[[runs]]\npreset = \"toy_1/ours_k4\"\nseeds = \"0..2\"\nargs = [\"--epochs\", \"3\"]\n\
                        vary = { \"--weight-decay\" = [\"0\", \"0.3\"], \"--m\" = [\"8\", \"16\"] }\n\
                        [[runs]]\ntable = \"data/houses.csv\"\nseeds = \"3,7\"\nargs = [\"--target\", \"price\"]\n";

    #[test]
    fn a_plan_is_the_product_of_seeds_and_values() {
        let jobs = parse(PLAN).unwrap();
        assert_eq!(jobs.len(), 2 * 4 + 2);
        assert_eq!(jobs[0].run, "toy_1/ours_k4/m=8,weight-decay=0/seed-0");
        assert_eq!(jobs[5].run, "toy_1/ours_k4/m=8,weight-decay=0.3/seed-1");
        assert_eq!(jobs[5].args.join(" "), "train --preset toy_1/ours_k4 --seed 1 --epochs 3 --m 8 --weight-decay 0.3");
        assert_eq!(jobs[9].run, "houses/seed-7");
        assert_eq!(jobs[9].args.join(" "), "train data/houses.csv --seed 7 --target price");
    }

    #[test]
    fn what_is_wrong_is_named_by_its_key() {
        let runs = |text: &str| format!("[[runs]]\n{text}\n");
        for (text, expected) in [
            (String::new(), "missing field `runs`"),
            ("runs = []".to_owned(), "there is no job"),
            (runs("preset = \"p\""), "missing field `seeds`"),
            (runs("seeds = \"0\""), "runs[0].preset: missing"),
            (runs("preset = \"p\"\ntable = \"t\"\nseeds = \"0\""), "runs[0].table: give"),
            (runs("preset = \"p\"\nseeds = \"2..1\""), "runs[0].seeds: \"2..1\" holds no seed"),
            (runs("preset = \"p\"\nseeds = \"0\"\nseed = 1"), "unknown field `seed`"),
            (runs("preset = \"p\"\nseeds = \"0\"\nname = \"../x\""), "runs[0].name: \"../x\" is no folder"),
            (runs("preset = \"p\"\nseeds = \"0\"\nargs = [\"--out=x\"]"), "runs[0].args: --out=x is set by the sweep"),
            (runs("preset = \"p\"\nseeds = \"0\"\nvary = { m = [\"1\"] }"), "runs[0].vary.\"m\": not an option"),
            (runs("preset = \"p\"\nseeds = \"0\"\nvary = { \"--m\" = [] }"), "runs[0].vary.\"--m\": holds no value"),
            (
                runs("preset = \"p\"\nseeds = \"0\"\nvary = { \"--m\" = [\"a/b\", \"a_b\"] }"),
                "two jobs would be trained in",
            ),
        ] {
            let message = parse(&text).unwrap_err();
            assert!(message.contains(expected), "{message}");
        }
    }
}

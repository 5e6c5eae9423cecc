//! A run folder of a one-column model, opened to be asked.

use burn::tensor::Device;
use ebm_core::checkpoint::weights_from_bytes;
use ebm_core::{Member, PredictionConfig, Predictor, Reach, TargetSpace, Trees};
use ebm_data::Pairs;
use ebm_data::run_file::{CalibrationRecord, EnsembleRecord, ModelRecord, ReachRecord, RunFile};
use ebm_data::table::{Kind, Schema};

use super::Files;
use super::document::{Document, RunRecord, check_digest, wrong};
use crate::axis::Axis;
use crate::data::Standard;
use crate::fault::Fault;
use crate::task::Task;

const WEIGHTS: &str = "model.safetensors";
const TREES: &str = "trees.safetensors";

/// A model of one column, from a run folder.
pub struct Opened {
    /// The model.
    pub predictor: Predictor,
    /// The axes of the plane.
    pub axes: [Axis; 2],
    /// How inputs become what the network reads.
    pub input: Standard,
    /// How far the training inputs reach.
    pub reach: Option<Reach>,
    /// The task it was trained on, if it was one.
    pub task: Option<Task>,
    /// The training examples, if they are known.
    pub shown: Pairs,
    /// What it is, for people.
    pub title: String,
}

/// What a run says of its columns.
struct Columns {
    axes: [Axis; 2],
    input: Standard,
    space: TargetSpace,
}

impl Opened {
    /// Opens the run in these files: the outermost folder that has a `run.json`.
    ///
    /// # Errors
    /// When there is none, a file is missing or damaged, or the model is not one of one column.
    pub fn new(files: &Files) -> Result<Self, Fault> {
        let folders = files.keys().filter_map(|name| name.strip_suffix(RunRecord::FILE));
        let folders = folders.filter(|folder| folder.is_empty() || folder.ends_with('/'));
        let folder = folders.min_by_key(|folder| folder.len());
        let folder = folder.ok_or_else(|| {
            wrong("", RunRecord::FILE, "it is missing: drop the folder that `ebm train --out` wrote, or its files")
        })?;
        let run = RunRecord::read(files, folder)?;
        let task = Task::of_name(&run.data.source);
        let config = PredictionConfig { seed: run.seed, ..PredictionConfig::default() };
        let device = Device::flex();
        let (predictor, columns, sha256, what) = match EnsembleRecord::read_if_there(files, folder)? {
            Some(ensemble) => {
                let columns = of_table(
                    folder,
                    ensemble.encoding.schema.as_ref(),
                    &ensemble.encoding.targets,
                    ensemble.encoding.space.clone(),
                    ensemble.target_range,
                )?;
                let members = members(files, folder, &ensemble)?;
                let (sha256, what) = (ensemble.digest(), format!("an ensemble of {}", members.len()));
                let predictor = Predictor::ensemble(members, ensemble.power, 1, columns.space.clone(), config, &device);
                (predictor, columns, Some(sha256), what)
            }
            None => {
                let record = ModelRecord::read(files, folder)?;
                let columns = columns(files, folder, &record, task)?;
                let what = format!("method {}", record.model.method.name());
                let sha256 = record.sha256.clone();
                let Member::Network(model) = network(files, folder, record)? else { unreachable!("a network") };
                (Predictor::new(&model, 1, columns.space.clone(), config), columns, sha256, what)
            }
        };
        let calibration = CalibrationRecord::read_if_there(files, folder)?.filter(|found| found.model == sha256);
        let reach = ReachRecord::read_if_there(files, folder)?.map(|record| record.reach);
        Ok(Self {
            predictor: predictor.with_calibration(calibration.map(|record| record.calibration)),
            axes: columns.axes,
            input: columns.input,
            reach: reach.filter(|reach| reach.width() == 1),
            shown: task.map(Task::train).unwrap_or_default(),
            task,
            title: format!("{}, {what}, seed {}", run.data.source, run.seed),
        })
    }
}

/// The network of a folder.
fn network(files: &Files, folder: &str, record: ModelRecord) -> Result<Member, Fault> {
    let bytes = bytes(files, folder, WEIGHTS)?;
    check_digest(folder, WEIGHTS, bytes, record.sha256.as_deref())?;
    let model = weights_from_bytes(bytes, record.model.init(0, &Device::flex()));
    let fault = |source| Fault::Weights { file: format!("{folder}{WEIGHTS}"), source };
    Ok((&model.map_err(fault)?).into())
}

/// The members of an ensemble that have a weight.
fn members(files: &Files, folder: &str, ensemble: &EnsembleRecord) -> Result<Vec<(f64, Member)>, Fault> {
    let used = ensemble.members.iter().filter(|member| member.weight > 0.0);
    let read = used.map(|member| {
        let folder = format!("{folder}members/{}/", member.name);
        if !files.contains_key(&format!("{folder}{TREES}")) {
            let record = ModelRecord::read(files, &folder)?;
            must_be_of_one_column(&folder, record.model.input, record.model.target)?;
            if record.sha256 != member.sha256 {
                return Err(wrong(&folder, WEIGHTS, "it is not the model that ensemble.json names"));
            }
            return Ok((member.weight, network(files, &folder, record)?));
        }
        let bytes = bytes(files, &folder, TREES)?;
        check_digest(&folder, TREES, bytes, member.sha256.as_deref())?;
        let fault = |source| Fault::Weights { file: format!("{folder}{TREES}"), source };
        let trees = Trees::from_bytes(bytes).map_err(fault)?;
        must_be_of_one_column(&folder, trees.input_width(), 1)?;
        Ok((member.weight, Member::from(trees)))
    });
    let members: Vec<_> = read.collect::<Result<_, Fault>>()?;
    if members.is_empty() { Err(wrong(folder, EnsembleRecord::FILE, "no member has a weight")) } else { Ok(members) }
}

fn bytes<'a>(files: &'a Files, folder: &str, name: &str) -> Result<&'a [u8], Fault> {
    let found = files.get(&format!("{folder}{name}")).map(Vec::as_slice);
    found.ok_or_else(|| wrong(folder, name, "it is missing: drop the whole folder of the run"))
}

/// The columns of one network.
fn columns(files: &Files, folder: &str, record: &ModelRecord, task: Option<Task>) -> Result<Columns, Fault> {
    must_be_of_one_column(folder, record.model.input, record.model.target)?;
    if let Some(encoding) = &record.encoding {
        return of_table(
            folder,
            encoding.schema.as_ref(),
            &encoding.targets,
            encoding.space.clone(),
            record.target_range,
        );
    }
    let [low, high] = record.target_range;
    let seen = if high > low { [low, high] } else { [low - 1.0, high + 1.0] };
    let axes = match task.map(Task::ranges) {
        Some([x, y]) => [Axis::new("x", x), Axis::new("y", y)],
        None => [Axis::around("x", kept_inputs(files, folder)), Axis::around("y", seen)],
    };
    Ok(Columns { axes, input: Standard::IDENTITY, space: TargetSpace::identity(seen, 1) })
}

/// The range of the training inputs that a run of pairs keeps; that of the paper's first task without any.
fn kept_inputs(files: &Files, folder: &str) -> [f64; 2] {
    let bytes = files.get(&format!("{folder}{}", ReachRecord::FILE)).map(Vec::as_slice).unwrap_or_default();
    let value: serde_json::Value = serde_json::from_slice(bytes).unwrap_or_default();
    let kept = value["reach"]["kept"].as_array().into_iter().flatten().filter_map(serde_json::Value::as_f64);
    let [low, high] = kept.fold([f64::INFINITY, f64::NEG_INFINITY], |[low, high], x| [low.min(x), high.max(x)]);
    if low <= high { [low, high] } else { [-3.0, 3.0] }
}

/// The columns of a table.
fn of_table(
    folder: &str,
    schema: Option<&Schema>,
    targets: &[String],
    space: TargetSpace,
    target_range: [f64; 2],
) -> Result<Columns, Fault> {
    let features = schema.map(|schema| &schema.features[..]).unwrap_or_default();
    let ([feature], [target], 1) = (features, targets, space.dimensions()) else {
        let of = format!("{} columns and {} targets", features.len(), targets.len());
        return Err(not_of_one_column(folder, &of));
    };
    let Kind::Numeric(statistics) = feature.kind else {
        return Err(not_of_one_column(folder, "a column that does not hold numbers"));
    };
    let sd = if statistics.sd > 0.0 { statistics.sd } else { 1.0 };
    Ok(Columns {
        axes: [Axis::around(&feature.name, [statistics.min, statistics.max]), Axis::around(target, target_range)],
        input: Standard { mean: statistics.mean, sd },
        space,
    })
}

fn must_be_of_one_column(folder: &str, input: usize, target: usize) -> Result<(), Fault> {
    if (input, target) == (1, 1) {
        return Ok(());
    }
    Err(not_of_one_column(folder, &format!("{input} inputs and {target} targets")))
}

fn not_of_one_column(folder: &str, of: &str) -> Fault {
    let why = format!("this model is of {of}: the plane shows one target over one numeric column");
    wrong(folder, ModelRecord::FILE, &why)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::{Wanted, read};
    use crate::folder::{pack, run_folder, unpack};
    use crate::plan::{MethodName, Plan};
    use crate::session::Session;

    fn trained(method: MethodName) -> Session {
        let text = include_str!("../../../engel.csv").to_owned();
        let [file, input, target] = ["engel.csv", "income", "foodexp"].map(str::to_owned);
        let data = read(Wanted::Table { file, text, input, target }).unwrap();
        let plan = Plan { method, components: 2, m: 32, sigma: 0.2, seed: 5, epochs: 2 };
        let mut session = Session::new(data, plan).unwrap();
        assert!(run_folder(&session, 0.0).unwrap_err().to_string().contains("only 0 of 2 epochs"));
        session.advance(usize::MAX).unwrap();
        session
    }

    fn inside(files: Files, folder: &str) -> Files {
        files.into_iter().map(|(name, bytes)| (format!("{folder}{name}"), bytes)).collect()
    }

    #[test]
    fn a_run_comes_back_from_its_archive_with_the_same_answers() {
        let session = trained(MethodName::Ebm);
        let files = inside(run_folder(&session, 1.0).unwrap(), "engel/");
        let opened = Opened::new(&unpack(pack(&files).unwrap()).unwrap()).unwrap();
        let data = session.data();
        let predictor = crate::view::predictor(session.model(), &data.space, 5);
        let input = data.input.to_model(900.0);
        let [was, is] = [&predictor, &opened.predictor].map(|model| model.predict(0, &[input])[0].quantile(0.9));
        assert_eq!(was, is);
        assert_eq!(opened.input, data.input);
        assert_eq!(opened.axes[0].label, "income");
        assert!(opened.reach.is_some());
    }

    #[test]
    fn a_changed_or_missing_file_is_named() {
        let files = inside(run_folder(&trained(MethodName::Mdn), 1.0).unwrap(), "r/");
        let message = |files: &Files| match Opened::new(files) {
            Err(fault) => fault.to_string(),
            Ok(_) => panic!("a damaged run was opened"),
        };
        let mut changed = files.clone();
        *changed.get_mut("r/model.safetensors").unwrap().last_mut().unwrap() ^= 1;
        assert!(message(&changed).starts_with("r/model.safetensors: it has changed"), "{}", message(&changed));
        let mut missing = files.clone();
        missing.remove("r/model.json");
        assert!(message(&missing).starts_with("r/model.json: it is missing"));
        assert!(message(&Files::new()).starts_with("run.json: it is missing"));
    }
}

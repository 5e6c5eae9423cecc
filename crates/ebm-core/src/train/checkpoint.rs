//! Checkpoints of a training run: safetensors and a JSON manifest, written atomically and verified by hash when read.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;

use burn::module::Module;
use burn::tensor::TensorData;
use serde::{Deserialize, Serialize};

use crate::io::atomic::write_atomic;
use crate::io::error::{CheckpointError, EARLIER, SCHEMA, io_error};
use crate::io::header;
use crate::io::tensors::{self, Named};
use crate::io::weights::{digest, read};
use crate::train::adam::{Adam, Moments};
use crate::train::{Counts, Position, Standing, Tally, TrainState};

const MANIFEST: &str = "checkpoint.json";

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Manifest {
    schema: String,
    file: String,
    bytes: u64,
    sha256: String,
    seed: u64,
    position: Position,
    /// Number of Adam updates, by parameter path.
    adam_time: BTreeMap<String, usize>,
    /// Skipped steps: in this epoch, and consecutive ones up to now.
    #[serde(default)]
    skipped: [usize; 2],
    #[serde(default)]
    selection: Standing,
    /// SHA-256 of this manifest without this field; earlier releases wrote none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    digest: Option<String>,
}

impl Manifest {
    /// The value of `digest`.
    fn own_digest(&mut self) -> String {
        let written = self.digest.take();
        let digest = digest(&serde_json::to_vec(self).expect("a manifest is plain data"));
        self.digest = written;
        digest
    }
}

/// Saves the state of a training run in `folder`: tensors first, then the manifest that names and hashes them.
///
/// If the process is killed at any time, either the previous or the new checkpoint is complete. Save the networks of a
/// stack separately, see [`TrainState::network`].
///
/// # Panics
/// If `state` is a stack.
pub fn save<M: Module>(folder: &Path, state: &TrainState<M>) -> Result<(), CheckpointError> {
    let mut named = Named::new();
    named.extend(tensors::collect(&state.model).into_iter().map(|(path, data)| (format!("model/{path}"), data)));
    for (prefix, model) in [("best", &state.best), ("average", &state.average)] {
        for (path, data) in model.iter().flat_map(tensors::collect) {
            named.insert(format!("{prefix}/{path}"), data);
        }
    }
    let mut adam_time = BTreeMap::new();
    for (path, Moments { time, first, second }) in state.adam.to_host() {
        named.insert(format!("adam_first/{path}"), first);
        named.insert(format!("adam_second/{path}"), second);
        adam_time.insert(path, time);
    }
    assert_eq!(state.networks(), 1, "a checkpoint holds one network: save those of a stack one by one");
    let Counts { sums, skipped } = state.tally.counts(1).remove(0);
    if !sums.is_empty() {
        named.insert("loss_sums".to_owned(), TensorData::new(sums.clone(), [sums.len()]));
    }
    let bytes = tensors::to_bytes(&named)?;

    let mut manifest = Manifest {
        schema: SCHEMA.to_owned(),
        file: format!("checkpoint-{}-{}.safetensors", state.position.epoch, state.position.step),
        bytes: bytes.len() as u64,
        sha256: digest(&bytes),
        seed: state.seed(),
        position: state.position,
        adam_time,
        skipped,
        selection: state.standing,
        digest: None,
    };
    manifest.digest = Some(manifest.own_digest());
    let file = folder.join(&manifest.file);
    write_atomic(&file, &bytes).map_err(io_error(&file))?;
    let json = serde_json::to_vec_pretty(&manifest).expect("a manifest is plain data");
    let path = folder.join(MANIFEST);
    write_atomic(&path, &json).map_err(io_error(&path))?;
    remove_others(folder, Some(&manifest.file)).map_err(io_error(folder))
}

/// Deletes the checkpoint in `folder`, if there is one.
pub fn remove(folder: &Path) -> Result<(), CheckpointError> {
    let path = folder.join(MANIFEST);
    if path.exists() {
        fs::remove_file(&path).map_err(io_error(&path))?;
    }
    remove_others(folder, None).map_err(io_error(folder))
}

/// Deletes the tensors of older checkpoints, and incomplete files of a killed process.
fn remove_others(folder: &Path, keep: Option<&str>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        let name = name.to_string_lossy();
        let half_written = *name == format!("{MANIFEST}.tmp");
        if half_written || name.starts_with("checkpoint-") && Some(&*name) != keep {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

/// Whether `folder` holds a checkpoint.
pub fn exists(folder: &Path) -> bool {
    folder.join(MANIFEST).exists()
}

/// Reads the checkpoint in `folder` into `model`, a model of the same shape on the device to train on.
pub fn load<M: Module>(folder: &Path, model: M) -> Result<TrainState<M>, CheckpointError> {
    let path = folder.join(MANIFEST);
    let foreign = |source| CheckpointError::Manifest { path: path.clone(), source };
    let manifest: serde_json::Value = serde_json::from_slice(&read(&path)?).map_err(foreign)?;
    let schema = manifest.get("schema").and_then(|schema| schema.as_str()).unwrap_or("none");
    if ![SCHEMA, EARLIER].contains(&schema) {
        return Err(CheckpointError::Schema { found: schema.to_owned(), path });
    }
    let mut manifest: Manifest = serde_json::from_value(manifest).map_err(foreign)?;
    if let Some(expected) = manifest.digest.clone() {
        let found = manifest.own_digest();
        if found != expected {
            return Err(CheckpointError::Damaged { path, check: "SHA-256", found, expected });
        }
    }
    // The manifest names a file beside it and nothing else.
    let name = Path::new(&manifest.file).file_name().unwrap_or_default();
    let file = folder.join(name);
    header::check_file(&file)?;
    let bytes = read(&file)?;
    let damaged = |check, found: String, expected: String| {
        Err(CheckpointError::Damaged { path: file.clone(), check, found, expected })
    };
    if bytes.len() as u64 != manifest.bytes {
        return damaged("size", bytes.len().to_string(), manifest.bytes.to_string());
    }
    let sha256 = digest(&bytes);
    if sha256 != manifest.sha256 {
        return damaged("SHA-256", sha256, manifest.sha256);
    }

    let mut model_tensors = Named::new();
    let [mut best, mut average] = [(); 2].map(|()| Named::new());
    let mut first = Named::new();
    let mut second = Named::new();
    let mut sums = Vec::new();
    for (name, data) in tensors::from_bytes(&bytes)? {
        match name.split_once('/') {
            Some(("model", path)) => drop(model_tensors.insert(path.to_owned(), data)),
            Some(("best", path)) => drop(best.insert(path.to_owned(), data)),
            Some(("average", path)) => drop(average.insert(path.to_owned(), data)),
            Some(("adam_first", path)) => drop(first.insert(path.to_owned(), data)),
            Some(("adam_second", path)) => drop(second.insert(path.to_owned(), data)),
            None if name == "loss_sums" => sums = data.iter::<f32>().collect(),
            _ => return Err(CheckpointError::UnknownTensor { name }),
        }
    }
    let mut moments = BTreeMap::new();
    for (path, first) in first {
        let missing = || CheckpointError::MissingTensor { name: path.clone() };
        let second = second.remove(&path).ok_or_else(missing)?;
        let &time = manifest.adam_time.get(&path).ok_or_else(missing)?;
        let expected = vec![model_tensors.get(&path).ok_or_else(missing)?.num_elements()];
        for moment in [&first, &second] {
            if moment.shape()[..] != expected {
                let found = moment.shape().to_vec();
                return Err(CheckpointError::WrongShape { name: path, expected, found });
            }
        }
        moments.insert(path, Moments { time, first, second });
    }
    if manifest.selection.best.is_some() && best.is_empty() {
        return Err(CheckpointError::MissingTensor { name: "best".to_owned() });
    }
    let [best, average] = [best, average]
        .map(|named| (!named.is_empty()).then(|| tensors::apply(tensors::copy(&model), named)).transpose());
    let model = tensors::apply(model, model_tensors)?;
    let mut state = TrainState::new(model, manifest.seed);
    let constants = state.device().inner();
    state.adam = Adam::from_host(moments, &constants);
    state.position = manifest.position;
    state.tally = Tally::restore(&[Counts { sums, skipped: manifest.skipped }], &constants);
    state.standing = manifest.selection;
    (state.best, state.average) = (best?, average?);
    Ok(state)
}

#[cfg(test)]
mod tests {
    use burn::tensor::Device;

    use super::*;
    use crate::data::examples::Examples;
    use crate::method::config::{Method, ModelConfig};
    use crate::method::model::Model;
    use crate::train::{TrainingConfig, fit};

    fn fresh() -> Model {
        ModelConfig::scalar(Method::ebm(2)).init(0, &Device::flex().autodiff())
    }

    #[test]
    fn a_checkpoint_of_before_there_was_selection_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        save(folder, &TrainState::new(fresh(), 3)).unwrap();
        let path = folder.join(MANIFEST);
        let mut manifest: serde_json::Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
        let fields = manifest.as_object_mut().unwrap();
        assert!(["selection", "skipped", "digest"].iter().all(|field| fields.remove(*field).is_some()));
        fields.insert("schema".to_owned(), EARLIER.into());
        fs::write(&path, manifest.to_string()).unwrap();
        let state = load(folder, fresh()).unwrap();
        assert_eq!(
            (state.seed(), state.standing, state.tally.counts(1)),
            (3, Standing::default(), vec![Counts::default()])
        );
    }

    #[test]
    fn a_selection_without_its_weights_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        save(folder, &TrainState::new(fresh(), 3)).unwrap();
        let path = folder.join(MANIFEST);
        let mut manifest: serde_json::Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
        manifest["selection"]["best"] = 0.5.into();
        manifest["digest"] = serde_json::Value::Null;
        fs::write(&path, manifest.to_string()).unwrap();
        assert!(matches!(load(folder, fresh()), Err(CheckpointError::MissingTensor { .. })));
    }

    #[test]
    fn moments_of_another_shape_than_their_parameter_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        let examples = Examples::from_pairs(&[0.0, 1.0], &[0.0, 1.0]);
        let training = TrainingConfig { epochs: 1, m: 2, ..TrainingConfig::default() };
        let state = fit(TrainState::new(fresh(), 0), &examples, &training, &mut ()).unwrap();
        save(folder, &state).unwrap();
        assert!(load(folder, fresh()).is_ok());

        // All hashes are correct, but the shapes do not fit.
        let mut manifest: Manifest = serde_json::from_slice(&fs::read(folder.join(MANIFEST)).unwrap()).unwrap();
        let file = folder.join(&manifest.file);
        let mut named = tensors::from_bytes(&fs::read(&file).unwrap()).unwrap();
        let (moment, _) = named.iter().find(|(name, _)| name.starts_with("adam_second/")).unwrap();
        named.insert(moment.clone(), TensorData::new(vec![0.0_f32; 3], [3]));
        let bytes = tensors::to_bytes(&named).unwrap();
        (manifest.bytes, manifest.sha256, manifest.digest) = (bytes.len() as u64, digest(&bytes), None);
        fs::write(&file, bytes).unwrap();
        fs::write(folder.join(MANIFEST), serde_json::to_vec(&manifest).unwrap()).unwrap();
        assert!(matches!(load(folder, fresh()), Err(CheckpointError::WrongShape { found, .. }) if found == [3]));
    }
}

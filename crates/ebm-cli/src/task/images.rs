//! The image tasks: the paper's files where they are, stand-ins where they are not.

use std::path::{Path, PathBuf};

use ebm_core::Grid;
use ebm_data::DataError;
use ebm_data::image::{Augmentation, BadImages, ImageSet, ImageSplit, ImageTask, Reading, SIDE, SplitRule};
use ebm_data::image::{read_images, read_images_or_skip};
use ebm_data::standin::{self, StandIn};

use super::evaluation::{Evaluation, KlInputs, Truth};
use crate::console::Console;
use crate::exit::{Exit, failure};
use crate::experiment::data::ImageSource;
use crate::experiment::task::Task;
use crate::rows::images::{of_folder, of_set};
use crate::rows::{Chunks, Place};
use crate::run::split::{SplitRecord, TaskSplit};
use crate::training_data::TrainingData;

/// Training and test images of a task.
#[derive(Debug)]
pub struct Images {
    /// Trained on, augmented where the paper augments.
    pub train: ImageSet,
    /// Held out.
    pub test: ImageSet,
    /// Their description in the record.
    pub about: String,
    /// Which of the stored images are which, where a file was split.
    pub split: Option<TaskSplit>,
}

/// The paper's files of a task in `folder`: one file, or training and test file.
pub fn paper_files(task: ImageTask, folder: &Path) -> Option<Vec<PathBuf>> {
    let candidates: &[&[&str]] = match task {
        ImageTask::Steering => &[&["SteeringAngle_64x64.h5"]],
        ImageTask::Cells => &[&["Cell200_64x64.h5"], &["Cell200"]],
        ImageTask::Age => &[&["UTKFace_64x64.h5"]],
        ImageTask::HeadPose => &[&["BIWI_train.npz", "BIWI_test.npz"]],
    };
    let there = |names: &&&[&str]| names.iter().all(|name| folder.join(name).exists());
    candidates.iter().find(there).map(|names| names.iter().map(|name| folder.join(name)).collect())
}

/// The generator that stands in for a task.
pub fn stand_in(task: Task) -> StandIn {
    match task {
        Task::Steering => StandIn::Steering,
        Task::Cells => StandIn::Cells,
        Task::Age => StandIn::Age,
        Task::HeadPose => StandIn::HeadPose,
        Task::Digits => StandIn::Digits,
    }
}

/// The images of a task from their source.
///
/// # Errors
/// When the paper's files are missing or damaged, or a stand-in cannot be kept on disk.
pub fn images(task: Task, source: &ImageSource, console: Console) -> anyhow::Result<Images> {
    match source {
        ImageSource::Paper { folder, split_seed, bad_images } => paper(task, folder, *split_seed, *bad_images, console),
        &ImageSource::StandIn { train, test, seed } => generated(task, train, test, seed, console),
    }
}

/// The training data of a task.
///
/// # Errors
/// As [`images`].
pub fn training_data(task: Task, source: &ImageSource, console: Console) -> anyhow::Result<TrainingData> {
    let Images { train, about, split, .. } = images(task, source, console)?;
    let labels: Vec<f64> = (0..train.count()).flat_map(|row| train.label(row).to_vec()).collect();
    Ok(TrainingData { split: split.map(SplitRecord::Task), ..TrainingData::new(train, about, &labels) })
}

fn paper(task: Task, folder: &Path, split_seed: u64, bad: BadImages, console: Console) -> anyhow::Result<Images> {
    let missing = || {
        let message = format!(
            "{} does not hold the paper's files of this task: `ebm data list` names them and says where they come from",
            folder.display()
        );
        failure(Exit::NoInput, message)
    };
    let layout = task.of_paper().ok_or_else(missing)?;
    let files = paper_files(layout, folder).ok_or_else(missing)?;
    let names: Vec<String> = files.iter().map(|file| file.display().to_string()).collect();
    let mut about = names.join(" and ");
    let mut split = None;
    let Reading { images: first, skipped } = read_images_or_skip(&files[0], layout, bad)?;
    if !skipped.is_empty() {
        warn_of_skipped(&skipped, first.count(), console);
        about += &format!(" (skipped pictures: {})", skipped.len());
    }
    let (train, test) = match files.get(1) {
        Some(second) => (first, read_images(second, layout)?),
        None => {
            let rule = layout.split_rule().expect("a task of one file is split");
            let rule = without_skipped(rule, first.count(), skipped.len());
            let ImageSplit { train, test, rows } = first.split(split_seed, rule)?;
            let skipped = skipped.iter().map(ToString::to_string).collect();
            split = Some(TaskSplit { seed: split_seed, skipped, train: rows.train, test: rows.test });
            (train, test)
        }
    };
    let train = if task == Task::HeadPose { train.augmented(Augmentation::HeadPose) } else { train };
    Ok(Images { train, test, about, split })
}

/// The rule for what is left: draws that there were images enough for before some were skipped shrink alike.
fn without_skipped(rule: SplitRule, left: usize, skipped: usize) -> SplitRule {
    match rule {
        SplitRule::Draws { train, test } if (left + 1..=left + skipped).contains(&(train + test)) => {
            let fewer = left * train / (train + test);
            SplitRule::Draws { train: fewer, test: left - fewer }
        }
        rule => rule,
    }
}

/// Skipped pictures named in a warning; the record of the run has them all.
const NAMED: usize = 10;

fn warn_of_skipped(skipped: &[DataError], kept: usize, console: Console) {
    let names: Vec<String> = skipped.iter().take(NAMED).map(|why| format!("\n  {why}")).collect();
    let more = skipped.len().saturating_sub(NAMED);
    let more = if more == 0 { String::new() } else { format!("\n  and {more} more") };
    console.warn(format_args!("skipped pictures: {}, {kept} are left:{}{more}", skipped.len(), names.concat()));
}

fn generated(task: Task, train: usize, test: usize, seed: u64, console: Console) -> anyhow::Result<Images> {
    let which = stand_in(task);
    let [train_rows, test_rows] = stand_in_rows(task, train, test);
    let count = 1 + train_rows.iter().chain(&test_rows).max().expect("at least one image");
    let set = generate(which, count, seed, console)?;
    let (training, test_set) = (set.subset(&train_rows), set.subset(&test_rows));
    let training = if task == Task::HeadPose { training.augmented(Augmentation::HeadPose) } else { training };
    let about = format!("{} stand-in: {train} training and {test} test images, seed {seed}", which.name());
    Ok(Images { train: training, test: test_set, about, split: None })
}

/// Which generated images are trained and which tested on: the first ones, and those after them. Of the digits the even
/// and the odd ones, which are drawn by different writers.
pub fn stand_in_rows(task: Task, train: usize, test: usize) -> [Vec<usize>; 2] {
    match task {
        Task::Digits => [(0..train).map(|row| 2 * row).collect(), (0..test).map(|row| 2 * row + 1).collect()],
        _ => [(0..train).collect(), (train..train + test).collect()],
    }
}

/// Generated images, from the cache if they were generated before.
///
/// # Errors
/// When they cannot be kept on disk.
pub fn generate(which: StandIn, count: usize, seed: u64, console: Console) -> anyhow::Result<ImageSet> {
    let bar = console.bar(Some(count), "drawing images {wide_bar} {pos}/{len}, {per_sec}, {eta} left");
    let set = standin::cached(which, count, seed, cache_folder(), &|| bar.inc(1))?;
    bar.finish_and_clear();
    Ok(set)
}

/// The range of a task's labels, and the points of the paper's grid over it.
fn paper_grid(task: Task) -> ([f64; 2], usize) {
    match task {
        Task::Steering => ([-100.0, 100.0], 20_000),
        Task::Cells => ([1.0, 200.0], 19_900),
        Task::Age => ([1.0, 60.0], 5900),
        // Points along each of three axes.
        Task::HeadPose => ([-80.0, 80.0], 30),
        Task::Digits => ([-180.0, 180.0], 3600),
    }
}

/// The range of a task's labels.
pub fn label_range(task: Task) -> [f64; 2] {
    paper_grid(task).0
}

/// Points over the range of a task's labels, along one axis.
pub fn label_axis(task: Task, points: usize) -> Grid {
    let [low, high] = label_range(task);
    Grid::line(low, high, points)
}

/// What the labels of a task are, a name with its unit a dimension.
pub fn label_names(task: Task) -> &'static [&'static str] {
    match task {
        Task::Steering => &["steering angle (degrees)"],
        Task::Cells => &["cells"],
        Task::Age => &["age (years)"],
        Task::HeadPose => &["yaw (degrees)", "pitch (degrees)", "roll (degrees)"],
        Task::Digits => &["angle (degrees)"],
    }
}

/// The labels' names as columns, a dimension each: without their unit.
pub fn target_names(task: Task) -> Vec<String> {
    let names = label_names(task).iter().map(|name| name.split(" (").next().unwrap_or(name));
    names.map(|name| name.replace(' ', "_")).collect()
}

/// The test images of a task as rows.
///
/// # Errors
/// As [`images`].
pub fn test_rows(task: Task, source: &ImageSource, console: Console) -> anyhow::Result<Chunks<'static>> {
    Ok(of_set(images(task, source, console)?.test, Place::Image))
}

/// Other images as rows: a file of the task's layout, or, where no labels are required, a folder of pictures.
///
/// # Errors
/// When they cannot be read.
pub fn rows(task: Task, file: &Path, labels_required: bool) -> anyhow::Result<Chunks<'static>> {
    if file.is_dir() && !labels_required {
        return of_folder(file, SIDE, stand_in(task).channel_order().rgb_channels());
    }
    Ok(of_set(file_of_layout(task, file)?, Place::Image))
}

fn file_of_layout(task: Task, file: &Path) -> anyhow::Result<ImageSet> {
    let Some(layout) = task.of_paper() else {
        return Err(failure(Exit::Usage, "this task has no files of labelled images: only a folder of pictures"));
    };
    Ok(read_images(file, layout)?)
}

/// The evaluation of a model of this task on other images, in a file of the task's layout.
///
/// # Errors
/// When they cannot be read.
pub fn evaluation_of(task: Task, file: &Path) -> anyhow::Result<Evaluation> {
    Ok(evaluation_on(task, file_of_layout(task, file)?, None))
}

/// The test images of a task with the paper's grid, and the truth where a generator knows it.
///
/// # Errors
/// As [`images`].
pub fn evaluation(task: Task, source: &ImageSource, console: Console) -> anyhow::Result<Evaluation> {
    let test = images(task, source, console)?.test;
    let truth = truth(task, source, &test);
    Ok(evaluation_on(task, test, truth))
}

fn evaluation_on(task: Task, test: ImageSet, truth: Option<Truth>) -> Evaluation {
    let ([low, high], points) = paper_grid(task);
    let dimensions = test.label_width();
    // A cube that converged, at a fifth of a degree, would have half a billion points.
    let fine = (dimensions == 1).then(|| Grid::fine(low, high, 4 * points, 1));
    Evaluation { test: Box::new(test), grid: Grid::cube(low, high, points, dimensions), fine, truth }
}

fn truth(task: Task, source: &ImageSource, test: &ImageSet) -> Option<Truth> {
    let &ImageSource::StandIn { train, test: count, seed } = source else { return None };
    let which = stand_in(task);
    let [_, rows] = stand_in_rows(task, train, count);
    let truths: Vec<_> = rows.iter().map(|&row| standin::truth(which, seed, row as u64)).collect::<Option<_>>()?;
    let test_nll = truths.iter().enumerate().map(|(row, truth)| -truth.log_density(test.label(row))).collect();
    let kl = (test.label_width() == 1).then(|| {
        let rows: Vec<usize> = (0..test.count().min(KL_IMAGES)).collect();
        KlInputs {
            inputs: Box::new(test.subset(&rows)),
            log_density: Box::new(move |row, y| truths[row].log_density(&[y])),
        }
    });
    Some(Truth { test_nll, kl })
}

/// Images over which a divergence is averaged, at most.
const KL_IMAGES: usize = 500;

/// Where generated images are kept: `EBM_CACHE`, or `ebm` in the user's cache folder.
pub fn cache_folder() -> PathBuf {
    let home = || std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".cache"));
    let user = || std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from).or_else(home);
    match std::env::var_os("EBM_CACHE") {
        Some(folder) => folder.into(),
        None => user().unwrap_or_else(std::env::temp_dir).join("ebm"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_split_shrinks_by_what_was_skipped_and_by_nothing_else() {
        let rule = SplitRule::Draws { train: 60, test: 40 };
        for (left, skipped, expected) in [(100, 5, [60, 40]), (97, 3, [58, 39]), (90, 3, [60, 40]), (99, 0, [60, 40])] {
            let [train, test] = expected;
            assert_eq!(without_skipped(rule, left, skipped), SplitRule::Draws { train, test }, "{left} {skipped}");
        }
        assert_eq!(without_skipped(SplitRule::Share(0.8), 97, 3), SplitRule::Share(0.8));
    }
}

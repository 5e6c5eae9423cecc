//! The observer of a training: progress bar, metrics, snapshots, checkpoints.

use std::io::IsTerminal;
use std::time::{Duration, Instant};

use ebm_core::checkpoint;
use ebm_core::{EpochReport, Flow, Model, Observer, TrainError, TrainState, TrainingConfig};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::interrupt::Interrupt;
use crate::output::tell;
use crate::run::folder::RunFolder;
use crate::run::metrics::Epoch;
use crate::run::{metrics, model};

/// Watches the training of a run, or of the runs of a stack.
pub struct Progress<'a> {
    /// One a network.
    folders: Vec<&'a RunFolder>,
    interrupt: Interrupt,
    bar: ProgressBar,
    /// Print a line every this many epochs, when there is no terminal to draw on.
    line_every: Option<usize>,
    snapshot_epochs: &'a [usize],
    checkpoint_every: Duration,
    last_checkpoint: Instant,
    /// The first error while writing; training stops for it.
    error: Option<anyhow::Error>,
    /// The state at which training failed.
    failed: Option<TrainState<Model>>,
}

impl<'a> Progress<'a> {
    pub fn new(
        folders: Vec<&'a RunFolder>,
        interrupt: Interrupt,
        training: &TrainingConfig,
        steps_per_epoch: usize,
        quiet: bool,
    ) -> Self {
        let total = training.epochs.saturating_mul(steps_per_epoch) as u64;
        let terminal = std::io::stderr().is_terminal();
        let target = if quiet || !terminal { ProgressDrawTarget::hidden() } else { ProgressDrawTarget::stderr() };
        let bar = ProgressBar::with_draw_target(Some(total), target);
        let style = "{msg} {wide_bar} {pos}/{len} steps, {per_sec}, {eta} left";
        bar.set_style(ProgressStyle::with_template(style).expect("a valid template"));
        Self {
            folders,
            interrupt,
            bar,
            // A run that chooses its end may need a small part of the epochs that it may take.
            line_every: (!quiet && !terminal).then(|| match training.selection {
                Some(_) => training.epochs.div_ceil(10).min(20),
                None => training.epochs.div_ceil(10),
            }),
            snapshot_epochs: &[],
            checkpoint_every: Duration::MAX,
            last_checkpoint: Instant::now(),
            error: None,
            failed: None,
        }
    }

    pub fn snapshots(mut self, epochs: &'a [usize]) -> Self {
        self.snapshot_epochs = epochs;
        self
    }

    pub fn checkpoint_every(mut self, interval: Duration) -> Self {
        self.checkpoint_every = interval;
        self
    }

    /// Steps done before this session.
    pub fn start_at(self, steps: usize) -> Self {
        self.bar.set_position(steps as u64);
        self.bar.reset_eta();
        self
    }

    /// Removes the bar. Returns the state at which training failed, if it did, or the first error while writing.
    pub fn finish(self) -> anyhow::Result<Option<TrainState<Model>>> {
        self.bar.finish_and_clear();
        self.error.map_or(Ok(self.failed), Err)
    }

    fn save(&self, state: &TrainState<Model>) -> anyhow::Result<()> {
        for (index, folder) in self.folders.iter().enumerate() {
            metrics::sync(folder.path())?;
            checkpoint::save(folder.path(), &state.network(index))?;
            folder.replace()?;
        }
        Ok(())
    }

    fn save_epoch(&self, state: &TrainState<Model>, report: &EpochReport) -> anyhow::Result<()> {
        let folder = self.folders[report.network];
        metrics::append(folder.path(), &Epoch::from(report))?;
        let epoch = report.epoch + 1;
        if self.snapshot_epochs.contains(&epoch) {
            model::write_snapshot(folder.path(), epoch, &state.model_of(report.network))?;
        }
        Ok(())
    }
}

/// One line of losses, in nats.
fn losses(report: &EpochReport) -> String {
    let losses = report.losses.iter().map(|(name, value)| format!("{name} {value:.3}"));
    let held_out = report.validation.iter().map(|validation| {
        format!("held-out nll {:.3}{}", validation.nll, if validation.best { ", the best" } else { "" })
    });
    losses.chain(held_out).collect::<Vec<_>>().join("  ")
}

impl Observer<Model> for Progress<'_> {
    fn step(&mut self, state: &TrainState<Model>) -> Flow {
        self.bar.inc(1);
        if self.last_checkpoint.elapsed() >= self.checkpoint_every && self.error.is_none() {
            self.error = self.save(state).err();
            self.last_checkpoint = Instant::now();
        }
        if self.interrupt.requested() || self.error.is_some() { Flow::Stop } else { Flow::Continue }
    }

    fn epoch(&mut self, state: &TrainState<Model>, report: &EpochReport) {
        let epoch = report.epoch + 1;
        // The first network of a stack is shown for all.
        if report.network == 0 {
            self.bar.set_message(losses(report));
            if self.line_every.is_some_and(|every| epoch.is_multiple_of(every)) {
                tell(format_args!("epoch {epoch}: {}", losses(report)));
            }
        }
        self.error = self.error.take().or_else(|| self.save_epoch(state, report).err());
    }

    fn failed(&mut self, state: &TrainState<Model>, _: &TrainError) {
        self.failed = Some(state.clone());
    }
}

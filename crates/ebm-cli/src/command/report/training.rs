//! How a model was trained, in a report.

use std::path::Path;

use crate::figure::diagnostics;
use crate::html::{Block, PageFigure, Section, Table};
use crate::run::metrics::{self, Epoch};
use crate::trained::TrainedModel;
use ebm_data::run_file::{EnsembleMember, EnsembleRecord, HeldOut};

/// How it was trained: the members of an ensemble, or the losses of one network over epochs.
pub(super) fn training(model: &TrainedModel, run: &Path) -> anyhow::Result<Section> {
    match &model.ensemble {
        Some(ensemble) => Ok(members(ensemble)),
        None => losses(run),
    }
}

/// A row for each member of an ensemble.
fn members(ensemble: &EnsembleRecord) -> Section {
    let row = |member: &EnsembleMember| {
        let nll = member.nll.map_or_else(|| "–".to_owned(), |nll| format!("{nll:.3}"));
        let restarted = if member.restarted { "second network, the first had not learned" } else { "" };
        let note = member.failed.clone().unwrap_or_else(|| restarted.to_owned());
        vec![member.name.clone(), (member.fold + 1).to_string(), nll, format!("{:.3}", member.weight), note]
    };
    let HeldOut { rows, nll, nll_of_marginal, .. } = &ensemble.held_out;
    let density = match ensemble.power {
        1.0 => "The density is the weighted mean of the members' densities".to_owned(),
        power => format!(
            "For one target, the power {power} of the density is the weighted mean of that power of the members' densities, \
             but for a constant"
        ),
    };
    let text = format!(
        "{density}. Each member was trained on all folds but one and \
         chosen on that one; weights maximise the likelihood of rows that a member was not trained on. On these {rows} rows \
         the weighted mixture has an NLL of {nll:.3} nats, and a Gaussian that ignores the inputs {nll_of_marginal:.3}."
    );
    let table = Table {
        caption: "Members; NLL on the rows of the fold that they were not trained on, nats".to_owned(),
        head: ["Member", "Fold", "NLL", "Weight", "Note"].map(str::to_owned).to_vec(),
        rows: ensemble.members.iter().map(row).collect(),
    };
    Section { heading: "Training".to_owned(), blocks: vec![Block::Text(text), Block::Table(table)] }
}

/// Losses over epochs.
fn losses(run: &Path) -> anyhow::Result<Section> {
    let epochs = metrics::read(run)?;
    // The proposal's loss is known up to log Z, which drifts as the energy learns.
    let losses = metrics::losses(&epochs).into_iter().filter(|(name, _)| name != "proposal_kl");
    let mut curves: Vec<_> = losses.map(|(name, curve)| (name.replace('_', " "), curve)).collect();
    let nll = |epoch: &Epoch| epoch.validation.and_then(|validation| validation.nll).unwrap_or(f64::NAN);
    if epochs.iter().any(|epoch| epoch.validation.is_some()) {
        curves.push(("held-out nll".to_owned(), epochs.iter().map(nll).collect()));
    }
    let skipped: usize = epochs.iter().map(|epoch| epoch.skipped_steps).sum();
    let figure = PageFigure {
        figure: diagnostics::training(&curves),
        caption: "Mean losses of each epoch, nats per row; the model with the lowest held-out loss was kept."
            .to_owned(),
        description: format!("Training losses over {} epochs", epochs.len()),
    };
    let mut blocks = vec![Block::Figures(vec![figure])];
    if skipped > 0 {
        blocks.push(Block::Text(format!("{skipped} steps were skipped, because their loss was not finite.")));
    }
    Ok(Section { heading: "Training".to_owned(), blocks })
}

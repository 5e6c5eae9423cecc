//! The training rows of an ensemble, each predicted by the members that were not trained on it.

use ebm_core::predict::CHUNK;
use ebm_core::{Dataset, Labelled, Predictor};
use ebm_data::table::{Part, Split};

use super::TrainedModel;
use crate::rows::{Place, RowsOf};
use crate::run::document::Document;
use crate::training_data::Folded;
use crate::user_data::rows::folded;

/// The folds of the training rows, and the members that were not trained on each.
pub(super) struct OutOfFold {
    folded: Folded,
    predictors: Vec<(usize, Predictor)>,
}

impl TrainedModel {
    /// Whether rows are predicted out of fold: a held-out part of an ensemble that has no such part.
    pub fn is_out_of_fold(&self, of: RowsOf<'_>) -> anyhow::Result<bool> {
        let (Some(_), RowsOf::Part(part @ (Part::Test | Part::Calibration))) = (&self.ensemble, of) else {
            return Ok(false);
        };
        Ok(Split::read(&self.run)?.rows.of(part) == 0)
    }

    /// # Errors
    /// When the table has changed, or cannot be read.
    pub(super) fn out_of_fold(&self) -> anyhow::Result<OutOfFold> {
        let (Some(about), Some(user)) = (&self.ensemble, self.record.config.data.user()) else {
            unreachable!("an ensemble of a table")
        };
        let folds = about.members.iter().map(|member| member.fold + 1).max().unwrap_or(0);
        let folded = folded(user, &about.encoding, &Split::read(&self.run)?, folds)?;
        let (width, config) = (folded.all.input_width(), self.predictor.config());
        let device = self.predictor.device();
        let used = about.members.iter().filter(|member| member.weight > 0.0).zip(self.predictor.members());
        let of_fold = |fold: usize| {
            let members = used.clone().filter(|(member, _)| member.fold == fold);
            let members: Vec<_> = members.map(|(member, (_, model))| (member.weight, model.clone())).collect();
            (!members.is_empty()).then(|| {
                let space = about.encoding.space.clone();
                let calibration = self.predictor.calibration().cloned();
                (
                    fold,
                    Predictor::ensemble(members, about.power, width, space, config, device)
                        .with_calibration(calibration),
                )
            })
        };
        let predictors = (0..folds).filter_map(of_fold).collect();
        Ok(OutOfFold { folded, predictors })
    }
}

impl OutOfFold {
    /// Calls `with` for some rows of a fold after others, with the members that were not trained on them.
    pub fn each(&self, mut with: impl FnMut(&Predictor, &Labelled, &[Place])) -> anyhow::Result<()> {
        let Folded { all, lines, .. } = &self.folded;
        for (fold, predictor) in &self.predictors {
            for rows in self.folded.rows(*fold, true).chunks(CHUNK) {
                let (inputs, labels) = self.folded.of_rows(rows);
                let places: Vec<Place> = rows.iter().map(|&row| Place::Line(lines[row])).collect();
                with(predictor, &Labelled::new(inputs, all.input_width(), labels, all.space().clone())?, &places);
            }
        }
        Ok(())
    }
}

//! Labels that are far from all others.

use ebm_core::TargetSpace;

use crate::exit::{Exit, failure};
use crate::experiment::user_data::UserData;

/// Refuses labels to train and validate with of which one is far from all others, unless that is allowed: it would rule the
/// standardisation, or the choice of the weights. `place` names the file and the row of an index.
///
/// # Errors
/// Names the label, how far it is from the others, and what can be done.
pub(super) fn refuse(
    user: &UserData,
    space: &TargetSpace,
    labels: &[f64],
    place: impl Fn(usize) -> String,
) -> anyhow::Result<()> {
    let targets = space.targets().iter().zip(&user.targets).enumerate();
    for (d, (target, name)) in targets.filter(|_| !user.allow_outliers) {
        let column: Vec<f64> = labels.iter().skip(d).step_by(user.targets.len()).copied().collect();
        if let Some((index, far)) = target.outlier(&column) {
            let message = format!(
                "{}: the label {name} = {} is {far:.0} quartile ranges from the median, and nothing could be learned of the \
                 others beside it: correct it, remove the row, name a kind of target on whose scale it is nearer, such as \
                 positive, or train with it by --allow-outliers",
                place(index),
                column[index],
            );
            return Err(failure(Exit::Data, message));
        }
    }
    Ok(())
}

//! The kinds of targets: those asked for, or those that suit the training labels.

use ebm_core::TargetKind;

use crate::console::Console;
use crate::experiment::user_data::{KindChoice, UserData};

/// The kind of each target. Labels are row-major `[n, D]`; tells what it found for [`KindChoice::Auto`].
///
/// Held-out labels do not choose a kind, but one that excludes any of them is not chosen: then the target is real.
pub(super) fn resolved(user: &UserData, training: &[f64], held_out: &[f64], console: Console) -> Vec<TargetKind> {
    let column =
        |labels: &[f64], d: usize| labels.iter().skip(d).step_by(user.targets.len()).copied().collect::<Vec<_>>();
    let kind = |(d, choice): (usize, &KindChoice)| match choice {
        KindChoice::Is(kind) => *kind,
        KindChoice::Power => TargetKind::fit_power(&column(training, d)),
        KindChoice::Auto => {
            let (kind, why) = TargetKind::suited(&column(training, d));
            let name = &user.targets[d];
            if let Some(label) = column(held_out, d).into_iter().find(|&label| !kind.contains(label)) {
                console.say(format_args!("target {name}: kind real, because a held-out label is {label}, but {kind}"));
                return TargetKind::Real;
            }
            if let Some(found) = why.finding() {
                let real = if user.targets.len() == 1 { "real".to_owned() } else { format!("{name}=real") };
                let kind = kind.name();
                console
                    .say(format_args!("target {name}: {found}: kind {kind}; --target-kind {real} treats it as real"));
            }
            kind
        }
    };
    user.kinds.iter().enumerate().map(kind).collect()
}

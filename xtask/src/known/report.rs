//! The table of known densities as Markdown.

use std::fmt::Write;

use crate::mean::mean_and_error;

use super::args::Args;
use super::density::KnownDensity;
use super::outcome::Outcome;

pub(super) fn markdown(args: &Args, densities: &[KnownDensity], outcomes: &[(KnownDensity, Outcome)]) -> String {
    let Args { rows, calibration, test, method, seeds, .. } = args;
    let mut text = format!(
        "# Tables drawn from known densities\n\n\
         `cargo xtask known-densities --method {method} --rows {rows} --calibration {calibration} --test {test} \
         --seeds {seeds}`\n\n\
         {rows} rows to train on, of which a tenth chooses the model; {calibration} other rows to calibrate with, {test} \
         to test on;\n{seeds} seeds, each with rows and a network of its own; default settings throughout. Means over the \
         seeds ± standard\nerror. `above truth`: test NLL minus that of the true density on the same rows, nats. Coverage: \
         share of test labels in\nthe central 90 % intervals, in the 90 % highest-density sets, and in these calibrated. \
         Seconds to train, one thread.\n\n\
         | density | truth NLL | above truth | central | sets | calibrated sets | s |\n\
         |---|---:|---:|---:|---:|---:|---:|\n"
    );
    for &density in densities {
        let own: Vec<&Outcome> = outcomes.iter().filter(|(of, _)| *of == density).map(|(_, outcome)| outcome).collect();
        let cell =
            |of: &dyn Fn(&Outcome) -> f64| mean_and_error(&own.iter().map(|outcome| of(outcome)).collect::<Vec<_>>());
        let [truth, above] = [cell(&|o| o.truth_nll), cell(&|o| o.metric("nll") - o.truth_nll)];
        let coverage = ["coverage_90", "hpd_coverage_90", "calibrated_coverage_90"].map(|key| cell(&|o| o.metric(key)));
        let [seconds, _] = cell(&|o| o.seconds);
        write!(text, "| {} | {:.3} | {:+.3} ± {:.3} |", density.name(), truth[0], above[0], above[1])
            .expect("a string takes everything");
        for [mean, error] in coverage {
            match mean.is_finite() {
                true => write!(text, " {mean:.4} ± {error:.4} |"),
                false => write!(text, " – |"),
            }
            .expect("a string takes everything");
        }
        writeln!(text, " {seconds:.1} |").expect("a string takes everything");
    }
    text
}

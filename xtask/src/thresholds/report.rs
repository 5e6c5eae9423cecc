//! The error rates as Markdown.

use std::fmt::Write;

use super::network::{Answer, Trained};
use super::settings::{Args, SETTINGS};

/// An answer nearer to the truth than the first is good, one farther than the second is bad.
const GOOD: f64 = 0.1;
const BAD: f64 = 0.3;
/// The same of a network: test NLL above that of the truth, as a share of that of a Gaussian of the labels.
const GOOD_NETWORK: f64 = 0.2;
const BAD_NETWORK: f64 = 0.8;

/// What `predict` and the look at a trained model use: `ESS_SHARE_LIMIT` of ebm-core, and `FARTHEST_MEDIAN` of ebm-cli.
const ESS_SHARE: f64 = 0.1;
const MEDIAN: f64 = 0.5;

/// Something that marks answers or networks.
type Mark<'a, T> = (String, Box<dyn Fn(&T) -> bool + 'a>);

fn mark<'a, T>(name: impl Into<String>, marks: impl Fn(&T) -> bool + 'a) -> Mark<'a, T> {
    (name.into(), Box::new(marks))
}

pub(super) fn markdown(args: &Args, networks: &[Trained]) -> String {
    let Args { rows, test, seeds, .. } = args;
    let mut text = format!(
        "# How often marks are right\n\n\
         `cargo xtask thresholds --rows {rows} --test {test} --seeds {seeds}`\n\n\
         Networks on tables of three known densities (`one-mode`, `two-modes`, `heteroscedastic` of `known-densities`),\n\
         trained well and badly ({}), {seeds} seeds of\neach. {test} rows like those trained on and {test} beyond them\n\
         (`x` in ±[2.2, 6.2], trained on [−2, 2]). The true distribution goes on beyond.\n\n\
         ## Answers\n\n\
         An answer is wrong by the largest |F(q) − p| over its quantiles q at 19 levels p, where F is the true distribution\n\
         function. Good: at most {GOOD}. Bad: at least {BAD}. `*`: what `predict` uses.\n\n",
        SETTINGS.map(|(name, _)| name).join(", ")
    );
    let of = |is_outside: bool| {
        networks.iter().flat_map(|network| &network.answers).filter(move |answer| answer.is_outside == is_outside)
    };
    for (name, is_outside) in [("Like those trained on", false), ("Beyond them", true)] {
        let answers: Vec<&Answer> = of(is_outside).collect();
        table(&mut text, name, &answers, &answer_marks(), |answer| [answer.wrong_by <= GOOD, answer.wrong_by >= BAD]);
    }
    write!(
        text,
        "## Networks\n\n\
         Good: the test NLL above that of the truth is at most {GOOD_NETWORK} of what it is for a Gaussian of the labels.\n\
         Bad: at least {BAD_NETWORK}, or the training failed. `*`: what the look at a trained model uses.\n\n"
    )
    .expect("a string takes everything");
    let all: Vec<&Trained> = networks.iter().collect();
    table(&mut text, "All", &all, &network_marks(), |network| {
        let share = network.above_truth.map(|above| above / network.gaussian_above_truth);
        [share.is_some_and(|share| share <= GOOD_NETWORK), share.is_none_or(|share| share >= BAD_NETWORK)]
    });
    text
}

/// Marks of answers at several thresholds, and all that `predict` uses.
fn answer_marks() -> Vec<Mark<'static, Answer>> {
    let star = |used: bool| if used { " *" } else { "" };
    let mut marks = Vec::new();
    for limit in [0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.4] {
        marks.push(mark(format!("ess_share < {limit}{}", star(limit == ESS_SHARE)), move |a: &Answer| {
            a.ess_share < limit
        }));
    }
    for limit in [0.5, 1.0, 2.0] {
        marks.push(mark(format!("distance > {limit}{}", star(limit == 1.0)), move |a: &Answer| a.distance > limit));
    }
    for limit in [0.0, 0.25, 0.5, 1.0, 2.0] {
        let name = format!("median beyond the labels by > {limit} of their range{}", star(limit == MEDIAN));
        marks.push(mark(name, move |a: &Answer| a.beyond_labels > limit));
    }
    let any = |a: &Answer| a.ess_share < ESS_SHARE || a.distance > 1.0 || a.beyond_labels > MEDIAN;
    marks.push(mark("any of those with *", any));
    marks
}

/// Marks of networks at several thresholds, and all that a training uses.
fn network_marks() -> Vec<Mark<'static, Trained>> {
    let star = |used: bool| if used { " *" } else { "" };
    let failed = |network: &Trained| network.above_truth.is_none();
    let mut marks = vec![mark("the training failed *", failed)];
    for limit in [-0.2, -0.1, 0.0, 0.5] {
        let name = format!("NLL above that of a Gaussian by > {limit}{}", star(limit == 0.0));
        marks.push(mark(name, move |n: &Trained| n.above_marginal.is_some_and(|above| above > limit)));
    }
    for limit in [0.05, 0.1, 0.2, 0.5] {
        let name = format!("NCE above that of the proposal by > {limit}{}", star(limit == 0.1));
        marks.push(mark(name, move |n: &Trained| n.nce_excess.is_some_and(|excess| excess > limit)));
    }
    for limit in [0.01, 0.05, 0.1, 0.2, 0.4] {
        let name = format!("median ess_share < {limit}{}", star(limit == ESS_SHARE));
        marks.push(mark(name, move |n: &Trained| n.median_ess_share.is_some_and(|share| share < limit)));
    }
    marks.push(mark("any of those with *", move |n: &Trained| {
        failed(n)
            || n.above_marginal.is_some_and(|above| above > 0.0)
            || n.nce_excess.is_some_and(|excess| excess > 0.1)
            || n.median_ess_share.is_some_and(|share| share < ESS_SHARE)
    }));
    marks
}

/// A line for each mark: the shares of good and of bad ones that have it.
fn table<T>(text: &mut String, name: &str, all: &[&T], marks: &[Mark<'_, T>], judge: impl Fn(&T) -> [bool; 2]) {
    let [good, bad] = [0, 1].map(|at| all.iter().copied().filter(|one| judge(one)[at]).collect::<Vec<&T>>());
    let write = |text: &mut String, line: String| text.push_str(&line);
    write(
        text,
        format!("{name}: {} good, {} bad, {} neither.\n\n", good.len(), bad.len(), all.len() - good.len() - bad.len()),
    );
    write(text, "| mark | good ones that have it | bad ones that have it |\n|---|---:|---:|\n".to_owned());
    for (mark, has) in marks {
        let [good, bad] = [&good, &bad].map(|of| share(of.iter().filter(|one| has(one)).count(), of.len()));
        write(text, format!("| {mark} | {good} | {bad} |\n"));
    }
    text.push('\n');
}

/// A share in percent, with the binomial standard error.
fn share(count: usize, of: usize) -> String {
    if of == 0 {
        return "–".to_owned();
    }
    let p = count as f64 / of as f64;
    format!("{:.2} ± {:.2} %", 100.0 * p, 100.0 * (p * (1.0 - p) / of as f64).sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_of_the_good_and_of_the_bad() {
        let of = |wrong_by: f64, ess_share: f64| Answer {
            wrong_by,
            ess_share,
            distance: 0.0,
            beyond_labels: 0.0,
            is_outside: false,
        };
        let answers = [of(0.05, 0.9), of(0.05, 0.01), of(0.2, 0.9), of(0.5, 0.01), of(f64::NAN, 0.01)];
        let mut text = String::new();
        let judge = |answer: &Answer| [answer.wrong_by <= GOOD, answer.wrong_by >= BAD];
        table(&mut text, "All", &answers.iter().collect::<Vec<_>>(), &answer_marks(), judge);
        assert!(text.starts_with("All: 2 good, 1 bad, 2 neither."), "{text}");
        assert!(text.contains("| ess_share < 0.1 * | 50.00 ± 35.36 % | 100.00 ± 0.00 % |"), "{text}");
        assert!(text.contains("| any of those with * | 50.00 ± 35.36 % | 100.00 ± 0.00 % |"), "{text}");
    }
}

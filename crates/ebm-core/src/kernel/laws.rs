//! Laws of the training step on the host: its gradients, for all sizes, numbers of threads and instruction sets.

use pulp::Arch;

use super::batch::{run, run_by, run_on};
use super::head::{Head, Weights};
use super::step::{AnyHead, MixtureLosses, Outcome, Step};
use crate::loss::{Form, Objective};
use crate::math::noise::{Noise, Purpose};

const OBJECTIVES: [Objective; 2] = [Objective::Nce, Objective::Importance];

/// The inputs of a small step, which a test may change.
#[derive(Clone)]
struct Problem {
    layers: Vec<Weights>,
    score: Weights,
    from_features: Vec<f32>,
    targets: Vec<f32>,
    log_weights: Vec<f32>,
    means: Vec<f32>,
    log_scales: Vec<f32>,
    m: usize,
    normals: Vec<f32>,
    uniforms: Vec<f32>,
}

const BATCH: usize = 5;
/// Numbers of candidates: scored one by one, and scored by segments.
const M: [usize; 2] = [200, 512];
const K: usize = 3;

impl Problem {
    fn new(m: usize) -> Self {
        let noise = &mut Noise::new(5, Purpose::Candidates, 0, 0);
        let mut normals = |count: usize, scale: f32| noise.normals(count).into_iter().map(|z| z * scale).collect();
        let layers = vec![
            (normals(6, 1.0), normals(6, 0.5)),
            (normals(6 * 7, 0.4), Vec::new()),
            (normals(7 * 7, 0.4), normals(7, 0.5)),
        ];
        Self {
            layers,
            score: (normals(7, 0.5), vec![0.3]),
            from_features: normals(BATCH * 7, 0.5),
            targets: normals(BATCH, 1.0),
            log_weights: [0.2f32, 0.5, 0.3].map(f32::ln).repeat(BATCH),
            means: normals(BATCH * K, 1.0),
            log_scales: normals(BATCH * K, 0.5),
            m,
            normals: normals(BATCH * m, 1.0),
            uniforms: Noise::new(4, Purpose::Candidates, 0, 1).uniforms(BATCH * m),
        }
    }

    fn with<T>(&self, objective: Objective, run: impl FnOnce(&Step<'_>) -> T) -> T {
        run(&Step {
            head: &AnyHead::Narrow(Head::new(self.layers.clone(), true, self.score.clone())),
            from_features: &self.from_features,
            targets: &self.targets,
            target: 1,
            log_weights: &self.log_weights,
            means: &self.means,
            log_scales: &self.log_scales,
            components: K,
            m: self.m,
            normals: &self.normals,
            uniforms: &self.uniforms,
            objective,
            form: Form::Free,
            mixture: Some(MixtureLosses { proposal_kl: 0.7, nll: 0.4 }),
        })
    }

    fn on(&self, arch: Arch, objective: Objective) -> Outcome {
        self.with(objective, |step| run_on(arch, step))
    }

    fn run(&self, objective: Objective) -> Outcome {
        self.on(Arch::new(), objective)
    }
}

/// All results of a step.
fn numbers(outcome: &Outcome) -> Vec<f32> {
    let losses = &outcome.losses;
    let mut numbers = vec![losses.energy as f32, losses.proposal_kl as f32, losses.nll as f32];
    numbers.extend(&outcome.parameters);
    for rows in [&outcome.from_features, &outcome.log_weights, &outcome.means, &outcome.log_scales] {
        numbers.extend(rows);
    }
    numbers
}

#[test]
fn the_number_of_threads_changes_no_bit() {
    for problem in M.map(Problem::new) {
        let with = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            numbers(&pool.install(|| problem.run(Objective::Nce)))
        };
        let one = with(1);
        for threads in [2, 3, 16] {
            assert!(with(threads).iter().zip(&one).all(|(a, b)| a.to_bits() == b.to_bits()), "{threads} threads");
        }
    }
}

#[test]
fn every_instruction_set_computes_the_same_up_to_rounding() {
    for (problem, objective) in M.map(Problem::new).iter().flat_map(|problem| OBJECTIVES.map(|o| (problem, o))) {
        let (best, scalar) = (problem.run(objective), problem.on(Arch::Scalar, objective));
        for (best, scalar) in numbers(&best).into_iter().zip(numbers(&scalar)) {
            assert!((best - scalar).abs() < 1e-5 * (1.0 + scalar.abs()), "{best} against {scalar}");
        }
    }
}

#[test]
fn segments_give_what_every_candidate_gives_by_itself() {
    // From an almost flat score to one with steep steps.
    for scale in [0.1, 1.0, 3.0, 10.0] {
        let mut problem = Problem::new(1024);
        problem.layers.iter_mut().for_each(|(weights, _)| weights.iter_mut().for_each(|weight| *weight *= scale));
        for objective in OBJECTIVES {
            let segments = numbers(&problem.run(objective));
            let candidates = numbers(&problem.with(objective, |step| run_by(Arch::new(), step, None)));
            let largest = candidates.iter().fold(1.0f32, |largest, number| largest.max(number.abs()));
            for (segments, candidates) in segments.into_iter().zip(candidates) {
                let difference = (segments - candidates).abs();
                assert!(difference < 1e-5 * largest, "{scale}: {segments} against {candidates} of {largest}");
            }
        }
    }
}

/// Central difference of `loss` with respect to the number that `at` points to.
fn difference(problem: &Problem, at: impl Fn(&mut Problem) -> &mut f32, loss: impl Fn(&Problem) -> f64) -> f64 {
    const STEP: f32 = 5e-4;
    let moved = |offset: f32| {
        let mut moved = problem.clone();
        *at(&mut moved) += offset;
        loss(&moved)
    };
    (moved(STEP) - moved(-STEP)) / f64::from(2.0 * STEP)
}

/// Rounding error of the scores, 1e-7, divided by the step, and units that turn on or off within the step for a
/// candidate. With this seed no unit does so for an observed target; that would change the slope by a fifth.
const ROUNDING: f64 = 1e-3;

#[test]
fn central_differences_agree_with_the_gradient_of_the_energys_loss() {
    for (problem, objective) in M.map(Problem::new).iter().flat_map(|problem| OBJECTIVES.map(|o| (problem, o))) {
        let outcome = problem.run(objective);
        let loss = |problem: &Problem| problem.run(objective).losses.energy;
        let mut gradient = outcome.parameters.iter();
        let check = |found: f64, expected: f32, what: &str| {
            assert!((found - f64::from(expected)).abs() < ROUNDING, "{what}: {found} against {expected}");
        };
        for layer in 0..3 {
            for index in 0..problem.layers[layer].0.len() {
                let found = difference(problem, |problem| &mut problem.layers[layer].0[index], loss);
                check(found, *gradient.next().unwrap(), &format!("layer {layer}, weight {index}"));
            }
            for index in 0..[6, 7, 7][layer] {
                let expected = *gradient.next().unwrap();
                if layer != 1 {
                    let found = difference(problem, |problem| &mut problem.layers[layer].1[index], loss);
                    check(found, expected, &format!("layer {layer}, bias {index}"));
                }
            }
        }
        for index in 0..7 {
            let found = difference(problem, |problem| &mut problem.score.0[index], loss);
            check(found, *gradient.next().unwrap(), &format!("score {index}"));
        }
        for (index, &expected) in outcome.from_features.iter().enumerate() {
            let found = difference(problem, |problem| &mut problem.from_features[index], loss);
            check(found, expected, &format!("features {index}"));
        }
    }
}

#[test]
fn central_differences_agree_with_the_gradient_of_the_likelihood() {
    let problem = Problem::new(M[0]);
    let likelihood = |problem: &Problem| {
        let step = Step {
            head: &AnyHead::Narrow(Head::new(problem.layers.clone(), true, problem.score.clone())),
            from_features: &problem.from_features,
            targets: &problem.targets,
            target: 1,
            log_weights: &problem.log_weights,
            means: &problem.means,
            log_scales: &problem.log_scales,
            components: K,
            m: 1,
            normals: &problem.normals,
            uniforms: &problem.uniforms,
            objective: Objective::Nce,
            form: Form::Free,
            mixture: Some(MixtureLosses { proposal_kl: 0.0, nll: 1.0 }),
        };
        run(&step)
    };
    let loss = |problem: &Problem| likelihood(problem).losses.nll;
    let outcome = likelihood(&problem);
    type Field = fn(&mut Problem) -> &mut Vec<f32>;
    let fields: [(Field, &Vec<f32>); 3] = [
        (|problem| &mut problem.log_weights, &outcome.log_weights),
        (|problem| &mut problem.means, &outcome.means),
        (|problem| &mut problem.log_scales, &outcome.log_scales),
    ];
    for (which, (field, gradient)) in fields.into_iter().enumerate() {
        for (index, &expected) in gradient.iter().enumerate() {
            let found = difference(&problem, |problem| &mut field(problem)[index], loss);
            assert!((found - f64::from(expected)).abs() < ROUNDING, "{which}[{index}]: {found} against {expected}");
        }
    }
}

#[test]
fn extreme_scores_and_labels_keep_everything_finite() {
    for m in M {
        let mut extreme = Problem::new(m);
        for (scores, label) in [(1e4, 0.0), (-1e4, 0.0), (1.0, 1e3), (1e4, -1e3), (-1e4, 1e3)] {
            let mut problem = Problem::new(m);
            problem.score.0.iter_mut().for_each(|weight| *weight *= scores);
            problem.targets[0] = problem.means[0] + label * problem.log_scales[0].exp();
            for objective in OBJECTIVES {
                let numbers = numbers(&problem.run(objective));
                assert!(numbers.iter().all(|number| number.is_finite()), "{m}, {scores}, {label}, {objective:?}");
            }
            extreme = problem;
        }
        // A component at the lower limit of its scale, one at the upper limit, and one without weight.
        extreme.log_scales[0] = -15.0;
        extreme.log_scales[1] = 15.0;
        extreme.log_weights[2] = -200.0;
        assert!(numbers(&extreme.run(Objective::Nce)).iter().all(|number| number.is_finite()));
    }
}

#[test]
fn a_loss_of_numbers_that_are_not_finite_is_not_finite() {
    for (flaw, m) in [f32::NAN, f32::INFINITY].into_iter().flat_map(|flaw| M.map(|m| (flaw, m))) {
        for objective in OBJECTIVES {
            let mut problem = Problem::new(m);
            problem.score.0[0] = flaw;
            assert!(!problem.run(objective).losses.energy.is_finite(), "{flaw}");
            let mut problem = Problem::new(m);
            problem.layers[0].0[0] = flaw;
            assert!(!problem.run(objective).losses.energy.is_finite(), "{flaw}");
            let mut problem = Problem::new(m);
            problem.means[0] = flaw;
            assert!(!problem.run(objective).losses.energy.is_finite(), "{flaw}");
        }
    }
}

//! Laws of the training step on weights and targets that fresh networks do not have.

use super::*;

/// The largest difference of a step by segments from one candidate by candidate, over the largest number of the step.
fn difference(problem: &Problem, objective: Objective) -> f32 {
    let segments = numbers(&problem.run(objective));
    let candidates = numbers(&problem.with(objective, |step| run_by(Arch::new(), step, None)));
    let largest = candidates.iter().fold(1.0f32, |largest, number| largest.max(number.abs()));
    let differences = segments.into_iter().zip(candidates).map(|(a, b)| (a - b).abs());
    differences.fold(0.0, f32::max) / largest
}

#[test]
fn one_wide_component_does_not_blur_the_segments_of_the_others() {
    for (mean, log_scale) in [(1000.0, 0.0), (-1000.0, 0.0), (0.0, 7.0), (3e4, 3.0)] {
        let mut problem = Problem::new(1024);
        (problem.means[4], problem.log_scales[4]) = (mean, log_scale);
        // Steep units, so that the place of a zero counts.
        problem.layers[0].0.iter_mut().for_each(|weight| *weight *= 8.0);
        for objective in OBJECTIVES {
            let found = difference(&problem, objective);
            assert!(found < 2e-5, "mean {mean}, log-scale {log_scale}: {found}");
        }
    }
}

#[test]
fn weights_of_all_sizes_change_nothing() {
    for seed in 0..8 {
        let mut problem = Problem::new(1024);
        // From 1e-3 to 1e3 within a layer, as after long training; the layers after it undo the growth.
        let sizes = Noise::new(11, Purpose::Candidates, 0, seed).normals(6);
        for (unit, size) in sizes.iter().enumerate() {
            let size = 10_f32.powf(*size);
            problem.layers[0].0[unit] *= size;
            problem.layers[0].1[unit] *= size;
            problem.layers[1].0[unit * 7..][..7].iter_mut().for_each(|weight| *weight /= size);
        }
        for objective in OBJECTIVES {
            let found = difference(&problem, objective);
            assert!(found < 2e-5, "seed {seed}: {found}");
        }
    }
}

#[test]
fn tied_knots_dead_units_and_weights_of_any_size_change_nothing() {
    /// Changes the weights and biases of the units on the target.
    type Change = fn(&mut [f32], &mut [f32]);
    let changes: [(&str, Change); 6] = [
        ("all knots at one place", |weights, biases| {
            biases.iter_mut().zip(weights).for_each(|(bias, weight)| *bias = 0.37 * *weight);
        }),
        ("knots in pairs, one rounding apart", |weights, biases| {
            for unit in [1, 3, 5] {
                (weights[unit], biases[unit]) = (weights[unit - 1], biases[unit - 1] * (1.0 + f32::EPSILON));
            }
        }),
        ("half of the units dead", |weights, biases| {
            for unit in [0, 2, 4] {
                (weights[unit], biases[unit]) = (1e-3, -1e3);
            }
        }),
        ("half of the units without a knot", |weights, _| weights[..3].fill(0.0)),
        ("denormal weights", |weights, biases| {
            weights[..3].fill(1e-40);
            biases[..2].fill(1e-41);
        }),
        ("huge weights", |weights, biases| {
            (weights[0], biases[0]) = (1e6, 1e6);
            (weights[1], biases[1]) = (-1e6, 2e5);
        }),
    ];
    for (name, change) in changes {
        let mut problem = Problem::new(1024);
        let (weights, biases) = &mut problem.layers[0];
        change(weights, biases);
        for objective in OBJECTIVES {
            let found = difference(&problem, objective);
            assert!(found < 2e-5, "{name}: {found}");
        }
    }
}

//! The kernel: one cube per example computes scores, mixture densities, losses and gradients of its candidates.

use cubecl::prelude::*;

use super::plan::{LOSSES, ONES, Plan, TARGET};

/// ½ ln 2π.
const HALF_LN_TAU: f32 = 0.918_938_5;

/// # Buffers
/// - `weights`: `[networks, plan.weights]`
/// - `projected`: `[rows, hidden]`, `W_x h_x + b`
/// - `mixture`: `[rows, 3 · components]`: log-weights, means, log-scales
/// - `targets`: `[rows]`
/// - `normals`, `uniforms`: `[rows, m]`
/// - `scratch`: `[rows, 2, m]`
/// - `output`: `[rows, plan.outputs()]`
#[allow(clippy::too_many_arguments)] // A kernel takes each buffer as an argument.
#[cube(launch)]
pub fn example(
    weights: &[f32],
    projected: &[f32],
    mixture: &[f32],
    targets: &[f32],
    normals: &[f32],
    uniforms: &[f32],
    scratch: &mut [f32],
    output: &mut [f32],
    batch: u32,
    m: u32,
    kl_factor: f32,
    nll_factor: f32,
    #[comptime] plan: Plan,
) {
    let units = comptime!(plan.units);
    let components = comptime!(plan.components);
    let row = CUBE_POS;
    let unit = UNIT_POS as usize;
    let m = m as usize;
    let network = row / batch as usize;

    let mut values = Array::<f32>::new(comptime!(plan.rows));
    let mut tile = Shared::<[f32]>::new_slice(comptime!(plan.rows * (plan.units + 1)));
    let mut own = Shared::<[f32]>::new_slice(comptime!(plan.weights));
    let mut base = Shared::<[f32]>::new_slice(comptime!(plan.hidden));
    let mut mixtures = Shared::<[f32]>::new_slice(comptime!(3 * plan.components));
    let mut sums = Shared::<[f32]>::new_slice(comptime!(plan.units));

    let mut at = unit;
    while at < comptime!(plan.weights) {
        own[at] = weights[network * comptime!(plan.weights) + at];
        at += units;
    }
    let mut at = unit;
    while at < comptime!(plan.hidden) {
        base[at] = projected[row * comptime!(plan.hidden) + at];
        at += units;
    }
    let mut at = unit;
    while at < comptime!(3 * plan.components) {
        mixtures[at] = mixture[row * comptime!(3 * plan.components) + at];
        at += units;
    }
    values[ONES] = 1.0f32;
    sync_cube();

    // Log-weights f − log q of the candidates, and the sum of their exponentials.
    let mut largest = f32::min_value();
    let mut sum = 0.0f32;
    let mut c = unit;
    while c < m {
        let y = draw(&mixtures, normals[row * m + c], uniforms[row * m + c], components);
        let score = score(&mut values, &own, &base, y, comptime!(plan.clone()));
        let log_weight = score - log_density(&mixtures, y, components);
        scratch[row * 2 * m + c] = y;
        scratch[(row * 2 + 1) * m + c] = log_weight;
        if log_weight > largest {
            sum *= (largest - log_weight).exp();
            largest = log_weight;
        }
        sum += (log_weight - largest).exp();
        c += units;
    }
    let target = targets[row];
    let observed_score = score(&mut values, &own, &base, target, comptime!(plan.clone()));
    let observed_log_q = log_density(&mixtures, target, components);
    let observed = observed_score - observed_log_q;

    let top = largest_of(&mut sums, largest, unit, units);
    let total = sum_of(&mut sums, sum * (largest - top).exp(), unit, units);
    let log_total = top + total.ln();
    let log_partition = log_total - f32::cast_from(m).ln();
    // The energy's loss; its slope by a candidate's score is exp(log_weight − log_divisor).
    let mut loss = log_partition - observed_score;
    let mut log_divisor = log_total;
    let mut observed_slope = f32::new(-1.0);
    if comptime!(!plan.importance) {
        let highest = f32::max(log_total, observed);
        log_divisor = highest + ((log_total - highest).exp() + (observed - highest).exp()).ln();
        loss = log_divisor - observed;
        observed_slope = (observed - log_divisor).exp() - 1.0f32;
    }
    let first = row * comptime!(plan.outputs());
    if unit == 0 {
        output[first] = loss;
        output[first + 1] = log_partition;
        output[first + 2] = -observed_log_q;
    }

    // The gradients that this unit sums, each the product of two rows.
    let shares = comptime!(plan.entries().div_ceil(plan.units));
    let mut gradients = Array::<f32>::new(shares);
    let mut left = Array::<u32>::new(shares);
    let mut right = Array::<u32>::new(shares);
    for share in 0..shares {
        let entry = unit + share * units;
        gradients[share] = 0.0f32;
        let (one, other) = rows_of(entry, comptime!(plan.clone()));
        left[share] = one;
        right[share] = other;
    }

    // The observed target is the last candidate.
    let mut start = 0usize;
    while start <= m {
        let c = start + unit;
        let mut y = target;
        let mut slope = 0.0f32;
        let mut slope_of_log_q = 0.0f32;
        if c < m {
            y = scratch[row * 2 * m + c];
            let log_weight = scratch[(row * 2 + 1) * m + c];
            slope = (log_weight - log_divisor).exp();
            slope_of_log_q = -kl_factor * (log_weight - log_total).exp();
        }
        if c == m {
            slope = observed_slope;
            slope_of_log_q = -nll_factor;
        }
        let _score = score(&mut values, &own, &base, y, comptime!(plan.clone()));
        back(&mut values, &own, slope, comptime!(plan.clone()));
        if comptime!(plan.learned) {
            mixture_slopes(&mut values, &mixtures, y, slope_of_log_q, comptime!(plan.clone()));
        }
        #[unroll]
        for row in 0..comptime!(plan.rows) {
            tile[row * (units + 1) + unit] = values[row];
        }
        sync_cube();
        for share in 0..shares {
            let one = left[share] as usize * (units + 1);
            let other = right[share] as usize * (units + 1);
            let mut sum = 0.0f32;
            for column in 0..units {
                sum += tile[one + column] * tile[other + column];
            }
            gradients[share] += sum;
        }
        sync_cube();
        start += units;
    }
    for share in 0..shares {
        let entry = unit + share * units;
        if entry < comptime!(plan.entries()) {
            output[first + LOSSES + entry] = gradients[share];
        }
    }
}

/// A draw from the mixture, given a standard normal and a uniform number.
#[cube]
fn draw(mixtures: &Shared<[f32]>, normal: f32, uniform: f32, #[comptime] components: usize) -> f32 {
    let mut edge = 0.0f32;
    let mut chosen = 0usize;
    for k in 0..comptime!(components - 1) {
        edge += mixtures[k].exp();
        if uniform > edge {
            chosen += 1usize;
        }
    }
    normal * mixtures[2 * components + chosen].exp() + mixtures[components + chosen]
}

/// `log (w_k N(y; μ_k, σ_k²))`, nats.
#[cube]
fn log_term(mixtures: &Shared<[f32]>, y: f32, k: usize, #[comptime] components: usize) -> f32 {
    let log_scale = mixtures[2 * components + k];
    let z = (y - mixtures[components + k]) * (-log_scale).exp();
    mixtures[k] - log_scale - HALF_LN_TAU - 0.5f32 * z * z
}

#[cube]
fn log_density(mixtures: &Shared<[f32]>, y: f32, #[comptime] components: usize) -> f32 {
    let mut largest = f32::min_value();
    for k in 0..components {
        largest = f32::max(largest, log_term(mixtures, y, k, components));
    }
    let mut sum = 0.0f32;
    for k in 0..components {
        sum += (log_term(mixtures, y, k, components) - largest).exp();
    }
    largest + sum.ln()
}

/// The score of a unit's candidate. Writes the outputs of every layer to its column.
#[cube]
fn score(values: &mut Array<f32>, own: &Shared<[f32]>, base: &Shared<[f32]>, y: f32, #[comptime] plan: Plan) -> f32 {
    values[TARGET] = y;
    #[unroll]
    for index in 0..comptime!(plan.layers.len() - 1) {
        let layer = comptime!(plan.layers[index]);
        #[unroll]
        for output in 0..comptime!(layer.outputs) {
            let mut sum = if comptime!(layer.has_bias) {
                own[comptime!(layer.weights + layer.inputs * layer.outputs) + output]
            } else {
                base[output]
            };
            #[unroll]
            for input in 0..comptime!(layer.inputs) {
                let weight = own[comptime!(layer.weights) + input * comptime!(layer.outputs) + output];
                sum += values[comptime!(layer.input_row) + input] * weight;
            }
            values[comptime!(layer.output_row) + output] = f32::max(sum, 0.0f32);
        }
    }
    let last = comptime!(plan.layers[plan.layers.len() - 1]);
    if comptime!(plan.has_residual) {
        let residual = comptime!(plan.layers[plan.layers.len() - 2]);
        #[unroll]
        for output in 0..comptime!(residual.outputs) {
            let hidden = values[comptime!(residual.input_row) + output];
            let more = values[comptime!(residual.output_row) + output];
            values[comptime!(last.input_row) + output] = hidden + more;
        }
    }
    let mut sum = own[comptime!(last.weights + last.inputs)];
    #[unroll]
    for input in 0..comptime!(last.inputs) {
        sum += values[comptime!(last.input_row) + input] * own[comptime!(last.weights) + input];
    }
    sum
}

/// Backward pass: writes the slopes of every layer's outputs to a unit's column, from the slope of the score.
#[cube]
fn back(values: &mut Array<f32>, own: &Shared<[f32]>, slope: f32, #[comptime] plan: Plan) {
    let last = comptime!(plan.layers[plan.layers.len() - 1]);
    values[comptime!(last.slope_row)] = slope;
    #[unroll]
    for reversed in 0..comptime!(plan.layers.len() - 1) {
        let index = comptime!(plan.layers.len() - 2 - reversed);
        let layer = comptime!(plan.layers[index]);
        // Slope through the next layer.
        let after = comptime!(plan.layers[index + 1]);
        #[unroll]
        for output in 0..comptime!(layer.outputs) {
            let mut sum = 0.0f32;
            #[unroll]
            for next in 0..comptime!(after.outputs) {
                let weight = own[comptime!(after.weights) + output * comptime!(after.outputs) + next];
                sum += values[comptime!(after.slope_row) + next] * weight;
            }
            // The score also depends on the hidden layer directly.
            if comptime!(plan.has_residual && index == plan.hidden_layer()) {
                sum += slope * own[comptime!(last.weights) + output];
            }
            let value = values[comptime!(layer.output_row) + output];
            values[comptime!(layer.slope_row) + output] = select(value > 0.0f32, sum, 0.0f32);
        }
    }
}

/// Writes a candidate's part of the gradient of the mixture's parameters to its unit's column.
#[cube]
fn mixture_slopes(values: &mut Array<f32>, mixtures: &Shared<[f32]>, y: f32, slope: f32, #[comptime] plan: Plan) {
    let components = comptime!(plan.components);
    let log_q = log_density(mixtures, y, components);
    #[unroll]
    for k in 0..components {
        let share = slope * (log_term(mixtures, y, k, components) - log_q).exp();
        let inverse = (-mixtures[2 * components + k]).exp();
        let z = (y - mixtures[components + k]) * inverse;
        values[comptime!(plan.mixture_row) + k] = share;
        values[comptime!(plan.mixture_row + plan.components) + k] = share * z * inverse;
        values[comptime!(plan.mixture_row + 2 * plan.components) + k] = share * (z * z - 1.0f32);
    }
}

/// The two rows whose product is a gradient: of a weight, a projected feature or a mixture parameter.
#[cube]
fn rows_of(entry: usize, #[comptime] plan: Plan) -> (u32, u32) {
    let mut one = comptime!(ONES as u32).runtime();
    let mut other = comptime!(ONES as u32).runtime();
    #[unroll]
    for index in 0..comptime!(plan.layers.len()) {
        let layer = comptime!(plan.layers[index]);
        let matrix = comptime!(layer.inputs * layer.outputs);
        if entry >= comptime!(layer.weights) && entry < comptime!(layer.weights + layer.inputs * layer.outputs) {
            let within = entry - comptime!(layer.weights);
            one = (comptime!(layer.input_row) + within / comptime!(layer.outputs)) as u32;
            other = (comptime!(layer.slope_row) + within % comptime!(layer.outputs)) as u32;
        }
        if comptime!(layer.has_bias) {
            let bias = comptime!(layer.weights + matrix);
            if entry >= bias && entry < comptime!(layer.weights + matrix + layer.outputs) {
                other = (comptime!(layer.slope_row) + entry - bias) as u32;
            }
        }
    }
    let projected = comptime!(plan.weights);
    let slopes = comptime!(plan.layers[plan.hidden_layer()].slope_row);
    if entry >= projected && entry < comptime!(plan.weights + plan.hidden) {
        other = (slopes + entry - projected) as u32;
    }
    if comptime!(plan.learned) {
        let mixture = comptime!(plan.weights + plan.hidden);
        if entry >= mixture && entry < comptime!(plan.entries()) {
            other = (comptime!(plan.mixture_row) + entry - mixture) as u32;
        }
    }
    (one, other)
}

/// The sum of `value` over all units; every unit gets it.
#[cube]
fn sum_of(sums: &mut Shared<[f32]>, value: f32, unit: usize, #[comptime] units: usize) -> f32 {
    sums[unit] = value;
    sync_cube();
    let mut sum = 0.0f32;
    for other in 0..units {
        sum += sums[other];
    }
    sync_cube();
    sum
}

/// The largest `value` of all units; every unit gets it.
#[cube]
fn largest_of(sums: &mut Shared<[f32]>, value: f32, unit: usize, #[comptime] units: usize) -> f32 {
    sums[unit] = value;
    sync_cube();
    let mut largest = f32::min_value();
    for other in 0..units {
        largest = f32::max(largest, sums[other]);
    }
    sync_cube();
    largest
}

//! Heads made of ellipsoids; the label is yaw, pitch and roll in degrees.
//!
//! - yaw N(0, 30²) clipped to ±75, pitch N(0, 20²) to ±60, roll N(0, 12²) to ±50 degrees;
//!   `R = Rz(roll) Ry(yaw) Rx(pitch)`, see [`rotation`] for the signs
//! - skull, hair, nose, eyes, brows, mouth and ears turn; neck and shoulders do not. Lambert's light.
//! - label: N(pose, 1²) in each dimension
//! - one in ten is a shadow on a screen, dark against the light, and may be seen from behind the screen. That mirrors
//!   it, and a mirrored head is a head with yaw and roll negated: their signs cannot be known, and with probability ½
//!   the label is that of the mirrored head.
//!
//! Head, neck and shoulders are mirror-symmetric.

use super::ellipsoid::{Ellipsoid, Placed, Vector, dot, rotation};
use super::raster::{Picture, Rgb, times, tone};
use super::stream::Stream;
use super::truth::Truth;
use crate::image::SIDE;

/// Standard deviation and greatest size of yaw, pitch and roll, degrees.
const POSES: [(f64, f64); 3] = [(30.0, 75.0), (20.0, 60.0), (12.0, 50.0)];
/// Probability of a shadow.
const SHADOWS: f64 = 0.1;
/// Standard deviations of a label, degrees.
const LABEL_SD: [f64; 3] = [1.0; 3];
/// Light that comes from everywhere.
const AMBIENT: f64 = 0.35;
/// Brightness of a shadow.
const DARK: f64 = 0.06;

/// What a picture shows.
#[derive(Debug, Clone)]
pub(super) struct Scene {
    /// Yaw, pitch and roll, degrees.
    pose: Vector,
    shadow: bool,
    skin: Rgb,
    hair: Rgb,
    cloth: Rgb,
    wall: Rgb,
    /// Half the width of the skull; its half height is 1.
    half_width: f64,
    /// Half the width of the picture, in the same unit.
    half_view: f64,
    /// Where the head's centre is, in the same unit.
    centre: [f64; 2],
    /// Where the light comes from, a unit vector.
    light: Vector,
}

impl Scene {
    pub fn draw(stream: &mut Stream) -> Self {
        let pose = POSES.map(|(sd, most)| stream.normal(0.0, sd).clamp(-most, most));
        let shadow = stream.unit() < SHADOWS;
        let skin = tone([0.45, 0.3, 0.2], [0.95, 0.75, 0.65], 0.2, stream);
        let hair = tone([0.05, 0.03, 0.02], [0.5, 0.36, 0.2], 0.3, stream);
        let cloth = tone([0.1; 3], [0.6; 3], 1.0, stream);
        let wall = tone([0.15; 3], [0.7; 3], 0.8, stream);
        let lamp = [stream.normal(0.0, 0.5), -0.5, 1.0];
        Self {
            pose,
            shadow,
            skin,
            hair,
            cloth,
            wall,
            half_width: stream.uniform(0.66, 0.78),
            half_view: stream.uniform(1.35, 1.6),
            centre: [stream.normal(0.0, 0.05), stream.normal(0.0, 0.05)],
            light: times(lamp, 1.0 / dot(lamp, lamp).sqrt()),
        }
    }

    /// The law of the label.
    pub fn truth(&self) -> Truth {
        let [yaw, pitch, roll] = self.pose;
        if self.shadow {
            Truth::twins(&self.pose, &[-yaw, pitch, -roll], &LABEL_SD)
        } else {
            Truth::one(&self.pose, &LABEL_SD)
        }
    }

    pub fn picture(&self, noise: &mut Stream) -> Picture {
        let [yaw, pitch, roll] = self.pose;
        let (still, turned) = (rotation(0.0, 0.0, 0.0), rotation(yaw, pitch, roll));
        let body = self.body().into_iter().map(|part| part.place(&still));
        let head = self.head().into_iter().map(|part| part.place(&turned));
        let parts: Vec<Placed> = body.chain(head).collect();
        let scale = self.half_view / (SIDE as f64 / 2.0);
        let middle = SIDE as f64 / 2.0;
        Picture::sample(2, |v| {
            let (parts, y) = (&parts, (v - middle) * scale - self.centre[1]);
            move |u| self.colour(parts, u, (u - middle) * scale - self.centre[0], y)
        })
        .exposed(1.0, 0.015, noise)
    }

    /// Colour at `(x, y)`, which is `u` pixels from the left edge.
    fn colour(&self, parts: &[Placed], u: f64, x: f64, y: f64) -> Rgb {
        let hits = parts.iter().filter_map(|part| Some((part, part.hit(x, y)?)));
        let nearest = hits.reduce(|a, b| if b.1.z > a.1.z { b } else { a });
        let wall = times(self.wall, 0.8 + 0.4 * u / SIDE as f64);
        match nearest {
            None if self.shadow => times(wall, 1.2),
            None => wall,
            Some(_) if self.shadow => [DARK; 3],
            Some((part, hit)) => {
                let lit = dot(part.normal(&hit), self.light).max(0.0);
                times(part.colour(), AMBIENT + (1.0 - AMBIENT) * lit)
            }
        }
    }

    /// Neck and shoulders.
    fn body(&self) -> Vec<Ellipsoid> {
        vec![
            part([0.0, 1.35, -0.25], [0.42, 0.75, 0.4], times(self.skin, 0.85)),
            part([0.0, 2.05, -0.3], [1.5, 0.75, 0.6], self.cloth),
        ]
    }

    /// All that turns.
    fn head(&self) -> Vec<Ellipsoid> {
        let Self { skin, hair, half_width, .. } = *self;
        let lips = [0.75 * skin[0], 0.45 * skin[1], 0.45 * skin[2]];
        let mut parts = vec![
            part([0.0; 3], [half_width, 1.0, 0.85], skin),
            // Hair leaves the face free.
            Ellipsoid {
                shown: |p| p[2] < 0.3 || p[1] < -0.55,
                ..part([0.0, -0.18, -0.12], [half_width + 0.06, 0.95, 0.86], hair)
            },
            part([0.0, 0.12, 0.86], [0.12, 0.2, 0.2], times(skin, 0.97)),
            part([0.0, 0.5, 0.7], [0.22, 0.06, 0.08], lips),
        ];
        for side in [-1.0, 1.0] {
            parts.push(part([0.27 * side, -0.12, 0.7], [0.12, 0.07, 0.1], [0.95; 3]));
            parts.push(part([0.27 * side, -0.12, 0.785], [0.05, 0.055, 0.04], [0.08; 3]));
            parts.push(part([0.27 * side, -0.3, 0.7], [0.17, 0.04, 0.08], hair));
            parts.push(part([half_width * side, 0.0, 0.0], [0.1, 0.2, 0.13], times(skin, 0.9)));
        }
        parts
    }
}

/// A whole ellipsoid.
fn part(centre: Vector, radii: Vector, colour: Rgb) -> Ellipsoid {
    Ellipsoid { centre, radii, colour, shown: |_| true }
}

#[cfg(test)]
mod tests {
    use super::super::stream::{Aspect, Key};
    use super::*;
    use crate::image::ChannelOrder;

    fn scene(index: u64) -> Scene {
        Scene::draw(&mut Key { family: 2, seed: 1, index }.stream(Aspect::Scene))
    }

    /// Which pixels of a shadow are dark.
    fn shadow(scene: &Scene) -> Vec<bool> {
        let scene = Scene { shadow: true, wall: [0.9; 3], centre: [0.0, scene.centre[1]], ..scene.clone() };
        let mut bytes = vec![0; 3 * SIDE * SIDE];
        let mut noise = Key { family: 2, seed: 1, index: 0 }.stream(Aspect::Pixels);
        scene.picture(&mut noise).write(ChannelOrder::Bgr, &mut bytes);
        bytes[..SIDE * SIDE].iter().map(|&byte| byte < 128).collect()
    }

    #[test]
    fn a_mirrored_shadow_is_the_shadow_of_the_mirrored_pose() {
        for index in 0..10 {
            let scene = scene(index);
            let [yaw, pitch, roll] = scene.pose;
            let mirrored = shadow(&Scene { pose: [-yaw, pitch, -roll], ..scene.clone() });
            let expected: Vec<bool> =
                shadow(&scene).chunks_exact(SIDE).flat_map(|row| row.iter().rev().copied()).collect();
            let wrong = mirrored.iter().zip(&expected).filter(|(a, b)| a != b).count();
            // Noise decides the pixels that are half covered.
            assert!(wrong <= 20, "{wrong}");
        }
    }

    #[test]
    fn poses_have_their_spread_and_stay_in_range() {
        const SCENES: u64 = 4000;
        for (dimension, (sd, most)) in POSES.into_iter().enumerate() {
            let angles: Vec<f64> = (0..SCENES).map(|index| scene(index).pose[dimension]).collect();
            assert!(angles.iter().all(|angle| angle.abs() <= most));
            let second = angles.iter().map(|angle| angle * angle).sum::<f64>() / SCENES as f64;
            // Clipping at 2.5 standard deviations or more takes 2 %; five standard errors are 11 %.
            assert!((second / (sd * sd) - 0.99).abs() < 0.12, "{dimension} {second}");
        }
        let shadows = (0..SCENES).filter(|&index| scene(index).shadow).count() as f64;
        assert!((shadows / SCENES as f64 - SHADOWS).abs() < 5.0 * (0.09 / SCENES as f64).sqrt());
    }

    #[test]
    fn the_truth_of_a_shadow_forgets_signs() {
        let scene = Scene { shadow: true, ..scene(0) };
        let [yaw, pitch, roll] = scene.pose;
        let truth = scene.truth();
        let close = (truth.log_density(&[yaw, pitch, roll]) - truth.log_density(&[-yaw, pitch, -roll])).abs();
        assert!(close < 1e-12);
        assert_eq!(truth.components().len(), 2);
    }
}

//! Heads made of ellipsoids; the label is yaw, pitch and roll in degrees.
//!
//! - yaw N(0, 30²) clipped to ±75, pitch N(0, 20²) to ±60, roll N(0, 12²) to ±50 degrees;
//!   `R = Rz(roll) Ry(yaw) Rx(pitch)`, see [`rotation`] for the signs
//! - skull, hair, nose, eyes, brows, mouth and ears turn; neck and shoulders do not. Lambert's light.
//! - label: N(pose, 1²) in each dimension, not clipped
//! - one in ten is back-lit: a black head in a hat
//!
//! # What a silhouette cannot tell
//! Parallel rays lose depth: a solid and its reflection in the picture plane, `F = diag(1, 1, −1)`, have the same
//! silhouette. The back-lit head is built of ellipsoids that are their own reflection front to back (no nose, an
//! oval brim), so that the reflection of the head turned by `R` is the head turned by
//!
//! `F R F = Rz(roll) Ry(−yaw) Rx(−pitch)`
//!
//! and both poses give the same picture, byte for byte: why a spinning dancer may turn either way. Yaw and pitch lose
//! their common sign; roll is seen. The law of the pose is the same at both, so that each has probability ½, and the
//! label is drawn around one of the two. A nose would give the sign away: the reflection of a head with a nose is one
//! that looks away from the camera, which no pose in range does.

mod anatomy;
mod ellipsoid;

use super::raster::{Picture, Rgb, times};
use super::stream::Stream;
use super::truth::Truth;
use crate::image::SIDE;
use anatomy::{body, hatted_head, head};
use ellipsoid::{Hit, Placed, Vector, dot, rotation};

/// Standard deviation and greatest size of yaw, pitch and roll, degrees.
const POSES: [(f64, f64); 3] = [(30.0, 75.0), (20.0, 60.0), (12.0, 50.0)];
/// Probability of a back-lit scene.
const BACK_LIT: f64 = 0.1;
/// Standard deviation of a label in each dimension, degrees.
const LABEL_SD: [f64; 3] = [1.0; 3];
/// Share of the light that comes from everywhere.
const AMBIENT: f64 = 0.35;
/// Brightness of what is back-lit.
const DARK: f64 = 0.06;
const SENSOR_NOISE: f64 = 0.015;
/// Rays along a side of a pixel.
const RAYS: usize = 2;

/// The other pose with the same silhouette.
fn depth_reversed([yaw, pitch, roll]: Vector) -> Vector {
    [-yaw, -pitch, roll]
}

/// What a picture shows.
#[derive(Debug, Clone)]
pub(super) struct Scene {
    /// Yaw, pitch and roll, degrees.
    pose: Vector,
    back_lit: bool,
    skin: Rgb,
    hair: Rgb,
    cloth: Rgb,
    wall: Rgb,
    /// Brightness of the wall at the right edge over that in the middle, minus 1.
    wall_slope: f64,
    /// Half the width of the skull; its half height is 1.
    half_width: f64,
    /// Half the width of the picture, in the same unit.
    half_view: f64,
    /// Where the head's centre is, in the same unit.
    centre: [f64; 2],
    /// Towards the lamp, a unit vector.
    light: Vector,
}

impl Scene {
    pub fn draw(stream: &mut Stream) -> Self {
        let pose = POSES.map(|(sd, most)| stream.normal(0.0, sd).clamp(-most, most));
        let back_lit = stream.unit() < BACK_LIT;
        // Channels share most of their brightness, or faces would be green and blue.
        let mut tone = |dark: Rgb, light: Rgb, own: f64| -> Rgb {
            let shared = stream.unit();
            std::array::from_fn(|k| dark[k] + (light[k] - dark[k]) * ((1.0 - own) * shared + own * stream.unit()))
        };
        let skin = tone([0.45, 0.3, 0.2], [0.95, 0.75, 0.65], 0.2);
        let hair = tone([0.05, 0.03, 0.02], [0.45, 0.3, 0.2], 0.3);
        let cloth = tone([0.1; 3], [0.6; 3], 1.0);
        let wall = tone([0.2; 3], [0.75; 3], 0.7);
        let lamp = [stream.normal(0.0, 0.5), -0.5, 1.0];
        Self {
            pose,
            back_lit,
            skin,
            hair,
            cloth,
            wall,
            wall_slope: stream.uniform(-0.2, 0.2),
            half_width: stream.uniform(0.66, 0.78),
            half_view: stream.uniform(1.35, 1.6),
            centre: [stream.normal(0.0, 0.05), stream.normal(0.0, 0.05)],
            light: times(lamp, 1.0 / dot(lamp, lamp).sqrt()),
        }
    }

    /// The law of the label.
    pub fn truth(&self) -> Truth {
        if self.back_lit {
            Truth::twins(&self.pose, &depth_reversed(self.pose), &LABEL_SD)
        } else {
            Truth::one(&self.pose, &LABEL_SD)
        }
    }

    pub fn picture(&self, noise: &mut Stream) -> Picture {
        self.noiseless().exposed(1.0, SENSOR_NOISE, noise)
    }

    /// The picture before sensor noise.
    fn noiseless(&self) -> Picture {
        let (turned, still) = (rotation(self.pose), rotation([0.0; 3]));
        let head = if self.back_lit { hatted_head(self) } else { head(self) };
        let mut things: Vec<Placed> = head.iter().map(|part| part.placed(&turned)).collect();
        things.extend(body(self).iter().map(|part| part.placed(&still)));
        let middle = SIDE as f64 / 2.0;
        let scale = self.half_view / middle;
        Picture::sample(RAYS, |v| {
            let y = (v - middle) * scale - self.centre[1];
            let near: Vec<&Placed> = things.iter().filter(|thing| thing.on_line(y)).collect();
            move |u| {
                let across = (u - middle) / middle;
                self.colour(&near, across, across * self.half_view - self.centre[0], y)
            }
        })
    }

    /// Colour at `(x, y)`; `across` runs from −1 at the left edge to 1 at the right.
    fn colour(&self, things: &[&Placed], across: f64, x: f64, y: f64) -> Rgb {
        let mut hits = things.iter().filter_map(|thing| thing.hit(x, y));
        let wall = times(self.wall, 1.0 + self.wall_slope * across);
        if self.back_lit {
            return if hits.next().is_some() { [DARK; 3] } else { times(wall, 1.2) };
        }
        match hits.reduce(|a: Hit, b| if b.z > a.z { b } else { a }) {
            None => wall,
            Some(hit) => times(hit.colour, AMBIENT + (1.0 - AMBIENT) * dot(hit.normal, self.light).max(0.0)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::stream::{Key, Part};
    use super::*;
    use crate::image::ChannelOrder;

    fn key(index: u64) -> Key {
        Key { family: 2, seed: 1, index }
    }

    fn scene(index: u64) -> Scene {
        Scene::draw(&mut key(index).stream(Part::Scene))
    }

    /// The first scenes that are back-lit, or not.
    fn scenes(back_lit: bool) -> impl Iterator<Item = Scene> {
        (0..).map(scene).filter(move |scene| scene.back_lit == back_lit).take(12)
    }

    fn bytes(picture: &Picture) -> Vec<u8> {
        let mut bytes = vec![0; 3 * SIDE * SIDE];
        picture.write(ChannelOrder::Bgr, &mut bytes);
        bytes
    }

    #[test]
    fn negating_yaw_roll_and_all_that_is_lateral_mirrors_the_picture() {
        for scene in scenes(false).chain(scenes(true)) {
            let ([yaw, pitch, roll], [x, y], [left, down, near]) = (scene.pose, scene.centre, scene.light);
            let mirrored = Scene {
                pose: [-yaw, pitch, -roll],
                centre: [-x, y],
                light: [-left, down, near],
                wall_slope: -scene.wall_slope,
                ..scene.clone()
            };
            let plain = bytes(&scene.noiseless());
            let expected = plain.chunks_exact(SIDE).flat_map(|row| row.iter().rev());
            // The rays of a pixel are summed in another order, which may round a level the other way.
            assert!(bytes(&mirrored.noiseless()).iter().zip(expected).all(|(a, b)| a.abs_diff(*b) <= 1));
        }
    }

    #[test]
    fn all_poses_of_a_truth_give_the_same_bytes() {
        for scene in scenes(true) {
            let truth = scene.truth();
            assert_eq!(truth.components().len(), 2);
            for component in truth.components() {
                let pose = [0, 1, 2].map(|k| component.mean[k]);
                assert_eq!(bytes(&Scene { pose, ..scene.clone() }.noiseless()), bytes(&scene.noiseless()), "{pose:?}");
            }
        }
    }

    #[test]
    fn a_silhouette_tells_every_sign_but_the_common_one_of_yaw_and_pitch() {
        let scene = Scene { pose: [30.0, 20.0, 12.0], ..scenes(true).next().unwrap() };
        let seen = bytes(&scene.noiseless());
        for signs in 1..8u8 {
            let sign = |k: u8| if signs >> k & 1 == 1 { -1.0 } else { 1.0 };
            let pose = [30.0 * sign(0), 20.0 * sign(1), 12.0 * sign(2)];
            let same = bytes(&Scene { pose, ..scene.clone() }.noiseless()) == seen;
            assert_eq!(same, pose == depth_reversed(scene.pose), "{pose:?}");
        }
    }

    #[test]
    fn a_lit_head_shows_its_pose() {
        for scene in scenes(false) {
            let other = Scene { pose: depth_reversed(scene.pose), ..scene.clone() };
            assert_ne!(bytes(&other.noiseless()), bytes(&scene.noiseless()));
        }
    }

    #[test]
    fn poses_have_their_spread_and_stay_in_range() {
        const SCENES: u64 = 4000;
        let scenes: Vec<Scene> = (0..SCENES).map(scene).collect();
        for (k, (sd, most)) in POSES.into_iter().enumerate() {
            assert!(scenes.iter().all(|scene| scene.pose[k].abs() <= most));
            let second = scenes.iter().map(|scene| scene.pose[k].powi(2)).sum::<f64>() / SCENES as f64;
            // Clipping at 2.5 standard deviations or more takes up to 2 %; five standard errors are 11 %.
            assert!((second / (sd * sd) - 0.99).abs() < 0.12, "{k} {second}");
        }
        let share = scenes.iter().filter(|scene| scene.back_lit).count() as f64 / SCENES as f64;
        assert!((share - BACK_LIT).abs() < 5.0 * (BACK_LIT * (1.0 - BACK_LIT) / SCENES as f64).sqrt());
    }
}

//! Roads from behind the windscreen; the label is the angle of the steering wheel.
//!
//! - pinhole camera 2.4 m above flat ground, 70° wide, pitched down by 16° + N(0, 0.6°)
//! - a wheel at `y` degrees bends the road with curvature `κ = tan(y/16)/2.7` per metre (gear 16, wheelbase 2.7 m);
//!   its centre is `x(Z) = x0 + ψZ + κZ²/2` metres to the right at a distance of Z metres
//! - `y ~ 0.6 Laplace(0, 4) + 0.4 N(0, 30²)` degrees, clipped to ±78
//! - label: `N(y, (0.5 + 0.04|y|)²)`
//! - in 15 of 100 scenes the road forks: a side road with the wheel at 10 to 60 degrees to the other side. The label
//!   follows the main road with probability 0.7.
//!
//! The side road has no centre line and darker asphalt, so that the picture says which of the two it is and the label
//! given the picture has exactly these probabilities.

use super::raster::{Picture, Rgb, blend, times, tone};
use super::stream::Stream;
use super::truth::Truth;
use crate::image::SIDE;

/// Largest angle of the road in degrees; a label exceeds it by its noise.
const STEEPEST: f64 = 78.0;
/// Probability that a scene is a fork.
const FORKS: f64 = 0.15;
/// Probability that the label of a fork follows the main road.
const STRAIGHT_ON: f64 = 0.7;
/// Metres above the ground.
const CAMERA_HEIGHT: f64 = 2.4;
/// Half the width of the picture, degrees.
const HALF_VIEW: f64 = 35.0;
/// Dashes of the centre line: 4 m in every 9 m.
const DASH: (f64, f64) = (4.0, 9.0);
/// Distance over which haze takes all but 1/e of the colour, metres.
const HAZE: f64 = 80.0;
const WHITE: Rgb = [0.9; 3];

/// What a picture shows.
#[derive(Debug, Clone)]
pub(super) struct Scene {
    /// Wheel angle of the main road, degrees.
    main: f64,
    /// Wheel angle of a side road, degrees.
    side: Option<f64>,
    /// Position of the road's centre at the camera, metres.
    offset: f64,
    /// Direction of the road at the camera, a slope.
    heading: f64,
    /// Metres from the road's centre to its edge.
    half_width: f64,
    /// Camera pitch, radians below the horizon.
    pitch: f64,
    /// Where the dashes begin, metres.
    dash_phase: f64,
    sky: Rgb,
    grass: Rgb,
    asphalt: f64,
    gain: f64,
}

/// Curvature in 1/m of a road on which the wheel is at `angle` degrees.
fn curvature(angle: f64) -> f64 {
    libm::tan((angle / 16.0).to_radians()) / 2.7
}

/// Standard deviation of a label about `angle`, degrees.
fn label_sd(angle: f64) -> f64 {
    0.5 + 0.04 * angle.abs()
}

impl Scene {
    pub fn draw(stream: &mut Stream) -> Self {
        let angle = if stream.unit() < 0.6 { stream.laplace(4.0) } else { stream.normal(0.0, 30.0) };
        let main = angle.clamp(-STEEPEST, STEEPEST);
        let fork = stream.unit() < FORKS;
        let side = -stream.uniform(10.0, 60.0).copysign(main);
        let sky = tone([0.45, 0.55, 0.7], [0.75, 0.8, 0.95], 0.5, stream);
        let grass = tone([0.2, 0.3, 0.1], [0.45, 0.45, 0.25], 0.7, stream);
        Self {
            main,
            side: fork.then_some(side),
            offset: stream.normal(0.0, 0.25),
            heading: stream.normal(0.0, 0.02),
            half_width: stream.uniform(2.2, 2.8),
            pitch: stream.normal(16.0, 0.6).to_radians(),
            dash_phase: stream.uniform(0.0, DASH.1),
            sky,
            grass,
            asphalt: stream.uniform(0.28, 0.45),
            gain: stream.uniform(0.7, 1.15),
        }
    }

    /// The law of the label.
    pub fn truth(&self) -> Truth {
        let arm = |angle: f64| (angle, label_sd(angle));
        match self.side {
            None => Truth::one(&[self.main], &[label_sd(self.main)]),
            Some(side) => Truth::fork(STRAIGHT_ON, arm(self.main), arm(side)),
        }
    }

    pub fn picture(&self, noise: &mut Stream) -> Picture {
        let grain: Vec<f64> = (0..SIDE * SIDE).map(|_| noise.normal(0.0, 1.0)).collect();
        let (sin, cos) = (libm::sin(self.pitch), libm::cos(self.pitch));
        let middle = SIDE as f64 / 2.0;
        let focal = middle / libm::tan(HALF_VIEW.to_radians());
        Picture::sample(3, |v| {
            let down = (v - middle) / focal;
            // Metres along the ray for each metre of height, from the slope of the ray.
            let slope = down * cos + sin;
            let reach = if slope > 0.012 { CAMERA_HEIGHT / slope } else { 0.0 };
            let line = self.line(reach * (cos - down * sin));
            let sky = times(self.sky, 0.75 + 0.25 * v / SIDE as f64);
            let row = &grain[v as usize * SIDE..][..SIDE];
            move |u| {
                if reach == 0.0 {
                    return sky;
                }
                let x = (u - middle) / focal * reach;
                blend(sky, self.ground(&line, x, row[u as usize]), line.clear)
            }
        })
        .exposed(self.gain, 0.012, noise)
    }

    /// What all points at distance `z` share.
    fn line(&self, z: f64) -> Line {
        let centre = |angle| self.offset + self.heading * z + 0.5 * curvature(angle) * z * z;
        let phase = (z + self.dash_phase) % DASH.1;
        Line {
            main: centre(self.main),
            side: self.side.map(centre),
            dashed: phase < DASH.0,
            // Lines are drawn wider far away, or they would vanish between the pixels.
            half_line: 0.08 + 0.004 * z,
            clear: libm::exp(-z / HAZE),
        }
    }

    /// Colour of the ground `x` metres to the right; `grain` is the pixel's roughness.
    fn ground(&self, line: &Line, x: f64, grain: f64) -> Rgb {
        let main = (x - line.main).abs();
        let side = line.side.map_or(f64::INFINITY, |centre| (x - centre).abs());
        // The edge line of a road breaks off where the other road joins it.
        let edge = self.half_width - 0.25;
        let on_edge = |distance: f64| (distance - edge).abs() < line.half_line;
        let joined = |other: f64| other < edge - line.half_line;
        let dash = line.dashed && main < line.half_line;
        if dash || (on_edge(main) && !joined(side)) || (on_edge(side) && !joined(main)) {
            WHITE
        } else if main < self.half_width {
            [self.asphalt * (1.0 + 0.05 * grain); 3]
        } else if side < self.half_width {
            [0.75 * self.asphalt * (1.0 + 0.05 * grain); 3]
        } else {
            times(self.grass, 1.0 + 0.12 * grain)
        }
    }
}

/// The ground at one distance.
#[derive(Debug, Clone, Copy)]
struct Line {
    /// Centre of the main road, metres to the right.
    main: f64,
    /// Centre of the side road.
    side: Option<f64>,
    /// Whether the centre line is painted here.
    dashed: bool,
    /// Half the width of a painted line, metres.
    half_line: f64,
    /// Share of the colour that haze leaves.
    clear: f64,
}

#[cfg(test)]
mod tests {
    use super::super::stream::{Aspect, Key};
    use super::*;

    fn scenes(count: u64) -> impl Iterator<Item = Scene> {
        (0..count).map(|index| Scene::draw(&mut Key { family: 1, seed: 5, index }.stream(Aspect::Scene)))
    }

    #[test]
    fn forks_part_to_both_sides_as_often_as_stated() {
        let forks: Vec<Scene> = scenes(10_000).filter(|scene| scene.side.is_some()).collect();
        // Five standard errors of a share of 0.15 among 10 000.
        assert!((forks.len() as f64 / 10_000.0 - FORKS).abs() < 5.0 * (0.15f64 * 0.85 / 10_000.0).sqrt());
        for scene in forks {
            let side = scene.side.unwrap();
            assert!(side * scene.main <= 0.0 && (10.0..60.0).contains(&side.abs()));
            assert!(scene.main.abs() <= STEEPEST);
        }
    }

    #[test]
    fn a_wheel_turned_right_bends_the_road_to_the_right() {
        for mut scene in scenes(20) {
            (scene.main, scene.side) = (40.0, None);
            let right = scene.line(20.0).main;
            scene.main = -40.0;
            assert!(right > scene.line(20.0).main + 4.0, "the arc at 20 m is 3.2 m off the tangent to either side");
        }
    }

    #[test]
    fn the_two_roads_of_a_fork_look_different() {
        for mut scene in scenes(20) {
            scene.side = Some(-35.0f64.copysign(scene.main));
            let line = scene.line(30.0);
            if (line.main - line.side.unwrap()).abs() < 2.0 * scene.half_width {
                continue;
            }
            let between = 1.0;
            let main = scene.ground(&line, line.main + between, 0.0);
            let side = scene.ground(&line, line.side.unwrap() + between, 0.0);
            assert!(side[0] < 0.8 * main[0]);
        }
    }
}

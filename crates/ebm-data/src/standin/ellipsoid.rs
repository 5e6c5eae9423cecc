//! Ellipsoids cast onto a picture by parallel rays.
//!
//! Axes: x to the right, y down, z towards the camera. Rays run along −z, so that size does not depend on distance.

use super::raster::Rgb;

/// A vector of three.
pub(super) type Vector = [f64; 3];
/// A rotation; rows first.
pub(super) type Matrix = [Vector; 3];

/// `Rz(roll) Ry(yaw) Rx(pitch)`, degrees.
///
/// A face looks along z. Positive yaw turns it to the right of the picture, positive pitch up, and positive roll turns
/// it clockwise.
pub(super) fn rotation(yaw: f64, pitch: f64, roll: f64) -> Matrix {
    let [(sy, cy), (sp, cp), (sr, cr)] = [yaw, pitch, roll].map(|angle| {
        let angle = angle.to_radians();
        (libm::sin(angle), libm::cos(angle))
    });
    let about_y = [[cy, 0.0, sy], [0.0, 1.0, 0.0], [-sy, 0.0, cy]];
    let about_x = [[1.0, 0.0, 0.0], [0.0, cp, -sp], [0.0, sp, cp]];
    let about_z = [[cr, -sr, 0.0], [sr, cr, 0.0], [0.0, 0.0, 1.0]];
    product(&about_z, &product(&about_y, &about_x))
}

fn product(a: &Matrix, b: &Matrix) -> Matrix {
    std::array::from_fn(|i| std::array::from_fn(|j| (0..3).map(|k| a[i][k] * b[k][j]).sum()))
}

pub(super) fn dot(a: Vector, b: Vector) -> f64 {
    a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

/// An ellipsoid with axes along those of the thing it belongs to.
#[derive(Debug, Clone)]
pub(super) struct Ellipsoid {
    pub centre: Vector,
    pub radii: Vector,
    pub colour: Rgb,
    /// The part of the surface that exists, in the thing's axes.
    pub shown: fn(Vector) -> bool,
}

/// An ellipsoid in its place, which turns it into the unit sphere: `p = x·across + y·down + z·towards − start`.
#[derive(Debug, Clone)]
pub(super) struct Placed {
    ellipsoid: Ellipsoid,
    turned: Matrix,
    across: Vector,
    down: Vector,
    towards: Vector,
    start: Vector,
}

/// Where a ray meets a surface.
#[derive(Debug, Clone, Copy)]
pub(super) struct Hit {
    /// Height of the point towards the camera.
    pub z: f64,
    /// The point on the unit sphere.
    sphere: Vector,
}

impl Ellipsoid {
    /// The ellipsoid of a thing that is turned about the origin.
    pub fn place(self, turned: &Matrix) -> Placed {
        let scaled = |v: Vector| -> Vector { std::array::from_fn(|k| v[k] / self.radii[k]) };
        let [across, down, towards, start] = [turned[0], turned[1], turned[2], self.centre].map(scaled);
        Placed { turned: *turned, across, down, towards, start, ellipsoid: self }
    }
}

impl Placed {
    /// The point nearest to the camera on the ray through `(x, y)`, if the ray meets a shown part of the surface.
    ///
    /// Behind a part of the surface that is left out, its inside is seen.
    pub fn hit(&self, x: f64, y: f64) -> Option<Hit> {
        let offset: Vector = std::array::from_fn(|k| x * self.across[k] + y * self.down[k] - self.start[k]);
        // |offset + z towards|² = 1; the camera is at large z and sees the larger root.
        let (a, b, c) = (dot(self.towards, self.towards), dot(offset, self.towards), dot(offset, offset) - 1.0);
        let discriminant = b * b - a * c;
        if discriminant <= 0.0 {
            return None;
        }
        let root = discriminant.sqrt();
        let meeting = |z: f64| Hit { z, sphere: std::array::from_fn(|k| offset[k] + z * self.towards[k]) };
        [(root - b) / a, (-root - b) / a].map(meeting).into_iter().find(|hit| self.is_shown(hit))
    }

    fn is_shown(&self, hit: &Hit) -> bool {
        let Ellipsoid { centre, radii, shown, .. } = &self.ellipsoid;
        shown(std::array::from_fn(|k| centre[k] + radii[k] * hit.sphere[k]))
    }

    /// Unit vector out of the surface, in the picture's axes.
    pub fn normal(&self, hit: &Hit) -> Vector {
        let outward: Vector = std::array::from_fn(|k| hit.sphere[k] / self.ellipsoid.radii[k]);
        let length = dot(outward, outward).sqrt();
        std::array::from_fn(|i| dot(self.turned[i], outward) / length)
    }

    pub fn colour(&self) -> Rgb {
        self.ellipsoid.colour
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An ellipsoid with half axes 2, 1 and 3.
    fn ball(yaw: f64, shown: fn(Vector) -> bool) -> Placed {
        let ball = Ellipsoid { centre: [0.0; 3], radii: [2.0, 1.0, 3.0], colour: [1.0; 3], shown };
        ball.place(&rotation(yaw, 0.0, 0.0))
    }

    #[test]
    fn rays_meet_the_surface_where_its_equation_says() {
        let whole = ball(0.0, |_| true);
        let hit = whole.hit(1.0, 0.5).unwrap();
        let height = 3.0 * (1.0 - 0.25 - 0.25f64).sqrt();
        assert!((hit.z - height).abs() < 1e-12);
        let gradient = [1.0 / 4.0, 0.5, height / 9.0];
        let length = dot(gradient, gradient).sqrt();
        assert!((0..3).all(|k| (whole.normal(&hit)[k] - gradient[k] / length).abs() < 1e-12));
        assert!(whole.hit(2.1, 0.0).is_none());
        // Turned by 90°, the long axis lies across.
        assert!(ball(90.0, |_| true).hit(2.9, 0.0).is_some());
    }

    #[test]
    fn the_inside_is_seen_where_the_front_is_left_out() {
        let back = ball(0.0, |p| p[2] < 0.0);
        assert!((back.hit(0.0, 0.0).unwrap().z + 3.0).abs() < 1e-12);
        assert!(ball(0.0, |_| false).hit(0.0, 0.0).is_none());
    }

    #[test]
    fn positive_angles_turn_a_face_right_up_and_clockwise() {
        let turned = |r: Matrix, v: Vector| -> Vector { std::array::from_fn(|i| dot(r[i], v)) };
        let (face, crown) = ([0.0, 0.0, 1.0], [0.0, -1.0, 0.0]);
        assert!(turned(rotation(30.0, 0.0, 0.0), face)[0] > 0.4);
        assert!(turned(rotation(0.0, 30.0, 0.0), face)[1] < -0.4);
        assert!(turned(rotation(0.0, 0.0, 30.0), crown)[0] > 0.4);
    }

    #[test]
    fn mirroring_negates_yaw_and_roll() {
        let (plain, mirrored) = (rotation(20.0, 10.0, 5.0), rotation(-20.0, 10.0, -5.0));
        for i in 0..3 {
            for j in 0..3 {
                let sign = if (i == 0) == (j == 0) { 1.0 } else { -1.0 };
                assert!((plain[i][j] - sign * mirrored[i][j]).abs() < 1e-15);
            }
        }
    }
}

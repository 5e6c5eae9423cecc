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

/// `aᵀ v`: from the picture's axes to those of the rotated thing.
fn transposed(a: &Matrix, v: Vector) -> Vector {
    std::array::from_fn(|j| a[0][j] * v[0] + a[1][j] * v[1] + a[2][j] * v[2])
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

/// Where a ray meets a surface.
#[derive(Debug, Clone, Copy)]
pub(super) struct Hit {
    /// Height of the point towards the camera.
    pub z: f64,
    /// Unit vector out of the surface, in the picture's axes.
    pub normal: Vector,
    pub colour: Rgb,
}

impl Ellipsoid {
    /// The nearest point of the ellipsoid on the ray through `(x, y)` that is shown.
    pub fn hit(&self, turned: &Matrix, x: f64, y: f64) -> Option<Hit> {
        let scaled = |v: Vector| -> Vector { std::array::from_fn(|k| v[k] / self.radii[k]) };
        let from = transposed(turned, [x, y, 0.0]);
        let along = transposed(turned, [0.0, 0.0, 1.0]);
        let offset = scaled(std::array::from_fn(|k| from[k] - self.centre[k]));
        let direction = scaled(along);
        // |offset + z direction|² = 1; the camera is at large z and sees the larger root.
        let (a, b, c) = (dot(direction, direction), dot(offset, direction), dot(offset, offset) - 1.0);
        let discriminant = b * b - a * c;
        if discriminant <= 0.0 {
            return None;
        }
        let z = (discriminant.sqrt() - b) / a;
        let point: Vector = std::array::from_fn(|k| from[k] + z * along[k]);
        if !(self.shown)(point) {
            return None;
        }
        let outward = scaled(scaled(std::array::from_fn(|k| point[k] - self.centre[k])));
        let length = dot(outward, outward).sqrt();
        let normal = std::array::from_fn(|i| dot(turned[i], outward) / length);
        Some(Hit { z, normal, colour: self.colour })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BALL: Ellipsoid = Ellipsoid { centre: [0.0; 3], radii: [2.0, 1.0, 3.0], colour: [1.0; 3], shown: |_| true };

    #[test]
    fn rays_meet_the_surface_where_its_equation_says() {
        let hit = BALL.hit(&rotation(0.0, 0.0, 0.0), 1.0, 0.5).unwrap();
        let height = 3.0 * (1.0 - 0.25 - 0.25f64).sqrt();
        assert!((hit.z - height).abs() < 1e-12);
        let gradient = [1.0 / 4.0, 0.5, height / 9.0];
        let length = dot(gradient, gradient).sqrt();
        assert!((0..3).all(|k| (hit.normal[k] - gradient[k] / length).abs() < 1e-12));
        assert!(BALL.hit(&rotation(0.0, 0.0, 0.0), 2.1, 0.0).is_none());
        // Turned by 90°, the long axis lies across.
        assert!(BALL.hit(&rotation(90.0, 0.0, 0.0), 2.9, 0.0).is_some());
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

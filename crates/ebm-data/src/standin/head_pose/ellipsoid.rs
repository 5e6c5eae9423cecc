//! Ellipsoids seen along parallel rays.
//!
//! Axes of the picture: x to the right, y down, z towards the camera. Rays run along −z, so that size does not depend
//! on distance.

use crate::standin::raster::Rgb;

/// A vector of three.
pub(super) type Vector = [f64; 3];
/// A rotation or a quadratic form; rows first.
pub(super) type Matrix = [Vector; 3];

/// `Rz(roll) Ry(yaw) Rx(pitch)`, degrees.
///
/// A face looks along z. Positive yaw turns it to the right of the picture, positive pitch up, and positive roll turns
/// it clockwise.
pub(super) fn rotation([yaw, pitch, roll]: Vector) -> Matrix {
    let [(sy, cy), (sp, cp), (sr, cr)] = [yaw, pitch, roll].map(|angle| libm::sincos(angle.to_radians()));
    let about_y = [[cy, 0.0, sy], [0.0, 1.0, 0.0], [-sy, 0.0, cy]];
    let about_x = [[1.0, 0.0, 0.0], [0.0, cp, -sp], [0.0, sp, cp]];
    let about_z = [[cr, -sr, 0.0], [sr, cr, 0.0], [0.0, 0.0, 1.0]];
    product(&about_z, &product(&about_y, &about_x))
}

fn product(a: &Matrix, b: &Matrix) -> Matrix {
    std::array::from_fn(|i| std::array::from_fn(|j| a[i][0] * b[0][j] + a[i][1] * b[1][j] + a[i][2] * b[2][j]))
}

pub(super) fn dot(a: Vector, b: Vector) -> f64 {
    a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

/// An ellipsoid in the axes of the thing that it is a part of.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ellipsoid {
    pub centre: Vector,
    pub radii: Vector,
    pub colour: Rgb,
    /// The part of the surface that exists.
    pub shown: fn(Vector) -> bool,
}

/// An ellipsoid in its place: the points `p` with `(p − centre)ᵀ form (p − centre) = 1`, in the picture's axes.
#[derive(Debug, Clone)]
pub(super) struct Placed {
    turned: Matrix,
    centre: Vector,
    form: Matrix,
    /// Half the size of the smallest box around it, along x and y.
    reach: [f64; 2],
    colour: Rgb,
    shown: fn(Vector) -> bool,
}

/// Where a ray meets a surface.
#[derive(Debug, Clone, Copy)]
pub(super) struct Hit {
    /// Height of the point towards the camera.
    pub z: f64,
    /// Unit vector out of the surface.
    pub normal: Vector,
    pub colour: Rgb,
}

impl Ellipsoid {
    pub fn placed(&self, turned: &Matrix) -> Placed {
        // turned · diag(weights) · turnedᵀ
        let turn = |weights: Vector| -> Matrix {
            std::array::from_fn(|i| {
                std::array::from_fn(|j| dot(std::array::from_fn(|k| turned[i][k] * weights[k]), turned[j]))
            })
        };
        let extent = turn(self.radii.map(|r| r * r));
        Placed {
            turned: *turned,
            centre: turned.map(|row| dot(row, self.centre)),
            form: turn(self.radii.map(|r| 1.0 / (r * r))),
            reach: [extent[0][0].sqrt(), extent[1][1].sqrt()],
            colour: self.colour,
            shown: self.shown,
        }
    }
}

impl Placed {
    /// Whether any ray of the line at height `y` can meet it.
    pub fn on_line(&self, y: f64) -> bool {
        (y - self.centre[1]).abs() < self.reach[1]
    }

    /// The nearest point on the ray through `(x, y)`, if it is shown.
    pub fn hit(&self, x: f64, y: f64) -> Option<Hit> {
        let (x_off, y_off) = (x - self.centre[0], y - self.centre[1]);
        if x_off.abs() >= self.reach[0] {
            return None;
        }
        let [[xx, xy, xz], [_, yy, yz], [_, _, zz]] = self.form;
        // zz z² + 2 b z + c = 0; the camera is at large z and sees the larger root.
        let b = xz * x_off + yz * y_off;
        let c = xx * x_off * x_off + 2.0 * (xy * x_off * y_off) + yy * y_off * y_off - 1.0;
        let discriminant = b * b - zz * c;
        if discriminant <= 0.0 {
            return None;
        }
        let z_off = (discriminant.sqrt() - b) / zz;
        let z = z_off + self.centre[2];
        let own_axes = |k: usize| self.turned[0][k] * x + self.turned[1][k] * y + self.turned[2][k] * z;
        if !(self.shown)([own_axes(0), own_axes(1), own_axes(2)]) {
            return None;
        }
        let outward = self.form.map(|row| dot(row, [x_off, y_off, z_off]));
        let length = dot(outward, outward).sqrt();
        Some(Hit { z, normal: outward.map(|v| v / length), colour: self.colour })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EGG: Ellipsoid =
        Ellipsoid { centre: [0.3, -0.2, 0.5], radii: [2.0, 1.0, 3.0], colour: [1.0; 3], shown: |_| true };

    #[test]
    fn rays_meet_the_surface_and_the_normal_is_its_gradient() {
        let turned = rotation([25.0, -40.0, 10.0]);
        let egg = EGG.placed(&turned);
        let mut hits = 0;
        for (x, y) in (-20..20).flat_map(|i| (-20..20).map(move |j| (f64::from(i) * 0.2, f64::from(j) * 0.2))) {
            let Some(hit) = egg.hit(x, y) else { continue };
            assert!(egg.on_line(y), "{x} {y}");
            hits += 1;
            let own: Vector = std::array::from_fn(|k| dot([0, 1, 2].map(|i| turned[i][k]), [x, y, hit.z]));
            let unit: Vector = std::array::from_fn(|k| (own[k] - EGG.centre[k]) / EGG.radii[k]);
            assert!((dot(unit, unit) - 1.0).abs() < 1e-9);
            let gradient: Vector = std::array::from_fn(|k| unit[k] / EGG.radii[k]);
            let length = dot(gradient, gradient).sqrt();
            assert!((0..3).all(|i| (dot(turned[i], gradient) / length - hit.normal[i]).abs() < 1e-9));
            assert!(hit.normal[2] > 0.0, "the near side");
        }
        assert!(hits > 100);
    }

    #[test]
    fn positive_angles_turn_a_face_right_up_and_clockwise() {
        let turned = |pose, v: Vector| rotation(pose).map(|row| dot(row, v));
        let (face, crown) = ([0.0, 0.0, 1.0], [0.0, -1.0, 0.0]);
        assert!(turned([30.0, 0.0, 0.0], face)[0] > 0.4);
        assert!(turned([0.0, 30.0, 0.0], face)[1] < -0.4);
        assert!(turned([0.0, 0.0, 30.0], crown)[0] > 0.4);
    }
}

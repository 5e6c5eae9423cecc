//! The parts of a head, which are mirror-symmetric. The half height of the skull is 1.

use super::Scene;
use super::ellipsoid::{Ellipsoid, Vector};
use crate::standin::raster::{Rgb, times};

/// Neck and shoulders, which do not turn.
pub(super) fn body(scene: &Scene) -> Vec<Ellipsoid> {
    vec![
        whole([0.0, 1.35, -0.25], [0.42, 0.75, 0.4], times(scene.skin, 0.85)),
        whole([0.0, 2.05, -0.3], [1.5, 0.75, 0.6], scene.cloth),
    ]
}

/// All that turns in a lit scene.
pub(super) fn head(scene: &Scene) -> Vec<Ellipsoid> {
    let Scene { skin, hair, half_width, .. } = *scene;
    let hairline = |p: Vector| p[2] < 0.3 || p[1] < -0.55;
    let scalp = whole([0.0, -0.18, -0.12], [half_width + 0.06, 0.95, 0.86], hair);
    let lips = [skin[0] * 0.75, skin[1] * 0.45, skin[2] * 0.45];
    let mut parts = vec![
        skull(scene),
        Ellipsoid { shown: hairline, ..scalp },
        whole([0.0, 0.12, 0.86], [0.12, 0.2, 0.2], times(skin, 0.97)),
        whole([0.0, 0.5, 0.7], [0.22, 0.06, 0.08], lips),
    ];
    for side in [-1.0, 1.0] {
        parts.push(whole([0.27 * side, -0.12, 0.7], [0.12, 0.07, 0.1], [0.95; 3]));
        parts.push(whole([0.27 * side, -0.12, 0.785], [0.05, 0.055, 0.04], [0.08; 3]));
        parts.push(whole([0.27 * side, -0.3, 0.7], [0.17, 0.04, 0.08], hair));
        parts.push(ear(scene, side));
    }
    parts
}

/// All that turns in a back-lit scene. Every part is its own reflection front to back: its centre is at `z = 0`.
pub(super) fn hatted_head(scene: &Scene) -> Vec<Ellipsoid> {
    vec![
        skull(scene),
        ear(scene, -1.0),
        ear(scene, 1.0),
        whole([0.0, -0.5, 0.0], [scene.half_width + 0.04, 0.62, 0.8], scene.hair),
        whole([0.0, -0.45, 0.0], [1.05, 0.06, 1.2], scene.hair),
    ]
}

fn skull(scene: &Scene) -> Ellipsoid {
    whole([0.0; 3], [scene.half_width, 1.0, 0.85], scene.skin)
}

fn ear(scene: &Scene, side: f64) -> Ellipsoid {
    whole([scene.half_width * side, 0.0, 0.0], [0.1, 0.2, 0.13], times(scene.skin, 0.9))
}

fn whole(centre: Vector, radii: Vector, colour: Rgb) -> Ellipsoid {
    Ellipsoid { centre, radii, colour, shown: |_| true }
}

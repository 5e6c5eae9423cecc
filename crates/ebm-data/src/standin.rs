//! Image sets that need no download: generated stand-ins for the paper's four, and digits of real pixels.
//!
//! Every image is a pure function of (set, seed, index): a set can have any size, the first images of a larger one
//! are those of a smaller one, and the bytes do not depend on the number of threads. For some sets the density that
//! the label was drawn from is known, see [`truth()`].
//!
//! A number measured on a stand-in is not comparable with the paper's number for the set that it stands in for.
//!
//! ```
//! use ebm_data::standin::{StandIn, generate, truth};
//!
//! let roads = generate(StandIn::Steering, 4, 7, &|| ());
//! let truth = truth(StandIn::Steering, 7, 0).unwrap();
//! assert!(truth.log_density(roads.label(0)) > -10.0); // nats
//! ```

mod age;
mod cache;
mod cells;
mod defocus;
mod digits;
mod ellipsoid;
mod generate;
mod head_pose;
mod outline;
mod raster;
mod set;
mod steering;
mod stream;
mod truth;
mod value_noise;

pub use cache::cached;
pub use generate::{generate, truth};
pub use set::StandIn;
pub use truth::{Component, Truth};

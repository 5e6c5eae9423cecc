//! The four methods: which networks they train, and with which losses.

pub mod conditional;
pub mod config;
mod contrast;
pub mod ebm_fixed;
pub mod ebm_learned;
pub mod heads;
#[cfg(feature = "pytorch")]
pub mod import;
pub mod kind;
pub mod limits;
pub mod losses;
pub mod mdn;
pub mod mdn_teacher;
pub mod model;
pub mod phase;
#[cfg(feature = "pytorch")]
mod pretrained;
pub mod regressor;
mod whole;

#[cfg(test)]
mod laws;
#[cfg(test)]
mod phases;

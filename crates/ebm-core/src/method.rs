//! The methods: which networks they train, and with which losses.

pub mod conditional;
pub mod config;
mod contrast;
pub mod ebm_fixed;
pub mod ebm_learned;
pub mod heads;
pub mod import;
pub mod kind;
pub mod limits;
pub mod losses;
pub mod mdn;
pub mod mdn_teacher;
pub mod model;
pub mod phase;
mod pretrained;
pub mod regressor;
pub mod residual;

#[cfg(test)]
mod laws;
#[cfg(test)]
mod phases;

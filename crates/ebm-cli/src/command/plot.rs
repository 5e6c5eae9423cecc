//! `ebm plot`

pub mod calibration;
pub mod curves;
pub mod density;
pub mod examples;

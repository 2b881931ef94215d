//! Measurements that anybody can repeat: each binary here runs docfleet and its peer on the same documents and prints both.
//!
//! They need the data sets (the folder that `DOCFLEET_DATA_SETS` names) and release binaries (`make build`).

pub mod bag;
pub mod clerk;
pub mod cpu;
pub mod fleet;
pub mod gateway;
pub mod normal;
pub mod operator;
pub mod truth;

//! What the program does beside serving, one file per command.

pub mod audit;
pub mod backup;
pub mod demo;

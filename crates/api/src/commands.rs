//! What the program does beside serving, one file per command.

pub mod demo;

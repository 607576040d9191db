//! Tests made from the description of the API: whatever operation it has, no one gets through
//! without signing in, without the right, or from another workspace.

mod erased;
mod nobody;
mod rights;
mod spec;
mod walls;
mod world;

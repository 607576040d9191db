//! Tests made from the description of the API: whatever operation it has, no one gets through
//! without signing in, without the right, or from another workspace; and nothing beside it is answered.

mod bodies;
mod erased;
mod granted;
mod nobody;
mod rights;
mod spec;
mod strays;
mod walls;
mod world;

//! The only crate that knows HTTP: routes, problems, the description of the API, the program `kehu`.

pub mod auth;
pub mod body;
pub mod commands;
pub mod jobs;
pub mod openapi;
pub mod problem;
pub mod readiness;
pub mod repeat;
pub mod request;
pub mod routes;
pub mod server;
pub mod settings;
pub mod site;
pub mod state;
pub mod verb;

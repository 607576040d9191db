//! The rules of Kehu: what is managed and what may happen to it.
//!
//! Everything here is pure: no async, no I/O, no clock, no random numbers. `now` and new ids come
//! in as arguments. The crate compiles to WebAssembly, so the app in the browser carries the same
//! rules as the server; what only the server needs stands behind the feature `server`.

#[doc(hidden)]
pub use pastey;

#[macro_use]
pub mod record;

pub mod activity;
pub mod adjustment;
pub mod allocation;
pub mod capabilities;
pub mod check;
pub mod contact;
pub mod contract;
pub mod ctx;
pub mod customer;
pub mod def;
pub mod department;
pub mod dictionary_entry;
pub mod document;
pub mod document_line;
pub mod exchange;
pub mod exchange_rate;
pub mod expr;
pub mod id;
pub mod import;
pub mod kinds;
pub mod lead;
pub mod money;
#[cfg(feature = "server")]
pub mod normalise;
pub mod opportunity;
pub mod password;
pub mod payment;
pub mod pipeline;
pub mod pool;
pub mod product;
pub mod receivable;
pub mod refund;
pub mod rights;
pub mod role;
pub mod saved_view;
pub mod scope;
#[cfg(feature = "server")]
pub mod search;
pub mod settlement;
pub mod sight;
pub mod stage;
pub mod stage_change;
pub mod tag;
pub mod target;
pub mod task;
pub mod territory;
pub mod user;
pub mod value;

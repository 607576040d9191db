//! New ids.

use uuid::Uuid;

/// A new id. UUIDv7: ids sort by the moment they were made.
#[must_use]
pub fn new_id() -> Uuid {
    Uuid::now_v7()
}

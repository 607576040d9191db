//! Parts that know records. Pages compose them.

pub mod frame;
pub mod help;
pub mod keys;
pub mod kinds;
pub mod load;
pub mod palette;
pub mod views;

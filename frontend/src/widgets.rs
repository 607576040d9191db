//! Parts that know records. Pages compose them.

pub(crate) mod frame;
pub(crate) mod help;
pub(crate) mod keys;
pub(crate) mod kinds;
pub(crate) mod load;
pub(crate) mod palette;
pub(crate) mod views;

//! Makes products of the lines of a file: which column is what, which lines are one product, and what it will be. Pure.
//!
//! Lines that follow each other are one product when they have the same id, or name the same parent, or when each says of which form it
//! is (a variant's name, a colour, a size) and they have the same sku or, beside that, the same name. A line of them that says of no form
//! is the product itself. A single line's colours and sizes are what there is to say of the product.

mod amounts;
mod columns;
mod draft;
mod groups;

pub use columns::{Columns, is_known};
pub use draft::{Draft, RowError};
pub use groups::Groups;

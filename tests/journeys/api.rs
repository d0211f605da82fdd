//! The API as a whole: its bounds, its errors, its description.

mod description;
mod limits;
mod problems;

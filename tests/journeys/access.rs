//! Access: keys, portal tokens, and what each of them reaches.

mod isolation;
mod keys;

//! Store contracts.

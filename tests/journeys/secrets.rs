//! Secrets and signatures.

mod deployment;
mod leaks;
mod private_keys;
mod rotation;
mod verifiers;

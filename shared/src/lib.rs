//! What Postrider's functions share.
//!
//! **Core** — pure, no async, no AWS, no HTTP client, no clock, no environment: ids and times ([`id`], [`timestamp`]),
//! the catalogue and its filters ([`event_type`], [`schema`]), payloads ([`payload`], [`members`], [`split`]), endpoints and where they
//! may be ([`endpoint`], [`address`]), subscriptions ([`subscription`], [`custom_headers`]), delivery policy ([`profile`],
//! [`policy`], [`status_rule`], [`retry`], [`pace`], [`breaker`]), bodies ([`body`], [`xml`]), the
//! delivery's own rules ([`delivery`], [`attempt`], [`headers`]), what is done in the background ([`release`], [`bulk_resend`],
//! [`erasure`]) and what is counted ([`statistics`]), signatures and secrets ([`signature`], [`sealing`]), keys and what they allow ([`api_key`], [`portal_token`], [`capability`]),
//! traces ([`trace_context`]), pages ([`page`]).
//!
//! **Edges** — each owns one outside thing: [`store`] DynamoDB, [`queue`] SQS, [`sender`] the receivers and
//! [`receiver`] what is said to one and heard from it, [`aws`] the
//! SDK's clients, [`deployment_secret`] Secrets Manager, [`batch`] Lambda's SQS batches, [`api`] Lambda's HTTP requests, [`env`] the environment, [`clock`]
//! time and chance, [`telemetry`] logs, [`metrics`] what is counted for whoever runs it; [`cache`] keeps what was read a
//! moment ago, [`failure`] is what fails on our side.

pub mod address;
pub mod api;
pub mod api_key;
pub mod attempt;
pub mod aws;
pub mod batch;
pub mod body;
pub mod breaker;
pub mod bulk_resend;
pub mod cache;
pub mod capability;
pub mod clock;
pub mod custom_headers;
pub mod delivery;
pub mod deployment_secret;
pub mod endpoint;
pub mod env;
pub mod erasure;
pub mod event_type;
pub mod failure;
pub mod headers;
pub mod id;
pub mod members;
pub mod metrics;
pub mod pace;
pub mod page;
pub mod payload;
pub mod policy;
pub mod portal_token;
pub mod profile;
pub mod queue;
pub mod receiver;
pub mod release;
pub mod retry;
pub mod schema;
pub mod sealing;
pub mod sender;
pub mod signature;
pub mod split;
pub mod statistics;
pub mod status_rule;
pub mod store;
pub mod subscription;
pub mod telemetry;
pub mod timestamp;
pub mod trace_context;
pub mod xml;

#[cfg(test)]
mod secrecy_tests;

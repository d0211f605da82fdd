//! IAM, as far as functions need it: who asks for what, and whether the template lets them.
//!
//! Each function's processes get credentials whose access key id is the function's name
//! ([`crate::lambda::Environment`]), and what polls a queue for a function does so under the same
//! name, as Lambda does with the function's role. The [`guard`] before each stand-in finds the name
//! in a request's signature, [`needs`] says what the request asks for, and [`Rights`] has what was
//! granted, with how often it was used. Whoever comes under another name, or none, may do
//! everything: signatures are not checked.

mod guard;
mod needs;

use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use serde::Serialize;

use crate::Error;
use crate::logs::{Level, Log};
use crate::template::{ACCOUNT, Function, Right};

pub use guard::guarded;
pub(crate) use guard::{access_key_id, operation};
pub use needs::Service;

/// The rights of all functions.
#[derive(Debug, Clone)]
pub struct Rights(Arc<HashMap<String, Caller>>);

/// A function as a caller.
#[derive(Debug)]
struct Caller {
    /// As AWS names a role that a function has assumed.
    arn: String,
    /// By action, then by resource, with how often it was used.
    granted: HashMap<String, HashMap<String, AtomicU64>>,
    /// What was asked for and not granted, and how often.
    denied: Mutex<BTreeMap<Right, u64>>,
    log: Log,
}

/// A right, or what was asked for without one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Usage {
    /// Such as `dynamodb:GetItem`.
    pub action: String,
    /// The resource's ARN.
    pub resource: String,
    /// How often it was asked for since the stack's start.
    pub times: u64,
}

/// What a function may do, and what it asked for.
#[derive(Debug, Clone, Serialize)]
pub struct FunctionRights {
    /// What its role grants, and how often each was used.
    pub granted: Vec<Usage>,
    /// What it asked for in vain.
    pub denied: Vec<Usage>,
}

/// A call that was refused, in AWS's words.
struct Denied(String);

impl Rights {
    /// The rights that the template grants. What is denied is written to the functions' logs in
    /// this directory, and shown if warnings are.
    pub fn of(functions: &[Function], logs: &Path, shown: Level) -> Result<Self, Error> {
        let mut callers = HashMap::new();
        for function in functions {
            callers.insert(
                function.name.clone(),
                Caller::of(function, Log::open(logs, &function.name, shown)?),
            );
        }
        Ok(Self(Arc::new(callers)))
    }

    /// What was used and what was denied so far, by function.
    pub fn usage(&self) -> BTreeMap<&str, FunctionRights> {
        self.0.iter().map(|(name, caller)| (name.as_str(), caller.usage())).collect()
    }
}

impl Caller {
    fn of(function: &Function, log: Log) -> Self {
        let mut granted: HashMap<String, HashMap<String, AtomicU64>> = HashMap::new();
        for Right { action, resource } in function.rights.iter().cloned() {
            granted.entry(action).or_default().insert(resource, AtomicU64::new(0));
        }
        // The role's name is the template's for it, where AWS adds characters of its own.
        let arn =
            format!("arn:aws:sts::{ACCOUNT}:assumed-role/{}/{}", function.role, function.name);
        Self { arn, granted, denied: Mutex::default(), log }
    }

    /// Counts a right as used, or tells that there is none.
    fn take(&self, right: Right) -> Result<(), Denied> {
        let granted =
            self.granted.get(&right.action).and_then(|resources| resources.get(&right.resource));
        if let Some(used) = granted {
            used.fetch_add(1, Ordering::Relaxed);
            return Ok(());
        }
        let Right { action, resource } = &right;
        // SQS writes its actions in lower case there.
        let told =
            if action.starts_with("sqs:") { action.to_ascii_lowercase() } else { action.clone() };
        let message = format!(
            "User: {} is not authorized to perform: {told} on resource: {resource} because no identity-based policy \
             allows the {told} action",
            self.arn
        );
        self.log.say(Level::Warn, &message);
        *self.denied.lock().expect("no holder of this lock panics").entry(right).or_default() += 1;
        Err(Denied(message))
    }

    fn usage(&self) -> FunctionRights {
        let mut granted: Vec<Usage> = Vec::new();
        for (action, resources) in &self.granted {
            granted.extend(resources.iter().map(|(resource, used)| Usage {
                action: action.clone(),
                resource: resource.clone(),
                times: used.load(Ordering::Relaxed),
            }));
        }
        granted.sort_unstable_by(|one, other| {
            (&one.resource, &one.action).cmp(&(&other.resource, &other.action))
        });
        let denied = self.denied.lock().expect("no holder of this lock panics");
        let denied = denied.iter().map(|(Right { action, resource }, times)| Usage {
            action: action.clone(),
            resource: resource.clone(),
            times: *times,
        });
        FunctionRights { granted, denied: denied.collect() }
    }
}

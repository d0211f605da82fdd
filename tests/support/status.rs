//! What the stack says about itself at `/_stack`.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;

/// How the stack stands.
#[derive(Debug, Clone, Deserialize)]
pub struct Status {
    /// By function.
    pub functions: BTreeMap<String, Function>,
    /// By queue.
    pub queues: BTreeMap<String, Tally>,
    /// Billed requests to SQS that carried a message, by queue.
    pub sqs_by_queue: BTreeMap<String, u64>,
    /// What was asked of the API.
    pub http: Asked,
    /// What was asked of `DynamoDB`.
    pub dynamodb: Units,
}

/// What was asked of the API.
#[derive(Debug, Clone, Copy, Deserialize)]
pub struct Asked {
    /// Requests so far.
    pub requests: u64,
}

/// What was asked of `DynamoDB`.
#[derive(Debug, Clone, Copy, Deserialize)]
pub struct Units {
    /// Read units so far.
    pub read_units: f64,
    /// Write units so far.
    pub write_units: f64,
}

/// A function's processes and what they did.
#[derive(Debug, Clone, Deserialize)]
pub struct Function {
    /// Its processes.
    pub pids: Vec<u32>,
    /// Those that run an invocation.
    pub busy: usize,
    /// Invocations so far.
    pub invocations: u64,
    /// The most memory that a process of it may have, in bytes.
    pub memory_limit_bytes: u64,
    /// The most memory that a process of it had so far, in bytes.
    pub peak_memory_bytes: u64,
    /// How often Lambda's limits were exceeded.
    pub exceeded: Exceeded,
}

/// How often a function exceeded limits of Lambda's that no request makes it exceed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub struct Exceeded {
    /// Processes that ran out of memory.
    pub memory: u64,
    /// Answers that were too large.
    pub answer: u64,
    /// Invocations that left too much in `/tmp`.
    pub temporary: u64,
}

/// Messages in a queue.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
pub struct Tally {
    /// Ready to be received.
    pub visible: u64,
    /// Received and not settled, or hidden.
    pub in_flight: u64,
    /// Sent with a delay.
    pub delayed: u64,
}

impl Status {
    /// A queue's messages, by its logical id.
    #[must_use]
    pub fn queue(&self, name: &str) -> Tally {
        *self
            .queues
            .get(name)
            .unwrap_or_else(|| panic!("there is no queue {name}: {:?}", self.queues))
    }

    /// Whether the working queues are empty.
    #[must_use]
    pub fn is_drained(&self) -> bool {
        self.queues
            .iter()
            .all(|(name, tally)| is_of_dead_letters(name) || *tally == Tally::default())
    }

    /// The functions that exceeded a limit of Lambda's: how often, and how much memory they had.
    #[must_use]
    pub fn exceeded(&self) -> Vec<String> {
        let within = Exceeded { memory: 0, answer: 0, temporary: 0 };
        let beyond = self.functions.iter().filter(|(_, function)| function.exceeded != within);
        beyond
            .map(|(name, Function { exceeded, peak_memory_bytes, .. })| {
                format!("{name}: {exceeded:?}, at most {peak_memory_bytes} bytes of memory")
            })
            .collect()
    }

    /// How many dead letters there are.
    #[must_use]
    pub fn dead_letters(&self) -> u64 {
        self.queues
            .iter()
            .filter(|(name, _)| is_of_dead_letters(name))
            .map(|(_, tally)| tally.sum())
            .sum()
    }
}

fn is_of_dead_letters(name: &str) -> bool {
    name.contains("DeadLetter")
}

impl Tally {
    const fn sum(self) -> u64 {
        self.visible + self.in_flight + self.delayed
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.queues)
    }
}

//! What SQS answers when it does not do what was asked.
//!
//! An SDK tells errors apart by two names: `__type` in the body and, because SQS once spoke the
//! Query protocol, the older code in the header `x-amzn-query-error`, which wins where both are
//! read.

use std::fmt::Display;

/// The kind of a refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    BatchEntryIdsNotDistinct,
    BatchRequestTooLong,
    EmptyBatchRequest,
    InternalFailure,
    InvalidAttributeName,
    InvalidAttributeValue,
    InvalidBatchEntryId,
    InvalidMessageContents,
    InvalidParameterValue,
    MessageNotInflight,
    MissingParameter,
    OverLimit,
    QueueDoesNotExist,
    QueueNameExists,
    ReceiptHandleIsInvalid,
    ResourceNotFound,
    Serialization,
    TooManyEntriesInBatchRequest,
    UnknownOperation,
}

impl Kind {
    /// The `__type` of the body: those of SQS itself, and those of every service of its make.
    pub(crate) fn shape(self) -> &'static str {
        match self {
            Kind::BatchEntryIdsNotDistinct => "com.amazonaws.sqs#BatchEntryIdsNotDistinct",
            Kind::BatchRequestTooLong => "com.amazonaws.sqs#BatchRequestTooLong",
            Kind::EmptyBatchRequest => "com.amazonaws.sqs#EmptyBatchRequest",
            Kind::InternalFailure => "com.amazon.coral.service#InternalFailure",
            Kind::InvalidAttributeName => "com.amazonaws.sqs#InvalidAttributeName",
            Kind::InvalidAttributeValue => "com.amazonaws.sqs#InvalidAttributeValue",
            Kind::InvalidBatchEntryId => "com.amazonaws.sqs#InvalidBatchEntryId",
            Kind::InvalidMessageContents => "com.amazonaws.sqs#InvalidMessageContents",
            Kind::InvalidParameterValue => {
                "com.amazon.coral.service#InvalidParameterValueException"
            }
            Kind::MessageNotInflight => "com.amazonaws.sqs#MessageNotInflight",
            Kind::MissingParameter => "com.amazon.coral.service#MissingRequiredParameterException",
            Kind::OverLimit => "com.amazonaws.sqs#OverLimit",
            Kind::QueueDoesNotExist => "com.amazonaws.sqs#QueueDoesNotExist",
            Kind::QueueNameExists => "com.amazonaws.sqs#QueueNameExists",
            Kind::ReceiptHandleIsInvalid => "com.amazonaws.sqs#ReceiptHandleIsInvalid",
            Kind::ResourceNotFound => "com.amazonaws.sqs#ResourceNotFoundException",
            Kind::Serialization => "com.amazon.coral.service#SerializationException",
            Kind::TooManyEntriesInBatchRequest => "com.amazonaws.sqs#TooManyEntriesInBatchRequest",
            Kind::UnknownOperation => "com.amazon.coral.service#UnknownOperationException",
        }
    }

    /// The code of the Query protocol, which batch answers give too.
    pub(crate) fn code(self) -> &'static str {
        match self {
            Kind::BatchEntryIdsNotDistinct => "AWS.SimpleQueueService.BatchEntryIdsNotDistinct",
            Kind::BatchRequestTooLong => "AWS.SimpleQueueService.BatchRequestTooLong",
            Kind::EmptyBatchRequest => "AWS.SimpleQueueService.EmptyBatchRequest",
            Kind::InternalFailure => "InternalFailure",
            Kind::InvalidAttributeName => "InvalidAttributeName",
            Kind::InvalidAttributeValue => "InvalidAttributeValue",
            Kind::InvalidBatchEntryId => "AWS.SimpleQueueService.InvalidBatchEntryId",
            Kind::InvalidMessageContents => "InvalidMessageContents",
            Kind::InvalidParameterValue => "InvalidParameterValue",
            Kind::MessageNotInflight => "AWS.SimpleQueueService.MessageNotInflight",
            Kind::MissingParameter => "MissingParameter",
            Kind::OverLimit => "OverLimit",
            Kind::QueueDoesNotExist => "AWS.SimpleQueueService.NonExistentQueue",
            Kind::QueueNameExists => "QueueAlreadyExists",
            Kind::ReceiptHandleIsInvalid => "ReceiptHandleIsInvalid",
            Kind::ResourceNotFound => "ResourceNotFoundException",
            Kind::Serialization => "MalformedInput",
            Kind::TooManyEntriesInBatchRequest => {
                "AWS.SimpleQueueService.TooManyEntriesInBatchRequest"
            }
            Kind::UnknownOperation => "InvalidAction",
        }
    }

    /// Whether the caller is at fault; only then is a repeat of the same request pointless.
    pub(crate) fn is_callers(self) -> bool {
        self != Kind::InternalFailure
    }
}

/// A request, or one entry of a batch, that was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) kind: Kind,
    pub(crate) message: String,
}

impl Refusal {
    /// A refusal in these words.
    pub(crate) fn new(kind: Kind, message: impl Into<String>) -> Refusal {
        Refusal { kind, message: message.into() }
    }

    /// `InvalidParameterValue` in the form in which SQS words it.
    pub(crate) fn value(value: impl Display, parameter: &str, reason: &str) -> Refusal {
        let message =
            format!("Value {value} for parameter {parameter} is invalid. Reason: {reason}");
        Refusal::new(Kind::InvalidParameterValue, message)
    }

    /// A parameter that must be there is not.
    pub(crate) fn missing(parameter: &str) -> Refusal {
        Refusal::new(
            Kind::MissingParameter,
            format!("The request must contain the parameter {parameter}."),
        )
    }

    /// No queue of that name or URL.
    pub(crate) fn no_queue() -> Refusal {
        Refusal::new(Kind::QueueDoesNotExist, "The specified queue does not exist.")
    }

    /// The journal could not be written: what memory holds may not outlive the process.
    pub(crate) fn not_kept() -> Refusal {
        Refusal::new(Kind::InternalFailure, "The journal could not be written.")
    }
}

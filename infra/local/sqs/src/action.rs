//! The actions of the SQS protocol that this stand-in answers.

macro_rules! actions {
    ($($name:ident),+ $(,)?) => {
        /// One action of the SQS API, named as `X-Amz-Target` names it after `AmazonSQS.`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Action {
            $(#[doc = concat!("`", stringify!($name), "`")] $name),+
        }

        impl Action {
            /// Every action, in the order of declaration; an action's place here is `action as
            /// usize`.
            pub const ALL: &[Action] = &[$(Action::$name),+];

            /// The action's name in the protocol.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Action::$name => stringify!($name)),+ }
            }

            /// Reads the value of `X-Amz-Target`, such as `AmazonSQS.SendMessage`.
            #[must_use]
            pub fn of_target(target: &str) -> Option<Action> {
                match target.strip_prefix("AmazonSQS.")? {
                    $(stringify!($name) => Some(Action::$name),)+
                    _ => None,
                }
            }
        }
    };
}

// The busiest come first only because they are read first.
actions! {
    SendMessage, SendMessageBatch, ReceiveMessage, DeleteMessage, DeleteMessageBatch,
    ChangeMessageVisibility, ChangeMessageVisibilityBatch,
    CreateQueue, DeleteQueue, GetQueueUrl, ListQueues, GetQueueAttributes, SetQueueAttributes, PurgeQueue,
    TagQueue, UntagQueue, ListQueueTags,
    ListDeadLetterSourceQueues, StartMessageMoveTask, ListMessageMoveTasks, CancelMessageMoveTask,
}

#[cfg(test)]
mod tests;

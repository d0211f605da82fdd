//! Receipt handles: which message of which queue, and which of its receives.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::refusal::{Kind, Refusal};

/// What a receipt handle says. As text it is 32 characters of base64.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Receipt {
    /// The number of the queue it was received from.
    pub(crate) queue: u64,
    /// The message's sequence number.
    pub(crate) sequence: u64,
    /// How many times the message had been received then, this receive included.
    pub(crate) receive: u32,
}

impl Receipt {
    /// The handle that goes to the receiver.
    pub(crate) fn to_text(self) -> String {
        let mut bytes = [0_u8; 24];
        bytes[..8].copy_from_slice(&self.queue.to_be_bytes());
        bytes[8..16].copy_from_slice(&self.sequence.to_be_bytes());
        bytes[16..20].copy_from_slice(&self.receive.to_be_bytes());
        bytes[20..].copy_from_slice(&self.check().to_be_bytes());
        STANDARD.encode(bytes)
    }

    /// Reads a handle that [`Receipt::to_text`] wrote; anything else is refused as SQS refuses it.
    pub(crate) fn parse(text: &str) -> Result<Receipt, Refusal> {
        Receipt::read(text).ok_or_else(|| {
            let message =
                format!("The input receipt handle \"{text}\" is not a valid receipt handle.");
            Refusal::new(Kind::ReceiptHandleIsInvalid, message)
        })
    }

    fn read(text: &str) -> Option<Receipt> {
        let bytes: [u8; 24] = STANDARD.decode(text).ok()?.try_into().ok()?;
        let receipt = Receipt {
            queue: u64::from_be_bytes(bytes[..8].try_into().ok()?),
            sequence: u64::from_be_bytes(bytes[8..16].try_into().ok()?),
            receive: u32::from_be_bytes(bytes[16..20].try_into().ok()?),
        };
        (bytes[20..] == receipt.check().to_be_bytes()).then_some(receipt)
    }

    /// Tells a handle from any other 24 bytes. It guards against mistakes, not against forgery: the
    /// multipliers are the 64-bit ones of `SplitMix64`, for want of better.
    fn check(self) -> u32 {
        let mixed = self.queue.wrapping_mul(0xbf58_476d_1ce4_e5b9)
            ^ self.sequence.wrapping_mul(0x94d0_49bb_1331_11eb)
            ^ u64::from(self.receive).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let [a, b, c, d, ..] = (mixed ^ (mixed >> 31)).to_be_bytes();
        u32::from_be_bytes([a, b, c, d])
    }
}

#[cfg(test)]
mod tests;

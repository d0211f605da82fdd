//! The tenants' page.

mod page;

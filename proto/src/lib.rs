//! The words ChatDesk's services speak: messages, clients and servers made from `chatdesk/<area>/v1/*.proto`.
//!
//! No protoc is needed to build. `FILE_DESCRIPTOR_SET` serves gRPC reflection.

mod generated {
    #![expect(
        clippy::all,
        clippy::large_futures,
        clippy::needless_pass_by_value,
        clippy::semicolon_if_nothing_returned,
        reason = "made by prost and tonic"
    )]
    include!(concat!(env!("OUT_DIR"), "/mod.rs"));
}

pub use generated::chatdesk::{ai, catalog, inbox, tenants};

/// Descriptors of every package with their comments, encoded as a `google.protobuf.FileDescriptorSet`.
pub const FILE_DESCRIPTOR_SET: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/chatdesk.bin"));

//! The words ChatDesk's services speak: messages, clients and servers made from `chatdesk/<area>/v1/*.proto`.
//!
//! No protoc is needed to build. `FILE_DESCRIPTOR_SET` serves gRPC reflection.

#[expect(clippy::large_enum_variant, reason = "the shape of messages is the protocol's")]
mod generated {
    include!(concat!(env!("OUT_DIR"), "/mod.rs"));
}

pub use generated::chatdesk::{ai, catalog, inbox, system, tenants};

/// Descriptors of every package with their comments, encoded as a `google.protobuf.FileDescriptorSet`.
pub const FILE_DESCRIPTOR_SET: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/chatdesk.bin"));

//! Every message, field, rpc and enum value is explained, and every enum starts at `_UNSPECIFIED`.

use std::collections::HashSet;

use prost::Message as _;
use prost_types::{DescriptorProto, EnumDescriptorProto, FileDescriptorProto, FileDescriptorSet};

fn ours() -> Vec<FileDescriptorProto> {
    let set = FileDescriptorSet::decode(chatdesk_proto::FILE_DESCRIPTOR_SET).expect("our own descriptors decode");
    set.file.into_iter().filter(|file| file.package().starts_with("chatdesk.")).collect()
}

/// Collects (path in the descriptor, name) of everything that needs a comment.
fn subjects(file: &FileDescriptorProto) -> Vec<(Vec<i32>, String)> {
    let mut found = Vec::new();
    for (at, message) in (0..).zip(&file.message_type) {
        message_subjects(message, vec![4, at], &mut found);
    }
    for (at, item) in (0..).zip(&file.enum_type) {
        enum_subjects(item, vec![5, at], &mut found);
    }
    for (at, service) in (0..).zip(&file.service) {
        found.push((vec![6, at], service.name().to_owned()));
        for (rpc, method) in (0..).zip(&service.method) {
            found.push((vec![6, at, 2, rpc], format!("{}.{}", service.name(), method.name())));
        }
    }
    found
}

fn message_subjects(message: &DescriptorProto, path: Vec<i32>, found: &mut Vec<(Vec<i32>, String)>) {
    found.push((path.clone(), message.name().to_owned()));
    for (at, field) in (0..).zip(&message.field) {
        found.push(([path.clone(), vec![2, at]].concat(), format!("{}.{}", message.name(), field.name())));
    }
    for (at, nested) in (0..).zip(&message.nested_type) {
        // The compiler's own, of a map field.
        if nested.options.as_ref().is_some_and(|options| options.map_entry()) {
            continue;
        }
        message_subjects(nested, [path.clone(), vec![3, at]].concat(), found);
    }
    for (at, item) in (0..).zip(&message.enum_type) {
        enum_subjects(item, [path.clone(), vec![4, at]].concat(), found);
    }
}

fn enum_subjects(item: &EnumDescriptorProto, path: Vec<i32>, found: &mut Vec<(Vec<i32>, String)>) {
    found.push((path.clone(), item.name().to_owned()));
    for (at, value) in (0..).zip(&item.value) {
        found.push(([path.clone(), vec![2, at]].concat(), format!("{}.{}", item.name(), value.name())));
    }
}

#[test]
fn everything_is_explained() {
    let mut silent = Vec::new();
    let mut seen = 0;
    for file in ours() {
        let info = file.source_code_info.clone().expect("built with source info");
        let explained: HashSet<Vec<i32>> = info
            .location
            .into_iter()
            .filter(|location| !location.leading_comments().trim().is_empty())
            .map(|location| location.path)
            .collect();
        for (path, name) in subjects(&file) {
            seen += 1;
            if !explained.contains(&path) {
                silent.push(format!("{}: {name}", file.name()));
            }
        }
    }
    assert!(seen > 200, "the walk found only {seen} things");
    assert!(silent.is_empty(), "without a comment: {silent:#?}");
}

#[test]
fn every_enum_starts_unspecified() {
    for file in ours() {
        for item in &file.enum_type {
            let zero = item.value.first().expect("an enum has values");
            assert_eq!(zero.number(), 0, "{}", item.name());
            assert!(zero.name().ends_with("_UNSPECIFIED"), "{} starts at {}", item.name(), zero.name());
        }
    }
}

#[test]
fn packages_are_versioned_after_their_folder() {
    for file in ours() {
        let folder = file.name().rsplit_once('/').map(|(folder, _)| folder.replace('/', "."));
        assert_eq!(folder.as_deref(), Some(file.package()), "{}", file.name());
        assert!(file.package().ends_with(".v1"), "{}", file.package());
    }
}

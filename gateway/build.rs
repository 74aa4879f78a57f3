//! Has the app built into the binary again when it was built again.

fn main() {
    println!("cargo::rerun-if-changed=../frontend/dist");
}

//! Places where a test ends the process, to see that whatever comes after puts everything right. No product has them.

/// Ends the process here and now, as a power cut would, when FAILPOINTS says so: `name=2*off->return` at the third time it comes by. The
/// words are those of the crate `fail`, which reads the variable by itself, and only where the feature `failpoints` is compiled in.
#[cfg(feature = "failpoints")]
pub fn fail_point(name: &str) {
    static READ: std::sync::Once = std::sync::Once::new();
    // A scenario that ends takes back what the variable said.
    READ.call_once(|| std::mem::forget(::fail::FailScenario::setup()));
    ::fail::fail_point!(name, |_| std::process::abort());
}

/// Nothing: without the feature `failpoints` this is no place at all.
#[cfg(not(feature = "failpoints"))]
#[inline(always)]
pub const fn fail_point(_name: &str) {}

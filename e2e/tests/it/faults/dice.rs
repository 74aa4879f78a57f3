//! Chance that can be had again: SOAK_SEED of a run that failed gives the same rounds.

use chatdesk_platform::Vars;

/// A small generator (xorshift64).
pub struct Dice(u64);

impl Dice {
    /// From SOAK_SEED, else another one each time. Says which.
    #[expect(clippy::print_stdout, reason = "whoever finds a failure needs it")]
    pub fn new() -> Self {
        let fresh = uuid::Uuid::new_v4().as_u64_pair().0;
        let seed = Vars::process().parse("SOAK_SEED", fresh).expect("SOAK_SEED is a number");
        println!("SOAK_SEED={seed}");
        Self(seed.max(1))
    }

    /// A number below another.
    pub fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        let end = u64::try_from(end).expect("small").max(1);
        usize::try_from(self.0 % end).expect("small")
    }
}

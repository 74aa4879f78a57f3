//! Nothing but tests: the whole system, seen from outside.

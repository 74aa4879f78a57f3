//! Enums that are stored and shown by name.

/// A text that names nothing we know.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0} is not a known name")]
pub struct Unnamed(pub String);

macro_rules! text_enum {
    ($(#[$doc:meta])* $name:ident { $($(#[$case_doc:meta])* $case:ident = $text:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum $name { $($(#[$case_doc])* $case,)+ }

        impl $name {
            /// Every case.
            pub const ALL: &'static [Self] = &[$(Self::$case),+];

            /// The name that is stored.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$case => $text),+ }
            }
        }

        impl std::str::FromStr for $name {
            type Err = crate::model::names::Unnamed;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Self::ALL.iter().copied().find(|case| case.as_str() == text)
                    .ok_or_else(|| crate::model::names::Unnamed(text.to_owned()))
            }
        }
    };
}

pub(crate) use text_enum;

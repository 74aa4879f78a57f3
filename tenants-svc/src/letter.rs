//! What people are written, in Vietnamese and in English, as plain text. Pure. Names that people chose stand in it as one line each.

use chatdesk_platform::Role;
use chrono::NaiveDateTime;
use serde::{Deserialize, Serialize};

/// In which language.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Language {
    /// Vietnamese.
    Vi,
    /// English.
    En,
}

impl Language {
    /// Of a language tag such as `en-GB`: English for English, else Vietnamese.
    #[must_use]
    pub fn of_tag(tag: &str) -> Self {
        let is_english = tag.split('-').next().is_some_and(|language| language.eq_ignore_ascii_case("en"));
        if is_english { Self::En } else { Self::Vi }
    }
}

/// Who reads it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reader {
    /// Somebody of a business.
    Member,
    /// A platform admin.
    Admin,
}

/// One of the letters that we write.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Letter {
    /// Comes with a link that makes an account.
    Invitation {
        /// The business.
        business: String,
        /// Who invites.
        invited_by: String,
        /// As what.
        role: Role,
    },
    /// Comes with a link that sets a password. Whether it is anybody's address is looked up when it is sent.
    ForgottenPassword,
    /// The password was changed or set anew.
    PasswordChanged,
    /// One-time codes are in use now.
    TotpOn,
    /// One-time codes are no longer in use.
    TotpOff,
    /// A recovery code was used to log in.
    RecoveryCodeUsed {
        /// How many are left.
        left: usize,
    },
    /// A platform admin looks at the business's data.
    Visit {
        /// The business.
        business: String,
        /// Why, in the admin's words.
        reason: String,
        /// For how long.
        minutes: i64,
    },
    /// The business is to be deleted.
    DeletionRequested {
        /// The business.
        business: String,
        /// Who asked for it.
        by: String,
        /// When it is done, by the business's clock.
        at: NaiveDateTime,
    },
    /// The business stays.
    DeletionTakenBack {
        /// The business.
        business: String,
        /// Who took it back.
        by: String,
    },
    /// The business may not work.
    Suspended {
        /// The business.
        business: String,
        /// Why, in the admin's words.
        reason: String,
    },
    /// The business may work again.
    Resumed {
        /// The business.
        business: String,
    },
}

impl Letter {
    /// The page of the app that its link opens, with the token behind the `#`: no server's log and no other site ever sees it.
    #[must_use]
    pub fn link(&self, home: &str, token: &str) -> String {
        match self {
            Self::Invitation { .. } => format!("{home}/invitation#{token}"),
            Self::ForgottenPassword => format!("{home}/password-reset#{token}"),
            Self::DeletionRequested { .. } => format!("{home}/settings/privacy"),
            _ => home.to_owned(),
        }
    }

    /// The subject and the text.
    #[must_use]
    pub fn write(&self, language: Language, reader: Reader, link: &str) -> (&'static str, String) {
        match language {
            Language::Vi => self.vietnamese(reader, link),
            Language::En => self.english(reader, link),
        }
    }

    fn vietnamese(&self, reader: Reader, link: &str) -> (&'static str, String) {
        let whom = match reader {
            Reader::Member => "chủ cửa hàng",
            Reader::Admin => "người vận hành hệ thống",
        };
        let care = format!("Nếu không phải bạn làm việc này, hãy đặt lại mật khẩu ngay và báo cho {whom}.");
        match self {
            Self::Invitation { business, invited_by, role } => {
                let role = match role {
                    Role::Owner => "chủ cửa hàng",
                    Role::Manager => "quản lý",
                    Role::Agent => "nhân viên",
                    Role::Viewer => "người xem",
                };
                let text = format!(
                    "{} mời bạn làm việc cùng {} trên ChatDesk với vai trò {role}.\n\nMở liên kết này để nhận lời và đặt mật khẩu:\n{link}\n\n\
                     Liên kết dùng được một lần, trong 7 ngày. Nếu bạn không chờ lời mời này, hãy bỏ qua thư.\n",
                    line(invited_by),
                    line(business)
                );
                ("Lời mời tham gia ChatDesk", text)
            }
            Self::ForgottenPassword => (
                "Đặt lại mật khẩu ChatDesk",
                format!(
                    "Mở liên kết này để đặt mật khẩu mới:\n{link}\n\nLiên kết dùng được một lần, trong 30 phút. \
                     Nếu bạn không yêu cầu, hãy bỏ qua thư: mật khẩu vẫn như cũ.\n"
                ),
            ),
            Self::PasswordChanged => (
                "Mật khẩu ChatDesk đã được thay đổi",
                format!(
                    "Mật khẩu của bạn vừa được thay đổi và các phiên đăng nhập khác đã kết thúc.\n\n{care}\n\n{link}\n"
                ),
            ),
            Self::TotpOn => (
                "Đã bật mã xác thực hai bước",
                format!("Từ nay mỗi lần đăng nhập cần một mã từ thiết bị của bạn.\n\n{care}\n\n{link}\n"),
            ),
            Self::TotpOff => (
                "Đã tắt mã xác thực hai bước",
                format!("Đăng nhập vào tài khoản của bạn không còn cần mã xác thực.\n\n{care}\n\n{link}\n"),
            ),
            Self::RecoveryCodeUsed { left } => (
                "Một mã khôi phục đã được dùng",
                format!("Một mã khôi phục vừa được dùng để đăng nhập. Bạn còn {left} mã.\n\n{care}\n\n{link}\n"),
            ),
            Self::Visit { business, reason, minutes } => (
                "Quản trị viên đang xem dữ liệu cửa hàng",
                format!(
                    "Một quản trị viên của ChatDesk xem dữ liệu của {} trong {minutes} phút, chỉ xem, không thay đổi.\nLý do: {}\n\n\
                     Việc này được ghi trong nhật ký của cửa hàng:\n{link}\n",
                    line(business),
                    line(reason)
                ),
            ),
            Self::DeletionRequested { business, by, at } => (
                "Cửa hàng của bạn sẽ bị xóa",
                format!(
                    "{} đã yêu cầu xóa {} trên ChatDesk. Lúc {}, mọi tin nhắn, khách hàng, sản phẩm và tài khoản của cửa hàng sẽ bị xóa vĩnh viễn. \
                     Đến lúc đó tin nhắn đến vẫn được giữ, không tin nào được gửi đi.\n\n\
                     Một chủ cửa hàng có thể rút lại trước lúc ấy, tại đây:\n{link}\n\n\
                     Nếu không ai trong các chủ cửa hàng muốn việc này, hãy rút lại ngay và đặt lại mật khẩu.\n",
                    line(by),
                    line(business),
                    at.format("%H:%M ngày %d/%m/%Y")
                ),
            ),
            Self::DeletionTakenBack { business, by } => (
                "Cửa hàng của bạn không bị xóa nữa",
                format!("{} đã rút lại yêu cầu xóa {}. Không có gì bị xóa.\n\n{link}\n", line(by), line(business)),
            ),
            Self::Suspended { business, reason } => (
                "Cửa hàng của bạn bị tạm ngưng",
                format!(
                    "Quản trị viên của ChatDesk đã tạm ngưng {}. Bạn vẫn đọc được mọi thứ và tin nhắn đến vẫn được giữ, nhưng không tin nào được gửi đi.\n\
                     Lý do: {}\n\n{link}\n",
                    line(business),
                    line(reason)
                ),
            ),
            Self::Resumed { business } => (
                "Cửa hàng của bạn hoạt động trở lại",
                format!("{} không còn bị tạm ngưng trên ChatDesk.\n\n{link}\n", line(business)),
            ),
        }
    }

    fn english(&self, reader: Reader, link: &str) -> (&'static str, String) {
        let whom = match reader {
            Reader::Member => "the owner of your business",
            Reader::Admin => "the operator of this installation",
        };
        let care = format!("If this was not you, set a new password at once and tell {whom}.");
        match self {
            Self::Invitation { business, invited_by, role } => {
                let role = match role {
                    Role::Owner => "an owner",
                    Role::Manager => "a manager",
                    Role::Agent => "an agent",
                    Role::Viewer => "a viewer",
                };
                let text = format!(
                    "{} invites you to work for {} on ChatDesk, as {role}.\n\nOpen this link to accept and to choose a password:\n{link}\n\n\
                     It works once, for 7 days. If you did not expect this, ignore the mail.\n",
                    line(invited_by),
                    line(business)
                );
                ("An invitation to ChatDesk", text)
            }
            Self::ForgottenPassword => (
                "Your ChatDesk password",
                format!(
                    "Open this link to choose a new password:\n{link}\n\nIt works once, for 30 minutes. \
                     If you did not ask for it, ignore the mail: your password stays as it is.\n"
                ),
            ),
            Self::PasswordChanged => (
                "Your ChatDesk password was changed",
                format!(
                    "Your password was changed just now, and your other sessions have ended.\n\n{care}\n\n{link}\n"
                ),
            ),
            Self::TotpOn => (
                "Two-step login is on",
                format!("From now on each login needs a code of your device.\n\n{care}\n\n{link}\n"),
            ),
            Self::TotpOff => (
                "Two-step login is off",
                format!("Logging in to your account needs no code any more.\n\n{care}\n\n{link}\n"),
            ),
            Self::RecoveryCodeUsed { left } => (
                "A recovery code was used",
                format!("A recovery code was used just now to log in. You have {left} left.\n\n{care}\n\n{link}\n"),
            ),
            Self::Visit { business, reason, minutes } => (
                "A platform admin looks at your data",
                format!(
                    "A platform admin of ChatDesk looks at the data of {} for {minutes} minutes, without changing anything.\nReason: {}\n\n\
                     It stands in your business's audit log:\n{link}\n",
                    line(business),
                    line(reason)
                ),
            ),
            Self::DeletionRequested { business, by, at } => (
                "Your business will be deleted",
                format!(
                    "{} asked for {} to be deleted from ChatDesk. On {}, all its messages, customers, products and accounts are deleted for good. \
                     Until then incoming messages are kept and nothing is sent.\n\n\
                     Until then an owner can take that back, here:\n{link}\n\n\
                     If no owner wants this, take it back at once and set a new password.\n",
                    line(by),
                    line(business),
                    at.format("%-d %B %Y at %H:%M")
                ),
            ),
            Self::DeletionTakenBack { business, by } => (
                "Your business is not deleted after all",
                format!("{} took the deletion of {} back. Nothing is deleted.\n\n{link}\n", line(by), line(business)),
            ),
            Self::Suspended { business, reason } => (
                "Your business is suspended",
                format!(
                    "A platform admin of ChatDesk suspended {}. You can still read everything and incoming messages are kept, but nothing is sent.\n\
                     Reason: {}\n\n{link}\n",
                    line(business),
                    line(reason)
                ),
            ),
            Self::Resumed { business } => (
                "Your business works again",
                format!("{} is no longer suspended on ChatDesk.\n\n{link}\n", line(business)),
            ),
        }
    }
}

/// What somebody wrote, as one line without what could pass for another address: nobody's name is to be a link that we send.
fn line(text: &str) -> String {
    let calm = text.split_whitespace().collect::<Vec<_>>().join(" ").replace("://", ": //").replace('@', " @ ");
    calm.chars().filter(|one| !one.is_control()).take(200).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn invitation() -> Letter {
        Letter::Invitation {
            business: "Gốm\r\nBcc: all@x.vn".to_owned(),
            invited_by: "Lan https://evil.tld".to_owned(),
            role: Role::Agent,
        }
    }

    #[test]
    fn a_tag_says_the_language() {
        for (tag, language) in [("en", Language::En), ("EN-gb", Language::En), ("vi", Language::Vi), ("", Language::Vi)]
        {
            assert_eq!(Language::of_tag(tag), language);
        }
    }

    #[test]
    fn every_letter_is_written_in_both_languages_with_its_link() {
        let all = [
            invitation(),
            Letter::ForgottenPassword,
            Letter::PasswordChanged,
            Letter::TotpOn,
            Letter::TotpOff,
            Letter::RecoveryCodeUsed { left: 3 },
            Letter::Visit { business: "Gốm".to_owned(), reason: "hỗ trợ".to_owned(), minutes: 15 },
            Letter::DeletionRequested { business: "Gốm".to_owned(), by: "Lan".to_owned(), at: NaiveDateTime::MIN },
            Letter::DeletionTakenBack { business: "Gốm".to_owned(), by: "Lan".to_owned() },
            Letter::Suspended { business: "Gốm".to_owned(), reason: "nợ phí".to_owned() },
            Letter::Resumed { business: "Gốm".to_owned() },
        ];
        for letter in all {
            let link = letter.link("https://chat.example.com", "TOKEN");
            let [(vi, vi_text), (en, en_text)] =
                [Language::Vi, Language::En].map(|language| letter.write(language, Reader::Member, &link));
            assert_ne!(vi, en);
            assert!(vi_text.contains(&link) && en_text.contains(&link) && vi_text != en_text, "{letter:?}");
        }
        assert_eq!(invitation().link("https://x", "T"), "https://x/invitation#T");
        assert_eq!(Letter::ForgottenPassword.link("https://x", "T"), "https://x/password-reset#T");
        assert_eq!(Letter::TotpOn.link("https://x", "T"), "https://x");
    }

    /// Case 108: what people call themselves is inert in a mail.
    #[test]
    fn a_name_is_neither_a_link_nor_a_line_of_its_own() {
        for language in [Language::Vi, Language::En] {
            let (_, text) = invitation().write(language, Reader::Member, "https://chat.example.com/invitation#T");
            assert!(!text.contains("https://evil") && !text.contains("all@x.vn") && !text.contains("\nBcc"), "{text}");
            assert_eq!(text.matches("https://").count(), 1);
        }
    }
}

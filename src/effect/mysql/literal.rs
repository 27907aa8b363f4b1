//! Literals that a column cannot have as its default.

use super::draft::same;
use super::server::Server;
use super::types::Family;
use crate::change::DataType;

/// Why the literal is refused, as far as it is certain (error 1067; measured).
pub(super) fn refused(kind: Family, data_type: &DataType, text: &str, server: Server) -> Option<&'static str> {
    let quoted = text.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\''));
    let inner = quoted.unwrap_or(text);
    match kind {
        Family::Decimal => digits_beyond(data_type, inner).then_some("the default has more digits than the column"),
        Family::Set => quoted
            .filter(|inner| !inner.is_empty())
            .is_some_and(|inner| inner.split(',').any(|one| !data_type.labels.iter().any(|label| same(label, one))))
            .then_some("the default is none of the values"),
        Family::Date | Family::Datetime | Family::Timestamp => {
            if kind == Family::Timestamp && text == "0" && server.refuses_zero_dates() {
                return Some("a zero date is refused as a default");
            }
            let day = date(quoted?)?;
            let impossible = day.1 > 12 || day.2 > 31 || (day.2 > 30 && matches!(day.1, 4 | 6 | 9 | 11)) || (day.1 == 2 && day.2 > 29);
            let early = kind == Family::Timestamp && day.0 > 0 && day.0 < 1969;
            (impossible || early).then_some("the default is no such date")
        }
        Family::Time => {
            let mut parts = quoted?.split(':').skip(1).map(str::parse::<u32>);
            parts.any(|part| part.is_ok_and(|part| part > 59)).then_some("the default is no such time")
        }
        Family::Year => {
            let year: u32 = inner.parse().ok()?;
            (year > 99 && !(1901..=2155).contains(&year)).then_some("the default is no such year")
        }
        _ => None,
    }
}

/// Year, month and day of `YYYY-MM-DD…`.
fn date(text: &str) -> Option<(u32, u32, u32)> {
    let day = text.split([' ', 'T']).next()?;
    let mut parts = day.split('-').map(str::parse::<u32>);
    let (year, month, day) = (parts.next()?.ok()?, parts.next()?.ok()?, parts.next()?.ok()?);
    (parts.next().is_none() && year > 999).then_some((year, month, day))
}

/// More digits before the point than the column has.
pub(super) fn digits_beyond(data_type: &DataType, text: &str) -> bool {
    let digits = data_type.length().unwrap_or(10);
    let scale = data_type.args.get(1).copied().unwrap_or(0);
    let number = text.trim().trim_start_matches(['-', '+']);
    let whole = number.split('.').next().unwrap_or(number).trim_start_matches('0');
    let plain = !number.is_empty() && number.chars().all(|c| c.is_ascii_digit() || c == '.');
    plain && u64::try_from(whole.len()).is_ok_and(|length| length > digits.saturating_sub(scale))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_that_do_not_exist_are_refused() {
        let server = Server("mysql@8.0".parse().unwrap());
        let plain = DataType::default();
        let decimal = DataType { args: vec![3, 1], ..DataType::default() };
        assert!(refused(Family::Date, &plain, "'2020-13-01'", server).is_some());
        assert!(refused(Family::Date, &plain, "'2020-12-01'", server).is_none());
        assert!(refused(Family::Time, &plain, "'25:99'", server).is_some());
        assert!(refused(Family::Decimal, &decimal, "100.5", server).is_some());
        assert!(refused(Family::Decimal, &decimal, "99.55", server).is_none());
    }
}

//! A small grammar language for the starter's training documents.
//!
//! A grammar file consists of rules: `name:` at the start of a line, then its alternatives, one per indented line. One of them
//! is drawn. Lines that begin with `%` are comments. In an alternative:
//!
//! - `[a|b||c]` draws one; an empty choice is nothing; they can be nested
//! - `{rule}` expands a rule of the document's language, or else a common one; `{rule^}` capitalizes it, `{rule!}` puts it in
//!   capitals, `{rule?30}` expands it in three of ten cases, `{rule*2-5}` two to five times with spaces, `{rule+2-5}` two to
//!   five times on lines of their own
//! - `{~a b c}` expands most of these rules in any order, one per line
//! - `#` is a digit, `¶` a line break, `¦` the border of a cell: a space or a line break, the same in the whole document

use models::rng::SplitMix64;
use std::collections::HashMap;

/// Deeper nesting is only possible if a rule contains itself.
const MAX_DEPTH: usize = 40;

#[derive(Default)]
pub struct Grammar {
    rules: HashMap<String, Vec<String>>,
}

impl Grammar {
    /// Adds the rules of a file. Those of a language get its prefix.
    pub fn add(&mut self, language: &str, text: &str) {
        let mut rule = None;
        for line in text.lines().filter(|l| !l.starts_with('%') && !l.trim().is_empty()) {
            if let Some(name) = line.strip_suffix(':').filter(|_| !line.starts_with(' ')) {
                rule = Some(key(language, name));
            } else if let Some(rule) = &rule {
                self.rules.entry(rule.clone()).or_default().push(line.trim().to_owned());
            }
        }
    }

    /// The number of alternatives of a rule; 0 for an unknown rule.
    pub fn alternatives(&self, language: &str, rule: &str) -> usize {
        self.find(language, rule).map_or(0, <[String]>::len)
    }

    /// Expands one alternative of a rule.
    pub fn expand(
        &self,
        language: &str,
        rule: &str,
        alternative: usize,
        rng: &mut SplitMix64,
    ) -> Result<String, String> {
        let source = self
            .find(language, rule)
            .and_then(|a| a.get(alternative))
            .ok_or_else(|| missing(language, rule))?;
        let mut expansion = Expansion {
            grammar: self,
            language,
            rng,
            out: String::new(),
            depth: 0,
        };
        expansion.template(source)?;
        Ok(expansion.out)
    }

    fn find(&self, language: &str, rule: &str) -> Option<&[String]> {
        self.rules
            .get(&key(language, rule))
            .or_else(|| self.rules.get(&key("", rule)))
            .map(Vec::as_slice)
    }
}

fn key(language: &str, rule: &str) -> String {
    format!("{language}.{rule}")
}

fn missing(language: &str, rule: &str) -> String {
    format!("the grammar has no rule {rule:?} for language {language:?}; add it to the grammar's files")
}

struct Expansion<'a> {
    grammar: &'a Grammar,
    language: &'a str,
    rng: &'a mut SplitMix64,
    out: String,
    depth: usize,
}

impl Expansion<'_> {
    fn template(&mut self, text: &str) -> Result<(), String> {
        let mut rest = text;
        while let Some(c) = rest.chars().next() {
            rest = match c {
                '[' => {
                    let (inner, after) = bracketed(rest, '[', ']')?;
                    let choices = split_choices(inner);
                    let choice = choices[self.rng.below(choices.len())];
                    self.template(choice)?;
                    after
                }
                '{' => {
                    let (inner, after) = bracketed(rest, '{', '}')?;
                    self.reference(inner)?;
                    after
                }
                _ => {
                    self.literal(c);
                    &rest[c.len_utf8()..]
                }
            };
        }
        Ok(())
    }

    fn literal(&mut self, c: char) {
        match c {
            '#' => self.out.push(char::from(b'0' + self.rng.below(10) as u8)),
            '¶' => self.out.push('\n'),
            c => self.out.push(c),
        }
    }

    fn reference(&mut self, reference: &str) -> Result<(), String> {
        if let Some(names) = reference.strip_prefix('~') {
            return self.any_order(names);
        }
        let end = reference.find(['^', '!', '?', '*', '+']).unwrap_or(reference.len());
        let (name, how) = reference.split_at(end);
        match how.chars().next() {
            None => self.rule(name),
            Some('?') => {
                let percent: f64 = how[1..]
                    .parse()
                    .map_err(|_| format!("no percentage in {{{reference}}}"))?;
                if self.rng.chance(percent / 100.0) {
                    self.rule(name)
                } else {
                    Ok(())
                }
            }
            Some('^') => self.changed(name, capitalised),
            Some('!') => self.changed(name, |text| text.to_uppercase()),
            Some(c) => self.repeated(name, &how[1..], if c == '+' { '\n' } else { ' ' }),
        }
    }

    fn rule(&mut self, name: &str) -> Result<(), String> {
        let alternatives = self
            .grammar
            .find(self.language, name)
            .ok_or_else(|| missing(self.language, name))?;
        if self.depth >= MAX_DEPTH {
            return Err(format!("rule {name:?} of language {:?} contains itself", self.language));
        }
        let alternative = &alternatives[self.rng.below(alternatives.len())];
        self.depth += 1;
        self.template(alternative)?;
        self.depth -= 1;
        Ok(())
    }

    fn changed(&mut self, name: &str, change: impl Fn(&str) -> String) -> Result<(), String> {
        let start = self.out.len();
        self.rule(name)?;
        let changed = change(&self.out[start..]);
        self.out.truncate(start);
        self.out.push_str(&changed);
        Ok(())
    }

    fn repeated(&mut self, name: &str, range: &str, separator: char) -> Result<(), String> {
        let bounds = range
            .split_once('-')
            .and_then(|(low, high)| Some((low.parse().ok()?, high.parse().ok()?)));
        let (low, high): (usize, usize) = bounds.ok_or_else(|| format!("no range in {{{name}…{range}}}"))?;
        let times = low + self.rng.below(high.saturating_sub(low) + 1);
        for i in 0..times {
            if i > 0 {
                self.out.push(separator);
            }
            self.rule(name)?;
        }
        Ok(())
    }

    fn any_order(&mut self, names: &str) -> Result<(), String> {
        let mut names: Vec<&str> = names.split_whitespace().filter(|_| self.rng.chance(0.75)).collect();
        self.rng.shuffle(&mut names);
        for (i, name) in names.into_iter().enumerate() {
            if i > 0 {
                self.out.push('\n');
            }
            self.rule(name)?;
        }
        Ok(())
    }
}

fn capitalised(text: &str) -> String {
    let mut chars = text.chars();
    chars
        .next()
        .map(|c| c.to_uppercase().chain(chars).collect())
        .unwrap_or_default()
}

/// The text between the bracket that the text begins with and its partner, and the text after that.
fn bracketed(text: &str, open: char, close: char) -> Result<(&str, &str), String> {
    let mut depth = 0;
    for (i, c) in text.char_indices() {
        depth += i32::from(c == open) - i32::from(c == close);
        if depth == 0 {
            return Ok((&text[1..i], &text[i + 1..]));
        }
    }
    Err(format!("a {open:?} is not closed in {text:?}"))
}

/// Splits at each `|` outside of inner brackets.
fn split_choices(text: &str) -> Vec<&str> {
    let (mut depth, mut start, mut choices) = (0, 0, Vec::new());
    for (i, c) in text.char_indices() {
        match c {
            '[' => depth += 1,
            ']' => depth -= 1,
            '|' if depth == 0 => {
                choices.push(&text[start..i]);
                start = i + 1;
            }
            _ => {}
        }
    }
    choices.push(&text[start..]);
    choices
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expand(rules: &str) -> Result<String, String> {
        let mut grammar = Grammar::default();
        grammar.add("", "name:\n  jo\n");
        grammar.add("en", rules);
        grammar.expand("en", "start", 0, &mut SplitMix64::new(1))
    }

    #[test]
    fn everything_expands() {
        assert_eq!(
            expand("start:\n  [a[b|b]] {name^} {name!} {name?100}{name?0}"),
            Ok("ab Jo JO jo".to_owned())
        );
        assert_eq!(
            expand("start:\n  {name*2-2}¶{name+2-2}"),
            Ok("jo jo\njo\njo".to_owned())
        );
        assert!(expand("start:\n  ##").is_ok_and(|s| s.len() == 2 && s.bytes().all(|b| b.is_ascii_digit())));
        assert!(expand("start:\n  {~name name name name name}").is_ok_and(|s| s.contains("jo")));
    }

    #[test]
    fn mistakes_in_a_grammar_are_told() {
        assert!(expand("start:\n  {nobody}").is_err_and(|e| e.contains("nobody")));
        assert!(expand("start:\n  [a|b").is_err_and(|e| e.contains("not closed")));
        assert!(expand("start:\n  {start}").is_err_and(|e| e.contains("contains itself")));
    }
}

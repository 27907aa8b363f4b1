//! A rule's Markdown: headings and fenced blocks, with byte offsets. Nothing else matters to us.

use std::ops::Range;

/// A page taken apart.
#[derive(Debug, Clone, Default)]
pub struct Page {
    /// The first heading of the first level.
    pub title: String,
    pub blocks: Vec<Block>,
}

/// One fenced block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// The first word of the info string: `sql`, `toml`.
    pub language: String,
    /// The words after it: `schema`, `fixed`, `config`.
    pub tags: Vec<String>,
    /// Its body, in bytes of the page.
    pub body: Range<usize>,
    /// The headings above it, outermost first, without the title.
    pub headings: Vec<String>,
    /// The line (from 1) on which the body starts.
    pub line: u32,
}

impl Block {
    pub fn is(&self, language: &str, tag: Option<&str>) -> bool {
        self.language == language && self.tags.first().map(String::as_str) == tag
    }
}

impl Page {
    pub fn read(text: &str) -> Page {
        let mut page = Page::default();
        let mut headings: Vec<(usize, String)> = Vec::new();
        let mut open: Option<(Fence, Block)> = None;
        let mut offset = 0;
        for (number, line) in text.split_inclusive('\n').enumerate() {
            let start = offset;
            offset += line.len();
            let fence = Fence::of(line);
            match (open.take(), fence) {
                (Some((opening, mut block)), fence) => {
                    let closes = fence.as_ref().is_some_and(|fence| fence.closes(&opening));
                    if closes {
                        block.body.end = start;
                        page.blocks.push(block);
                    } else {
                        open = Some((opening, block));
                    }
                }
                (None, Some(fence)) => {
                    let mut words = fence.info.split_whitespace().map(str::to_owned);
                    let block = Block {
                        language: words.next().unwrap_or_default(),
                        tags: words.collect(),
                        body: offset..offset,
                        headings: headings.iter().map(|(_, heading)| heading.clone()).collect(),
                        line: u32::try_from(number + 2).unwrap_or(u32::MAX),
                    };
                    open = Some((fence, block));
                }
                (None, None) => heading(line, &mut headings, &mut page.title),
            }
        }
        if let Some((_, mut block)) = open {
            block.body.end = text.len();
            page.blocks.push(block);
        }
        page
    }
}

fn heading(line: &str, headings: &mut Vec<(usize, String)>, title: &mut String) {
    let level = line.chars().take_while(|c| *c == '#').count();
    let words = line.get(level..).unwrap_or_default();
    if level == 0 || level > 6 || !words.starts_with(' ') {
        return;
    }
    let words = words.trim().trim_matches('`').to_owned();
    if level == 1 {
        *title = words;
        headings.clear();
        return;
    }
    headings.retain(|(above, _)| *above < level);
    headings.push((level, words));
}

struct Fence {
    mark: char,
    length: usize,
    info: String,
}

impl Fence {
    fn of(line: &str) -> Option<Fence> {
        let trimmed = line.trim_start_matches(' ');
        if line.len() - trimmed.len() > 3 {
            return None;
        }
        let mark = trimmed.chars().next().filter(|c| matches!(c, '`' | '~'))?;
        let length = trimmed.chars().take_while(|c| *c == mark).count();
        let info = trimmed.get(length..)?.trim();
        (length >= 3 && !(mark == '`' && info.contains('`'))).then(|| Fence { mark, length, info: info.to_owned() })
    }

    fn closes(&self, opening: &Fence) -> bool {
        self.mark == opening.mark && self.length >= opening.length && self.info.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::Page;

    #[test]
    fn fences_know_their_headings_and_bodies() {
        let text = "# `a-rule`\n\n```toml\nx = 1\n```\n## Examples\n### Bad\n````sql schema\n```\n````\n## More\n~~~sql\nS\n";
        let page = Page::read(text);
        assert_eq!(page.title, "a-rule");
        let bodies: Vec<&str> = page.blocks.iter().map(|block| &text[block.body.clone()]).collect();
        assert_eq!(bodies, ["x = 1\n", "```\n", "S\n"]);
        assert_eq!(page.blocks[1].headings, ["Examples", "Bad"]);
        assert_eq!(page.blocks[1].tags, ["schema"]);
        assert_eq!(page.blocks[2].headings, ["More"]);
        assert_eq!(page.blocks[0].line, 4);
    }
}

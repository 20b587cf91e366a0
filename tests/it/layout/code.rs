//! Rust source → the paths that its code names, from the root of the crate. What only tests are built of is left out.

use proc_macro2::{TokenStream, TokenTree};
use syn::{
    Attribute, Item, ItemMod, ItemUse, Macro, UseTree,
    visit::{self, Visit},
};

/// A path in code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Path {
    /// Into this crate, from its root; the last segment may be `*`.
    Inside(Vec<String>),
    /// Anything else: another crate, or a name that was brought in by `use`.
    Outside(Vec<String>),
}

/// The paths that the code of the module `module` names; `use a::{b, c::d}` names `a::b` and `a::c::d`.
pub(super) fn paths(module: &[String], source: &str) -> Vec<Path> {
    let mut named = Named { module: module.to_vec(), found: Vec::new() };
    named.visit_file(&syn::parse_file(source).unwrap());
    named.found
}

/// The modules in files of their own, and whether only tests are built of them.
pub(super) fn modules(source: &str) -> Vec<(String, bool)> {
    let items = syn::parse_file(source).unwrap().items;
    let in_file = |item| match item {
        Item::Mod(item @ ItemMod { content: None, .. }) => Some((item.ident.to_string(), is_of_tests(&item.attrs))),
        _ => None,
    };
    items.into_iter().filter_map(in_file).collect()
}

fn is_of_tests(attributes: &[Attribute]) -> bool {
    let is_test = |attribute: &Attribute| attribute.parse_args::<syn::Ident>().is_ok_and(|name| name == "test");
    attributes.iter().any(|attribute| attribute.path().is_ident("cfg") && is_test(attribute))
}

struct Named {
    module: Vec<String>,
    found: Vec<Path>,
}

impl Named {
    fn add(&mut self, path: Vec<String>) {
        let ups = path.iter().take_while(|segment| *segment == "super").count();
        let is_own = ups > 0 || matches!(path[0].as_str(), "crate" | "self");
        let module = match path[0].as_str() {
            "crate" => &[][..],
            _ => &self.module[..self.module.len().saturating_sub(ups)],
        };
        self.found.push(match is_own {
            true if path.len() > 1 => Path::Inside([module, &path[ups.max(1)..]].concat()),
            true => return,
            false => Path::Outside(path),
        });
    }

    fn add_tree(&mut self, mut start: Vec<String>, tree: &UseTree) {
        match tree {
            UseTree::Path(path) => {
                start.push(path.ident.to_string());
                self.add_tree(start, &path.tree);
            }
            UseTree::Group(group) => group.items.iter().for_each(|tree| self.add_tree(start.clone(), tree)),
            UseTree::Name(name) if name.ident == "self" => self.add(start),
            UseTree::Name(syn::UseName { ident }) | UseTree::Rename(syn::UseRename { ident, .. }) => {
                start.push(ident.to_string());
                self.add(start);
            }
            UseTree::Glob(_) => {
                start.push("*".to_owned());
                self.add(start);
            }
        }
    }

    /// The paths among the tokens that a macro is given: names with `::` between them.
    fn add_tokens(&mut self, tokens: TokenStream) {
        let mut path: Vec<String> = Vec::new();
        let mut colons = 0;
        for token in tokens {
            match token {
                TokenTree::Ident(name) if colons == 2 && !path.is_empty() => path.push(name.to_string()),
                TokenTree::Punct(mark) if mark.as_char() == ':' && !path.is_empty() => {
                    colons += 1;
                    continue;
                }
                other => {
                    self.end(&mut path);
                    match other {
                        TokenTree::Ident(name) => path.push(name.to_string()),
                        TokenTree::Group(group) => self.add_tokens(group.stream()),
                        TokenTree::Punct(_) | TokenTree::Literal(_) => {}
                    }
                }
            }
            colons = 0;
        }
        self.end(&mut path);
    }

    fn end(&mut self, path: &mut Vec<String>) {
        if path.len() > 1 {
            self.add(path.clone());
        }
        path.clear();
    }
}

impl<'s> Visit<'s> for Named {
    fn visit_item(&mut self, item: &'s Item) {
        let attributes = match item {
            Item::Mod(ItemMod { attrs, .. }) | Item::Use(ItemUse { attrs, .. }) => &attrs[..],
            Item::Fn(item) => &item.attrs,
            Item::Impl(item) => &item.attrs,
            _ => &[],
        };
        if !is_of_tests(attributes) {
            visit::visit_item(self, item);
        }
    }

    fn visit_item_mod(&mut self, item: &'s ItemMod) {
        self.module.push(item.ident.to_string());
        visit::visit_item_mod(self, item);
        self.module.pop();
    }

    fn visit_item_use(&mut self, item: &'s ItemUse) {
        self.add_tree(Vec::new(), &item.tree);
    }

    fn visit_path(&mut self, path: &'s syn::Path) {
        self.add(path.segments.iter().map(|segment| segment.ident.to_string()).collect());
        visit::visit_path(self, path);
    }

    /// That an item is seen in a module names none.
    fn visit_visibility(&mut self, _: &'s syn::Visibility) {}

    fn visit_macro(&mut self, called: &'s Macro) {
        visit::visit_macro(self, called);
        self.add_tokens(called.tokens.clone());
    }
}

#[test]
fn paths_are_whole_and_told_from_the_root() {
    let module = ["align".to_owned(), "banded".to_owned()];
    let source = r##"
        //! crate::comment
        use crate::{band::{self, Band}, bead as b, both::*};
        use super::{nodes::Nodes, super::write};
        /* crate::comment::too */
        pub(crate) fn of<'a>(text: &'a str) -> char {
            assert!(crate::inside::a_macro("crate::text") > 0, "{}", [super::beside()]);
            r#"a "crate::raw" b"#; std::fs::read(text).clap; 'x'
        }
        mod within { use super::*; use super::super::dense; }
        #[cfg(test)] mod tests { use crate::of_tests; }
        #[cfg(test)] mod sample;
        use super::Last;
    "##;
    let found = paths(&module, source);
    let inside: Vec<String> = found
        .iter()
        .filter_map(|path| if let Path::Inside(path) = path { Some(path.join("::")) } else { None })
        .collect();
    let expected = [
        "band",
        "band::Band",
        "bead",
        "both::*",
        "align::nodes::Nodes",
        "write",
        "inside::a_macro",
        "align::beside",
        "align::banded::*",
        "align::dense",
        "align::Last",
    ];
    assert_eq!(inside, expected);
    let outside: Vec<String> = found
        .iter()
        .filter_map(|path| if let Path::Outside(path) = path { Some(path.join("::")) } else { None })
        .collect();
    assert!(outside.contains(&"std::fs::read".to_owned()) && !outside.contains(&"clap".to_owned()), "{outside:?}");
    let of_tests = modules(source).into_iter().filter(|it| it.1).map(|it| it.0).collect::<Vec<_>>();
    assert_eq!(of_tests, ["sample"]);
}

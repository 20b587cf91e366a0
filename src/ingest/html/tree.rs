//! What the HTML parser makes of a page: its elements as far as they matter to a reader, and its text with line
//! numbers.
//!
//! Nodes are numbers in one list, joined by links, so that no page is too deep to be walked or dropped.

use std::{
    borrow::Cow,
    cell::{Cell, RefCell, RefMut},
    rc::Rc,
};

use html5ever::{
    Attribute, ExpandedName, LocalName, QualName,
    interface::{ElementFlags, NodeOrText, QuirksMode, TreeSink},
    ns,
    tendril::StrTendril,
};

use super::look::Look;

/// A page under way, and the page when it is done.
pub(super) struct Tree {
    nodes: RefCell<Vec<Node>>,
    /// The line of the file (1-based) that the parser is reading.
    line: Cell<usize>,
    deepest: Cell<usize>,
    value_bytes: Cell<usize>,
}

/// A node, as the parser names it.
#[derive(Clone)]
pub(super) struct Handle {
    index: usize,
    name: Rc<QualName>,
}

/// A node's content.
#[derive(Debug, Clone)]
pub(super) enum Content {
    /// An element, by how it looks; comments and the like are invisible elements.
    Element(Look),
    /// Text, and the line of the file on which it stands.
    Text(StrTendril, usize),
}

#[derive(Debug)]
struct Node {
    content: Content,
    depth: usize,
    parent: Option<usize>,
    previous: Option<usize>,
    next: Option<usize>,
    first: Option<usize>,
    last: Option<usize>,
}

/// The page itself is the first node.
const PAGE: usize = 0;

/// A step on the way through a page.
pub(super) enum Step<'a> {
    /// An element begins.
    Enter(Look),
    /// It ends.
    Leave(Look),
    /// Text, and its line.
    Text(&'a str, usize),
}

impl Default for Tree {
    fn default() -> Self {
        let tree =
            Self { nodes: RefCell::default(), line: Cell::new(1), deepest: Cell::new(0), value_bytes: Cell::new(0) };
        tree.add(Content::Element(Look::Block));
        tree
    }
}

impl Tree {
    /// Says which line of the file (1-based) the parser gets next.
    pub(super) fn set_line(&self, line: usize) {
        self.line.set(line);
    }

    /// How many nodes there are.
    pub(super) fn len(&self) -> usize {
        self.nodes.borrow().len()
    }

    /// How many elements were inside each other at the most.
    pub(super) fn deepest(&self) -> usize {
        self.deepest.get()
    }

    /// How many bytes the values of the attributes of all elements have, those among them that the parser made again.
    pub(super) fn value_bytes(&self) -> usize {
        self.value_bytes.get()
    }

    /// Goes through the page in order, without what is invisible.
    pub(super) fn walk(&self, mut visit: impl FnMut(Step<'_>)) {
        let nodes = self.nodes.borrow();
        let mut at = PAGE;
        loop {
            let below = match &nodes[at].content {
                Content::Text(text, line) => {
                    visit(Step::Text(text, *line));
                    None
                }
                Content::Element(Look::Invisible) => None,
                Content::Element(look) => {
                    visit(Step::Enter(*look));
                    if nodes[at].first.is_none() {
                        visit(Step::Leave(*look));
                    }
                    nodes[at].first
                }
            };
            let mut following = below.or(nodes[at].next);
            while following.is_none() {
                let Some(parent) = nodes[at].parent else { return };
                if let Content::Element(look) = nodes[parent].content {
                    visit(Step::Leave(look));
                }
                (at, following) = (parent, nodes[parent].next);
            }
            at = following.unwrap_or(PAGE);
        }
    }

    fn add(&self, content: Content) -> usize {
        let mut nodes = self.nodes.borrow_mut();
        nodes.push(Node { content, depth: 0, parent: None, previous: None, next: None, first: None, last: None });
        nodes.len() - 1
    }

    fn add_element(&self, name: QualName, look: Look) -> Handle {
        Handle { index: self.add(Content::Element(look)), name: Rc::new(name) }
    }

    fn add_invisible(&self) -> Handle {
        self.add_element(nameless(), Look::Invisible)
    }

    fn index_of(&self, node: NodeOrText<Handle>) -> usize {
        match node {
            NodeOrText::AppendNode(handle) => handle.index,
            NodeOrText::AppendText(text) => self.add(Content::Text(text, self.line.get())),
        }
    }

    /// Puts a node under `parent`, before one of its children or behind all of them.
    fn insert(&self, parent: usize, before: Option<usize>, node: usize) {
        let mut nodes = self.nodes.borrow_mut();
        cut(&mut nodes, node);
        let previous = before.map_or(nodes[parent].last, |before| nodes[before].previous);
        let depth = nodes[parent].depth + 1;
        self.deepest.set(self.deepest.get().max(depth));
        let inserted = &mut nodes[node];
        (inserted.parent, inserted.previous, inserted.next, inserted.depth) = (Some(parent), previous, before, depth);
        match previous {
            Some(previous) => nodes[previous].next = Some(node),
            None => nodes[parent].first = Some(node),
        }
        match before {
            Some(before) => nodes[before].previous = Some(node),
            None => nodes[parent].last = Some(node),
        }
    }
}

/// Takes a node out of its place.
fn cut(nodes: &mut RefMut<'_, Vec<Node>>, node: usize) {
    let (parent, previous, next) = (nodes[node].parent.take(), nodes[node].previous.take(), nodes[node].next.take());
    let Some(parent) = parent else { return };
    match previous {
        Some(previous) => nodes[previous].next = next,
        None => nodes[parent].first = next,
    }
    match next {
        Some(next) => nodes[next].previous = previous,
        None => nodes[parent].last = previous,
    }
}

fn nameless() -> QualName {
    QualName::new(None, ns!(), LocalName::from(""))
}

impl TreeSink for Tree {
    type Handle = Handle;
    type Output = Self;
    type ElemName<'a> = ExpandedName<'a>;

    fn finish(self) -> Self {
        self
    }

    /// Pages are full of errors, and readable nevertheless.
    fn parse_error(&self, _: Cow<'static, str>) {}

    fn get_document(&self) -> Handle {
        Handle { index: PAGE, name: Rc::new(nameless()) }
    }

    fn elem_name<'a>(&'a self, target: &'a Handle) -> ExpandedName<'a> {
        target.name.expanded()
    }

    fn create_element(&self, name: QualName, attributes: Vec<Attribute>, _: ElementFlags) -> Handle {
        let bytes: usize = attributes.iter().map(|attribute| attribute.value.len()).sum();
        self.value_bytes.set(self.value_bytes.get() + bytes);
        let look = Look::of(&name, &attributes);
        self.add_element(name, look)
    }

    fn create_comment(&self, _: StrTendril) -> Handle {
        self.add_invisible()
    }

    fn create_pi(&self, _: StrTendril, _: StrTendril) -> Handle {
        self.add_invisible()
    }

    fn append(&self, parent: &Handle, child: NodeOrText<Handle>) {
        self.insert(parent.index, None, self.index_of(child));
    }

    fn append_based_on_parent_node(&self, element: &Handle, previous: &Handle, child: NodeOrText<Handle>) {
        let has_parent = self.nodes.borrow()[element.index].parent.is_some();
        if has_parent { self.append_before_sibling(element, child) } else { self.append(previous, child) }
    }

    fn append_doctype_to_document(&self, _: StrTendril, _: StrTendril, _: StrTendril) {}

    /// A place outside of the page: what is in a template is shown by scripts, if ever.
    fn get_template_contents(&self, _: &Handle) -> Handle {
        self.add_invisible()
    }

    fn same_node(&self, one: &Handle, other: &Handle) -> bool {
        one.index == other.index
    }

    fn set_quirks_mode(&self, _: QuirksMode) {}

    fn append_before_sibling(&self, sibling: &Handle, child: NodeOrText<Handle>) {
        let child = self.index_of(child);
        let parent = self.nodes.borrow()[sibling.index].parent;
        if let Some(parent) = parent {
            self.insert(parent, Some(sibling.index), child);
        }
    }

    fn add_attrs_if_missing(&self, _: &Handle, _: Vec<Attribute>) {}

    fn remove_from_parent(&self, target: &Handle) {
        cut(&mut self.nodes.borrow_mut(), target.index);
    }

    fn reparent_children(&self, node: &Handle, new_parent: &Handle) {
        loop {
            let child = self.nodes.borrow()[node.index].first;
            let Some(child) = child else { return };
            self.insert(new_parent.index, None, child);
        }
    }
}

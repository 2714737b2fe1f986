//! Which node is joined with which.

use super::{Node, ProofError};

/// Siblings on the way from a node to the top, in a level of this width. Zero beyond the width.
pub(super) fn siblings(mut index: u64, mut width: u64) -> usize {
    let mut siblings = 0;
    while width > 1 && index < width {
        siblings += usize::from(has_sibling(index, width));
        index /= 2;
        width = width.div_ceil(2);
    }
    siblings
}

/// Nodes at a level above the leaves, zero being the leaves.
pub(super) fn width(count: u64, level: u8) -> u64 {
    (0..level).fold(count, |width, _| width.div_ceil(2))
}

/// From a node to the top.
pub(super) fn climb<N: Node>(
    mut index: u64,
    mut width: u64,
    mut node: N,
    path: &[N],
) -> Result<N, ProofError> {
    if index >= width {
        return Err(ProofError::Index { index, width });
    }
    let (expected, found) = (siblings(index, width), path.len());
    let wrong_length = ProofError::Length { expected, found };
    if found != expected {
        return Err(wrong_length);
    }
    let mut path = path.iter();
    while width > 1 {
        if has_sibling(index, width) {
            let sibling = *path.next().ok_or(wrong_length)?;
            let (left, right) = match index % 2 {
                0 => (node, sibling),
                _ => (sibling, node),
            };
            node = left.join(right).map_err(Into::into)?;
        }
        index /= 2;
        width = width.div_ceil(2);
    }
    Ok(node)
}

/// False only for the last node of an odd number.
fn has_sibling(index: u64, width: u64) -> bool {
    index % 2 == 1 || index + 1 < width
}

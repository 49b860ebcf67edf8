"""The gallery of the lecture: `page` writes an index, a page per figure, and the charts' library once for all."""

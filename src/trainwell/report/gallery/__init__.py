"""The gallery of the lecture: `page` writes it, with a page per figure, and `cards` has a page per statement."""

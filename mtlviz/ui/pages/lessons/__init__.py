"""Lessons: steps over the real pages, the teacher's notes, hand-outs, and lessons of one's own."""

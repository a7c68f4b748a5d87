//! Boxes and points in a reply's text, back to the picture and up to the world.

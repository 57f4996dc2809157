"""Routes of this room; its owner fills it."""

"""Sessions: signed-in browsers, each a row; ending one, or all at once, is deleting rows."""

"""Files that people send: received, cleaned by their content, kept privately, handed out."""

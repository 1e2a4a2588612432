"""Other programs that are run on behalf of a person: git, pytest, an editor, an interpreter."""

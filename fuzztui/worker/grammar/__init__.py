"""What a program does with a text tells the text's syntax: separators, and what is looked for between them."""

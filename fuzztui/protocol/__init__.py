"""What coordinator and worker say to each other: messages, their framing, and the shared memory beside them."""

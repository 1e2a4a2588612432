"""What lies on disk: the corpus, crashers and their records, and the one way in which files are written."""

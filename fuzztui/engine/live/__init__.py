"""What changes while a run goes on: what people wish, the code under test, the files of the corpus."""

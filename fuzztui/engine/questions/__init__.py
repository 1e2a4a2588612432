"""What front ends can ask while a run goes on, too large or too rare to be published."""

# The program trivet.
